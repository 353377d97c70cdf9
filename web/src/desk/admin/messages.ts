// A message's words on the page: apart at their places, and with a place put in where the cursor stands.

export interface TextPiece {
  text: string;
  place: boolean;
}

/** The words with their places apart; a brace without its other half is words. */
export function pieces(text: string): TextPiece[] {
  return text
    .split(/(\{[^{}]*\})/)
    .filter(Boolean)
    .map((piece) => ({ text: piece, place: /^\{[^{}]*\}$/.test(piece) }));
}

/** The words with something in the place of what was selected. */
export function insertAt(text: string, from: number, to: number, piece: string): string {
  return text.slice(0, from) + piece + text.slice(Math.max(from, to));
}
