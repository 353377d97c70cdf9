// The order in which every public page shows the lines of a hall: by the letter of their numbers.
export function byPrefix<T extends { readonly prefix: string }>(lines: readonly T[]): readonly T[] {
  return [...lines].sort((a, b) => a.prefix.localeCompare(b.prefix));
}
