/**
 * The nouns that everything shares: types only.
 *
 *     y = D( F(S) )        observed = channel( forward operator( secret data ) )
 *
 * Parameters, observations and data are all flat named sets of arrays (`Arrays`) or of symbolic tensors (`Tensors`).
 * What is on the attacker's side (`Problem`, `Attack`, `Solution`) cannot reach the truth by type: nothing in it holds a batch.
 */
import type { Arrays, Executor, NdArray, Shape, Tensor, Tensors } from "@recon/engine";
import type { Defence, VictimSide } from "./defence.ts";
import type { Domain } from "./domain.ts";
import type { Rng } from "./random.ts";
import type { StructurePrior } from "./structure-prior.ts";

export type { EntryBounds, Likelihood, MechanismStep } from "./channel-statements.ts";
export type { Channel, Defence, VictimSide } from "./defence.ts";
export type {
  Card,
  DataSource,
  Domain,
  Guess,
  Item,
  Metric,
  OpenData,
  Picture,
  Resemblance,
  ShownItem,
  Skipped,
} from "./domain.ts";
export type { Alternative, StructurePrior, StructureScorer } from "./structure-prior.ts";

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** The shape of one named tensor. In data, the first axis is the batch and is left out. */
export interface Spec {
  readonly shape: Shape;
}

/** One input of a model. */
export interface InputSpec extends Spec {
  /** Axes along which items differ in extent, up to that of `shape`; a batch is filled up with the domain's padding. None unless said. */
  readonly varies?: readonly number[];
  /** Whether the values are names, such as places in a table, between which nothing lies: then no search moves along them and no Jacobian speaks of them. */
  readonly discrete?: boolean;
}

/** What a target is: a probability distribution over the last axis (class labels are one-hot), or real numbers. */
export type TargetKind = "distribution" | "real";

/** A random part of a forward pass. */
export interface Nuisance extends Spec {
  /** Its mean, the same for every entry. */
  readonly expected: number;
  /** Values for a batch, shape [B, ...shape]. */
  draw(rng: Rng, batch: number): NdArray;
}

/** A victim. `forward` and `loss` are symbolic: they are traced once into a graph. Data is named `input` and `target`. */
export interface Model {
  readonly name: string;
  readonly options: Json;
  readonly parameters: Readonly<Record<string, Spec>>;
  /**
   * What the model holds beside its parameters and no gradient is taken of: the running statistics of batch normalisation. They are sent along with the
   * parameters, under names of their own, and a forward pass in train mode does not read them.
   */
  readonly buffers?: Readonly<Record<string, Spec>>;
  /**
   * What the client draws anew for every observation and does not send, such as the units that dropout leaves out: handed to `forward` with the data, under names
   * of its own. Whoever does not have it leaves it out, and `forward` takes what is expected of it.
   */
  readonly nuisances?: Readonly<Record<string, Nuisance>>;
  /** One input, without the batch axis. */
  readonly input: InputSpec;
  readonly target: Spec & { readonly kind: TargetKind };
  /** What `loss` computes, as users call it: `cross-entropy`, `mean-squared-error`, ... */
  readonly lossKind: string;
  /** How the loss of a batch follows from those of its samples; mean unless said. */
  readonly lossReduction?: "mean" | "sum";
  /** Initial values of parameters and buffers. */
  init(rng: Rng): Arrays;
  /** Output for a batch: logits or predictions, shape [B, ...target.shape]. `parameters` holds the buffers too. */
  forward(parameters: Tensors, data: Tensors, mode: "train" | "eval"): Tensor;
  /** Scalar loss of an output against `data.target`. */
  loss(output: Tensor, data: Tensors): Tensor;
}

/** The forward operator F: what the protocol computes from the data, symbolically. Deterministic. */
export interface Operator {
  readonly name: string;
  readonly options: Json;
  /** What a server does with it: step against a gradient (unless said), or add a difference of weights. */
  readonly observes?: "gradient" | "difference";
  /** For a difference of weights: the gradients that it is made of, in a batch of the given size. */
  readonly localTraining?: (batch: number) => LocalTraining;
  /** Unknowns of its own beside the data, by item: handed to `observe` with the data under these names, [B, ...shape], such as multipliers. None unless said. */
  readonly latents?: Readonly<Record<string, Spec>>;
  /** `parameters` holds the model's buffers too. */
  observe(model: Model, parameters: Tensors, data: Tensors): Tensors;
  /**
   * Victim's side: what is released, where that is not F(S) at weights that were there before, but weights that training on the data led to. The attacker then
   * holds the released weights as the model's, and F is what they must obey.
   */
  release?(victim: VictimSide): Promise<Arrays>;
}

