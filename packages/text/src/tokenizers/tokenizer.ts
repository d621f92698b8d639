/** Text to ids and back. */
export interface Tokenizer {
  readonly name: string;
  /** The text of every id, as it stands in the vocabulary; ids are places in it. */
  readonly pieces: readonly string[];
  /** Ids that stand for no text: unknown, padding, beginning, end. */
  readonly special: ReadonlySet<number>;
  /** log p of every id where the vocabulary says so; absent otherwise. */
  readonly logProbabilities?: Float64Array;
  /** Ids of a text, with the special ones that the model expects around it. */
  encode(text: string): number[];
  /** The text of ids; special ones are left out. */
  decode(ids: readonly number[]): string;
}
