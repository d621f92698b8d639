/** The nouns of data: what the unknown is, how it is scored and shown, and where it comes from. Types only. */
import type { NdArray, Shape } from "@recon/engine";
import type { Flag, Json } from "./problem.ts";

/** A score of one item. `estimate` and `truth` have no batch axis. */
export interface Metric {
  readonly name: string;
  /** What of the item it scores; the input unless said. */
  readonly of?: "input" | "target";
  readonly unit: string;
  readonly better: "higher" | "lower";
  readonly perfect: number;
  readonly invariances: readonly string[];
  score(estimate: NdArray, truth: NdArray): number;
}

/** When a reconstruction is taken for an item of the data: higher scores are more alike. */
export interface Resemblance {
  readonly name: string;
  score(estimate: NdArray, item: NdArray): number;
  /** Above it an item counts as found: someone who knows it would recognise it. */
  readonly similar: number;
  /** Above it little is changed. */
  readonly nearVerbatim: number;
  /** Above it nothing that matters is. */
  readonly verbatim: number;
}

export type Picture = { readonly title: string; readonly caption: string } & (
  | { readonly svg: string }
  | { readonly png: Uint8Array }
  | { readonly spans: readonly { readonly text: string; readonly mark: string }[] }
);

/** What a picture may show of one item; nothing in it has a batch axis. */
export interface ShownItem {
  readonly estimate?: NdArray;
  readonly truth?: NdArray;
  readonly floor?: NdArray;
  /** The same of the item's target. */
  readonly targets?: Pick<ShownItem, "estimate" | "truth" | "floor">;
  /** Who says what is shown as `floor`: a name such as `mean of the data`. */
  readonly floorName?: string;
  /** Standard deviation of every entry of the estimate, where the attack gave one. */
  readonly uncertainty?: NdArray;
}

/** What the unknown is: its box, how it is scored and how it is shown. Each modality brings its own. */
export interface Domain {
  readonly name: string;
  readonly options: Json;
  /** What a batch of items of different extents is filled up with; absent where all items have one shape. */
  readonly padding?: number;
  /** Values of this domain's own flags for a batch, such as how long its items are: the victim's side, for attackers who are told them. */
  readonly told?: Readonly<Record<Flag, (batch: NdArray) => Json | NdArray>>;
  /** Bounds of one item, broadcastable to its shape. */
  readonly lower: NdArray;
  readonly upper: NdArray;
  readonly metrics: readonly Metric[];
  /** For counts of items that come out of trained weights; absent where the domain does not say. */
  readonly resemblance?: Resemblance;
  /** The best guess about one item of someone who saw nothing, without the batch axis. */
  blind(shape: Shape): NdArray;
  /** The same of a target; needed where a metric scores targets. */
  blindTarget?(shape: Shape): NdArray;
  render(item: ShownItem): Promise<readonly Picture[]>;
}

/** Where a source's data comes from, and under which licence. */
export interface Card {
  readonly title: string;
  readonly source: string;
  readonly licence: string;
  readonly note?: string;
}

/** What someone would say of an item who saw no observation but what lies around it, such as the record before it. */
export interface Guess {
  /** In words, such as `the record before`. */
  readonly name: string;
  readonly input: NdArray;
  readonly target: NdArray;
}

/** One labelled item; `target` is one-hot for classes. */
export interface Item {
  readonly id: string;
  readonly input: NdArray;
  readonly target: NdArray;
  /** The judge takes it as the floor where it is better than the domain's blind guess; no attack sees it. */
  readonly guess?: Guess;
}

export interface DataSource {
  readonly name: string;
  readonly options: Json;
  readonly card: Card;
  readonly domain: Domain;
  open(): Promise<OpenData>;
}

/** An item that is not used, and why. */
export interface Skipped {
  readonly id: string;
  readonly reason: string;
  /** Left out because the source's options say so, such as a largest extent; absent where the item itself is at fault. */
  readonly byOptions?: true;
}

export interface OpenData {
  readonly size: number;
  /** Items that could not be read or are not wanted. */
  readonly skipped: readonly Skipped[];
  item(index: number): Promise<Item>;
  /** Items apart from these, which victims and priors may be trained on; where it is absent, all that a trial does not draw. */
  readonly training?: Omit<OpenData, "skipped" | "training">;
}
