import {
  assign,
  executorProduct,
  type Matrix,
  matrix,
  rms,
  rng,
  type TensorStartOptions,
  tensorStart,
  twoLayerTensor,
} from "@recon/core";
import type { Executor } from "@recon/engine";
import type { ActivationName } from "../victims/two-layer.ts";
import { type Draw, observedBlock } from "./observed-block.ts";

/** One number of a figure. */
export interface FigurePoint {
  readonly figure: string;
  readonly curve: string;
  readonly activation: ActivationName;
  readonly batch: number;
  readonly d: number;
  readonly m: number;
  readonly seed: number;
  /** √mean ‖x̂ − x‖² after matching, modulo signs. */
  readonly rms: number;
}

type Method = Pick<TensorStartOptions, "span" | "source" | "order"> | "polished";

/** One curve of a figure: a method on draws. */
interface Curve {
  readonly name: string;
  readonly method: Method;
}

/** A figure: which draws, and the methods that run on each of them. */
export interface Figure {
  readonly name: string;
  readonly draws: readonly Omit<Draw, "seed">[];
  readonly curves: (activation: ActivationName) => readonly Curve[];
}

const even: ReadonlySet<ActivationName> = new Set(["relu", "gelu", "silu"]);
const odd: ReadonlySet<ActivationName> = new Set(["tanh", "sigmoid", "erf", "sin"]);

/** The paper's estimates from either gradient, ours with the exact span, and ours with the polish. */
function curves(activation: ActivationName): readonly Curve[] {
  const order = even.has(activation) ? 4 : 3;
  const span = odd.has(activation) ? 3 : 2;
  const ofOutput: Curve = { name: "paper, output gradient", method: { span, source: "output" } };
  const exactOfOutput: Curve = { name: "exact span, output gradient", method: { span: "exact", source: "output" } };
  return [
    ...(order === 3 ? [ofOutput, exactOfOutput] : []),
    { name: "paper, first-layer gradient", method: { span, source: "weight", order } },
    { name: "exact span", method: { span: "exact", source: "weight", order } },
    { name: "exact span and polish", method: "polished" },
  ];
}

/** The figures of the paper: error against m, against d, and by activation. */
export const figures: readonly Figure[] = [
  {
    name: "tensor-error-m",
    draws: [500, 1000, 2000, 4000, 8000, 16_000].map((hidden) => ({
      activation: "tanh",
      batch: 4,
      inputs: 50,
      hidden,
    })),
    curves,
  },
  {
    name: "tensor-error-d",
    draws: [25, 50, 100, 200, 400].map((inputs) => ({
      activation: "x^2+x^3",
      batch: 2,
      inputs,
      hidden: 8000,
      lift: 3,
    })),
    curves,
  },
  {
    name: "tensor-error-activation",
    draws: (
      ["x^2+x^3", "tanh", "sigmoid", "erf", "sin", "sin(z+.8)", "tanh(z+1)", "relu", "gelu", "silu"] as const
    ).map((activation) => ({
      activation,
      batch: 4,
      inputs: 50,
      hidden: 4000,
      ...(activation === "x^2+x^3" && { lift: 3 }),
    })),
    curves,
  },
];

/** Runs every method on every draw of a figure. */
export async function* figurePoints(figure: Figure, seeds: number, executor: Executor): AsyncGenerator<FigurePoint> {
  const { product, dispose } = executorProduct(executor);
  try {
    for (const draw of figure.draws) {
      for (let seed = 1; seed <= seeds; seed++) {
        const victim = await observedBlock({ ...draw, seed }, executor);
        const { activation, batch, inputs: d, hidden: m } = draw;
        for (const { name, method } of figure.curves(activation)) {
          const stream = rng(seed).split(name);
          const estimate =
            method === "polished"
              ? // The length tells the scale of homogeneous activations; the others find it by themselves.
                (
                  await twoLayerTensor(victim.block, {
                    precision: "float64",
                    batchSize: batch,
                    inputLength: 1,
                    product,
                    rng: stream,
                  })
                ).value?.inputs
              : await tensorStart(victim.block, { ...method, batchSize: batch, product, rng: stream });
          const error = estimate === undefined ? Number.NaN : batchError(estimate, victim.truth);
          yield { figure: figure.name, curve: name, activation, batch, d, m, seed, rms: error };
        }
        await victim.dispose();
      }
    }
  } finally {
    await dispose();
  }
}

function batchError(estimate: Matrix, truth: Matrix): number {
  const { score } = rms({ sign: true });
  const row = (a: Matrix, i: number) => ({ shape: [a.cols], data: a.data.subarray(i * a.cols, (i + 1) * a.cols) });
  const cost = matrix(truth.rows, estimate.rows);
  for (let i = 0; i < truth.rows; i++) {
    for (let j = 0; j < estimate.rows; j++)
      cost.data[i * estimate.rows + j] = score(row(estimate, j), row(truth, i)) ** 2;
  }
  const places = assign(cost);
  return Math.sqrt(Array.from(places, (j, i) => cost.data[i * cost.cols + j]!).reduce((a, b) => a + b, 0) / truth.rows);
}
