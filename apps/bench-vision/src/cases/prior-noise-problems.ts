/** Batches of a split source behind a gradient with noise, and what attacks make of them: what the cases of learned priors share. */
import type { TrialContext } from "@recon/bench";
import {
  type Attack,
  composeDefences,
  type DataSource,
  type Defence,
  defaultKnowledge,
  gaussianNoise,
  gradient,
  type Model,
  type Problem,
  type Rng,
  rng,
  type Solution,
  stack,
} from "@recon/core";
import { type Arrays, graph, input, type NdArray } from "@recon/engine";
import { type ImageDomain, psnr } from "@recon/vision";

/** A victim, and which items are whose. */
export interface NoisyVictim {
  readonly source: DataSource & { readonly domain: ImageDomain };
  readonly model: Model;
  readonly batch: number;
  /** Indices of one batch, drawn. */
  readonly draw: { readonly tuning: (rng: Rng) => readonly number[]; readonly audit: (rng: Rng) => readonly number[] };
}

/** What the attackers of these cases are told. */
export const toldOfPriors: readonly string[] = [...defaultKnowledge, "labels"];

export interface NoisyProblem {
  readonly problem: Problem;
  /** For the judge alone. */
  readonly truth: NdArray;
}

/** One drawn batch at every level of noise; weights and noise are drawn too. */
export async function noisyProblems(
  { source, model, draw }: NoisyVictim,
  part: "tuning" | "audit",
  levels: readonly number[],
  { executor }: Pick<TrialContext, "executor">,
  random: Rng,
): Promise<readonly NoisyProblem[]> {
  const data = await source.open();
  const items = await Promise.all(draw[part](random.split("items")).map((index) => data.item(index)));
  const values = { input: stack(items.map((item) => item.input)), target: stack(items.map((item) => item.target)) };
  const params = model.init(random.split("weights"));
  const symbols = Object.fromEntries(Object.entries(params).map(([name, { shape }]) => [name, input(name, shape)]));
  const symbolic = { input: input("x", values.input.shape), target: input("y", values.target.shape) };
  const inputs = { ...symbols, x: symbolic.input, y: symbolic.target };
  const program = await executor.compile(graph(inputs, gradient().observe(model, symbols, symbolic)));
  try {
    const clean = await program.run({ ...params, x: values.input, y: values.target });
    return levels.map((level) => {
      const defences = [gaussianNoise({ rel_noise: level })];
      const observation = released(clean, defences, random.split(`noise ${level}`));
      return { truth: values.input, problem: problemOf({ source, model, params, observation, defences, ...values }) };
    });
  } finally {
    await program.dispose();
  }
}

/** As a client sends it: float32. */
function released(clean: Arrays, defences: readonly Defence[], random: Rng): Arrays {
  const noisy = composeDefences(defences).channel!.apply(clean, random);
  return Object.fromEntries(
    Object.entries(noisy).map(([name, { shape, data }]) => [name, { shape, data: Float32Array.from(data) }]),
  );
}

function problemOf(of: {
  readonly source: NoisyVictim["source"];
  readonly model: Model;
  readonly params: Arrays;
  readonly observation: Arrays;
  readonly defences: readonly Defence[];
  readonly target: NdArray;
  readonly input: NdArray;
}): Problem {
  const { source, model, params, observation, defences, target } = of;
  return {
    ...{ model, params, observation, defences, operator: gradient(), domain: source.domain },
    observationPrecision: "float32",
    knowledge: {
      ...Object.fromEntries(defaultKnowledge.map((flag) => [flag, true as const])),
      batchSize: target.shape[0]!,
      lossKind: model.lossKind,
      lossReduction: model.lossReduction ?? "mean",
      labels: target,
    },
  };
}

/** Runs an attack to its end. */
export async function solve(
  attack: Attack,
  problem: Problem,
  { executor, signal }: Pick<TrialContext, "executor" | "signal">,
  evaluations: number,
): Promise<Solution> {
  const context = { executor, signal, budget: { evaluations }, rng: rng("prior noise") };
  for await (const event of attack.run(problem, context)) if (event.kind === "solution") return event;
  throw new Error(`The attack ${attack.name} ended without a solution.`);
}

/** Mean PSNR over the items of a batch, in their order: labels are told, and no two of a batch are equal. */
export function batchPsnr(estimate: NdArray, truth: NdArray, domain: ImageDomain): number {
  const batch = truth.shape[0]!;
  const size = truth.data.length / batch;
  const item = ({ data }: NdArray, b: number): Float64Array =>
    domain.pixels({ shape: domain.shape, data: Float64Array.from(data.subarray(b * size, (b + 1) * size)) });
  const scores = Array.from({ length: batch }, (_, b) => psnr(item(estimate, b), item(truth, b)));
  return scores.reduce((total, score) => total + score / batch, 0);
}

export function meanOf(values: readonly number[]): number {
  return values.reduce((total, value) => total + value / values.length, 0);
}