/** K local steps as one sum: U = drift Θ₀ + Σₜ weightₜ ∂ℓ(Θₜ; placesₜ)/∂Θ. */
export interface LocalTraining {
  /** What weight decay alone does to the weights, as a share of them; 0 without. */
  readonly drift: number;
  /** Knowledge without which an attacker would not know this: the number and size of the steps, and what else they were taken with. */
  readonly describedBy: readonly Flag[];
  /** Weight and samples of every step's gradient. */
  readonly steps: readonly { readonly weight: number; readonly places: readonly number[] }[];
}

/** Something an attacker may know. Core's general flags; packages export more. */
export type Flag = string;

/** What the attacker knows: flag → `true` or the value. An absent flag is unknown. */
export type Knowledge = Readonly<Record<Flag, Json | NdArray>>;

/** Everything an attacker has. There is no truth in it. */
export interface Problem {
  readonly model: Model;
  /** Values of the model's parameters and buffers. */
  readonly params: Arrays;
  readonly operator: Operator;
  /** Defences known to the attacker, in order of application. */
  readonly defences: readonly Defence[];
  readonly observation: Arrays;
  /** What a real client sends is float32. */
  readonly observationPrecision: "float32" | "float64";
  readonly knowledge: Knowledge;
  readonly domain: Domain;
}

/** Limits of one attack. Evaluations of the forward operator count; a time limit is a cut-off and is recorded as one. */
export interface Budget {
  readonly evaluations: number;
  readonly timeLimitMs?: number;
}

/** What an attack works with besides the problem. */
export interface AttackContext {
  readonly executor: Executor;
  readonly budget: Budget;
  readonly rng: Rng;
  readonly signal: AbortSignal;
}

export interface Progress {
  readonly kind: "progress";
  readonly evaluations: number;
  /** Of the budget, in [0, 1]. */
  readonly fraction: number;
  readonly objective: number;
  readonly message?: string;
}

export type CertificateLevel = "none" | "consistent" | "locally-unique" | "exact";
export type Verdict = "recovered" | "partial" | "not identifiable" | "budget spent";

/** A statement that can be checked without the truth. */
export interface Certificate {
  readonly level: CertificateLevel;
  readonly reason: string;
}

/** One point of a convergence curve. */
export interface TracePoint {
  readonly evaluations: number;
  readonly objective: number;
}

/** What an attack found. `value` holds batches named as the model's data: `input`, `target`. */
export interface Solution {
  readonly kind: "solution";
  readonly value: Arrays;
  readonly certificate: Certificate;
  /** Per entry of `value`: standard deviations under the names of `value`, quantiles under `input 5%`, `input 50%`, ... (`credibleInterval` reads them). */
  readonly uncertainty?: Arrays;
  /** Numbers by which the search itself can be judged, such as the agreement of its chains. */
  readonly diagnostics?: Readonly<Record<string, number>>;
  /** ‖F(x̂) − y‖ / ‖y‖ over the entries the channel left usable. */
  readonly residual: number;
  /** Knowledge the attack used. */
  readonly given: readonly Flag[];
  readonly evaluations: number;
  readonly verdict: Verdict;
  readonly reason: string;
  readonly trace: readonly TracePoint[];
  /** For a composed attack: which part found this, and why the others did not. */
  readonly explanation?: string;
}

/** `true`, or why not. */
export type Applicability = true | { readonly reason: string };

