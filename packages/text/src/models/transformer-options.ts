import { type Checks, checkOptions, integer, nonEmpty, oneOf, positive } from "@recon/core/options";

/** Size of a transformer with random weights, or where its weights lie. */
export interface TransformerOptions {
  readonly layers?: number;
  /** Width H of the state of a token. */
  readonly width?: number;
  readonly heads?: number;
  /** Width of the hidden layer between attentions; 4 H unless said. */
  readonly hidden?: number;
  /** Most ids of one input. */
  readonly positions?: number;
  /** Deviation of the initial weights, .02 unless said. */
  readonly std?: number;
  /** Whether the client trains the tables of embeddings and sends their gradient; `frozen` unless said, as the protocols of the literature have it. */
  readonly embeddings?: "frozen" | "trained";
  /** Folder with config.json and model.safetensors; the sizes above then come from there. */
  readonly folder?: string;
  /** Name of a model on the hub that `fetchModel` has fetched; stands for the folder where that put it. */
  readonly hub?: string;
}

const checks: Checks<TransformerOptions> = {
  layers: integer(1, 200),
  width: integer(2, 20_000),
  heads: integer(1, 256),
  hidden: integer(1, 100_000),
  positions: integer(1, 100_000),
  std: positive(),
  embeddings: oneOf(["frozen", "trained"]),
  folder: nonEmpty(),
  hub: nonEmpty(),
};

/** Refuses unknown or impossible options. @throws ReconError `bad-option`. */
export function checkTransformerOptions<T extends TransformerOptions>(
  piece: string,
  options: T,
  more: Checks<Omit<T, keyof TransformerOptions>>,
): void {
  checkOptions(piece, options, { ...checks, ...more } as unknown as Checks<T>);
}
