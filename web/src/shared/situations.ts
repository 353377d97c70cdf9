// Which questions of a matter are asked after the answers given so far: questions form a tree. Knows no page.
export interface TreeQuestion {
  readonly options: readonly { readonly id: string }[];
  readonly asked_if?: readonly string[];
}

/** The questions that are asked, in order. An answer to a question that is no longer asked counts for nothing. */
export function askedOf<Q extends TreeQuestion>(questions: readonly Q[], chosen: readonly string[]): Q[] {
  const asked: Q[] = [];
  const counted = new Set<string>();
  for (const question of questions) {
    const after = question.asked_if ?? [];
    if (after.length > 0 && !after.some((id) => counted.has(id))) continue;
    asked.push(question);
    question.options.filter(({ id }) => chosen.includes(id)).forEach(({ id }) => counted.add(id));
  }
  return asked;
}

/** Those of the answers that belong to questions which are asked. */
export function countedOf(questions: readonly TreeQuestion[], chosen: readonly string[]): string[] {
  const known = new Set(askedOf(questions, chosen).flatMap(({ options }) => options.map(({ id }) => id)));
  return chosen.filter((id) => known.has(id));
}
