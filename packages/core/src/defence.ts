/** What protects data: the channel and the defence. Types only. */
import type { Arrays, Executor, Tensors } from "@recon/engine";
import type { EntryBounds, Likelihood, MechanismStep } from "./channel-statements.ts";
import type { Json, Knowledge, Model, Operator } from "./problem.ts";
import type { Rng } from "./random.ts";

/** The channel D: what happens to the clean observation before the attacker sees it. */
export interface Channel {
  /** Victim's side: applies the channel to concrete arrays. Never mutates its input. */
  apply(clean: Arrays, rng: Rng): Arrays;
  /**
   * Attacker's side: the deterministic part, symbolically, as far as the defence's parameters are known. Identity where there is none. With `observed`,
   * random choices that it shows, such as which entries were pruned, are applied too.
   */
  known(clean: Tensors, observed?: Arrays): Tensors;
  /** Standard deviation of the noise the channel adds, an entry; 0 for a noiseless channel. `clean` gives the scale of relative noise. */
  noiseStd(observed: Arrays): number;
  readonly likelihood?: (observed: Arrays) => Likelihood;
  /** Knowledge that the observation itself gives away (a pruning mask is visible as exact zeros). */
  visible?(observed: Arrays): Knowledge;
  /** Whether its output is its input times one positive number. */
  readonly scalesOnly?: boolean;
  /** What bounds on the channel's output say of its clean input; absent where they say nothing, as behind noise. */
  preimage?(output: EntryBounds): EntryBounds;
}

/** A defence acts on the model, on the operator, or as a channel on the clean observation. */
export interface Defence {
  readonly name: string;
  readonly options: Json;
  model?(model: Model): Model;
  operator?(operator: Operator): Operator;
  /** What the attacker may assume of the channel; also what the victim applies, unless the defence is fitted to the data. */
  readonly channel?: Channel;
  /** Victim's side: the channel itself, where it depends on the data that it protects. */
  fit?(victim: VictimSide): Promise<Channel>;
  /** What a privacy accountant must know of it, in order. A defence with a channel that does not say counts as looking at the data. */
  readonly mechanism?: readonly MechanismStep[];
}

/** What the victim's own side can see: a defence that is fitted to the data, an operator that trains on it. */
export interface VictimSide {
  readonly model: Model;
  readonly operator: Operator;
  readonly params: Arrays;
  /** `input`, `target` and the model's nuisances, batch first. */
  readonly data: Arrays;
  readonly executor: Executor;
  readonly rng: Rng;
  readonly signal?: AbortSignal;
}
