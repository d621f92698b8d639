/** What is asked of a model of language. */
export interface LanguageModel {
  /** Name, for the record. */
  readonly name: string;
  /** log p of a sequence of ids. */
  logProbability(ids: readonly number[]): number;
}

/** −log p / n of a text of n ids, those left out that stand for no text. */
export function languageLoss(model: LanguageModel, ids: readonly number[], special: ReadonlySet<number>): number {
  const words = ids.filter((id) => !special.has(id));
  return words.length === 0 ? 0 : -model.logProbability(words) / words.length;
}