/** A named composition with a citation. */
export interface Attack {
  readonly name: string;
  readonly options: Json;
  readonly cite: string;
  /** Knowledge without which it cannot run. */
  readonly needs: readonly Flag[];
  /** Names of an operator's `latents` that it solves for beside the data; none unless said, and then it refuses operators that have some. */
  readonly latents?: readonly string[];
  applies(problem: Problem): Applicability;
  /** The exact solvers in it, by itself or with others; none unless said. A diagnosis asks them whether they apply. */
  exact?(): readonly Attack[];
  /** What it sees coming before it runs: which part of the unknown the observation can give away, and why. */
  foresee?(problem: Problem, context: Pick<AttackContext, "executor" | "rng" | "signal">): Promise<string>;
  run(problem: Problem, context: AttackContext): AsyncIterable<Progress | Solution>;
}

/** A prior over the unknown input, by kind; solvers say which kinds they take. */
export type Prior = EnergyPrior | GeneratorPrior | DenoiserPrior | DiscretePrior | StructurePrior;

/** −log p(x) up to a constant, as a scalar tensor. */
export interface EnergyPrior {
  readonly kind: "energy";
  readonly name: string;
  readonly options: Json;
  energy(x: Tensor): Tensor;
  /** −log p(x, t) of inputs and the real targets that belong to them, up to a constant; absent where the prior says nothing of targets. */
  jointEnergy?(x: Tensor, target: Tensor): Tensor;
  /** A quadratic energy in place of one that is not: up to a constant the one that touches it at x and is nowhere below it, or, without x, one of about the same spread. */
  quadratic?(x?: NdArray): EnergyPrior;
  /** The prior's best guess, or a sample, for items of the given shape: what an attacker without an observation would say. */
  blind?(shape: Shape, rng: Rng): NdArray;
  /** A draw, where one can be made. */
  sample?(shape: Shape, rng: Rng): NdArray;
}

/** x = G(z; θ): the unknown is written as the output of a generator. */
export interface GeneratorPrior {
  readonly kind: "generator";
  readonly name: string;
  readonly options: Json;
  /** Free variables of the generator for a batch, and where a search starts. */
  init(shape: Shape, rng: Rng): Arrays;
  /** `weights` stand in for the generator's own, where it has any that can be moved. */
  decode(latent: Tensors, shape: Shape, weights?: Tensors): Tensor;
  /** −log p(z) up to a constant, as a scalar; absent where the free variables have no distribution. */
  latentEnergy?(latent: Tensors): Tensor;
  /** What it has learned, where a search may move it too. */
  readonly weights?: Arrays;
  blind?(shape: Shape, rng: Rng): NdArray;
  sample?(shape: Shape, rng: Rng): NdArray;
}

/** What of y = x + σ n, n ~ N(0, I), is x: the mean of the posterior under the prior, which says the score too, ∇ log p(y) = (D(y, σ) − y) / σ². */
export interface DenoiserPrior {
  readonly kind: "denoiser";
  readonly name: string;
  readonly options: Json;
  /** D(y, σ) of the shape of y, [B, ...]; σ > 0 in the units of the unknown, a scalar or one an item [B]. */
  denoise(y: Tensor, sigma: Tensor): Tensor;
  /** Least and greatest σ that it was made for. */
  readonly sigmaRange: readonly [number, number];
  blind?(shape: Shape, rng: Rng): NdArray;
  sample?(shape: Shape, rng: Rng): NdArray;
}

/** A distribution over sequences of symbols. Which symbols there are, the domain says. */
export interface DiscretePrior {
  readonly kind: "discrete";
  readonly name: string;
  readonly options: Json;
  /** Built when it is first asked for, and kept. Throws `ReconError` for a domain that is not one of symbols. */
  scorer(domain: Domain): DiscreteScorer;
}

/** Scores sequences of the symbols 0 … size − 1, in nats. */
export interface DiscreteScorer {
  readonly size: number;
  /** log p(symbols), the end of the sequence counted. */
  logProbability(symbols: readonly number[]): number;
  /** p(symbol | all before it) for every symbol, [size]; what is missing to 1 is the probability of the end. */
  next(before: readonly number[]): Float64Array;
  /** log p(with `replacement` in place of symbols `start` to `end` − 1) − log p(symbols), at the cost of what changes. */
  change(symbols: readonly number[], start: number, end: number, replacement: readonly number[]): number;
  /** A draw of the given shape, one item without a batch axis. */
  sample(shape: Shape, rng: Rng): NdArray;
}
