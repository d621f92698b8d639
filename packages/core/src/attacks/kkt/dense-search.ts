import { type Arrays, adam, cosineDecay, type Executor, fusedSteps, type NdArray, type Program } from "@recon/engine";
import { matrix } from "../../linear-algebra/matrix.ts";
import { multiply } from "../../linear-algebra/multiply.ts";
import type { Rng } from "../../random.ts";
import type { DenseNet } from "./dense-layers.ts";
import { denseObjective } from "./dense-objective.ts";
import type { MarginSpan } from "./margin-span.ts";

/** What a run of the search may be told, and what is searched for by the residual alone. */
export interface SearchSetting {
  /** Rate of Adam for the coordinates, in units of the box; multipliers move at .4 of it. */
  readonly rate: number;
  /** λ below this share of |Θ|²/m is penalised. */
  readonly leastMultiplier: number;
  /** Size of the start around the hull's origin, as a share of the box. */
  readonly spread: number;
  /** α of the relaxed derivative at the beginning and at the end; geometric between. */
  readonly sharpness: readonly [number, number];
}

export interface SearchRun {
  readonly setting: SearchSetting;
  /** |Θ − G| / |Θ| at the end. */
  readonly residual: number;
  /** Samples [m, d]. */
  readonly samples: NdArray;
  readonly multipliers: Float64Array;
  readonly signs: Float64Array;
  readonly evaluations: number;
}

export interface DenseSearchOptions {
  /** m, candidates; even. */
  readonly count: number;
  readonly steps: number;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  readonly executor: Executor;
  readonly rng: Rng;
  readonly signal?: AbortSignal;
}

const fused = 5;
const multiplierPace = 0.4;

/** One run: Adam on the candidates' coordinates in the hull and on the multipliers. */
export async function denseSearch(
  net: DenseNet,
  span: MarginSpan,
  setting: SearchSetting,
  options: DenseSearchOptions,
): Promise<SearchRun> {
  const { count, steps, lower, upper, executor, rng, signal } = options;
  const unit = Math.max(...upper.map((value, j) => value - lower[j]!));
  const signs = Float64Array.from({ length: count }, (_, i) => (i % 2 === 0 ? 1 : -1));
  const objective = denseObjective(net, span, {
    ...{ count, signs, lower, upper, unit },
    multiplierScale: multiplierPace,
  });
  const rounds = Math.ceil(steps / fused);
  const unrolled = fusedSteps({
    objective,
    value: "objective",
    unknowns: ["t", "multipliers"],
    optimiser: adam({ rate: cosineDecay({ rate: setting.rate, final: setting.rate / 100 }) }),
    steps: fused,
    precision: "float64",
  });
  const program = await executor.compile(unrolled.graph, { precision: "float64" });
  let judge: Program | undefined;
  try {
    const start = rng.split("start");
    const free = span.rank - 1;
    const layers = net.later.length + 1;
    let state: Arrays = unrolled.start({
      t: { shape: [count, free], data: startOf(span, count, setting.spread, start) },
      multipliers: { shape: [count], data: new Float64Array(count).fill(layers / count / multiplierPace) },
    });
    const least = { shape: [], data: Float64Array.of(setting.leastMultiplier) };
    const [soft, sharp] = setting.sharpness;
    for (let round = 0; round < rounds; round++) {
      signal?.throwIfAborted();
      const alpha = soft * (sharp / soft) ** (rounds > 1 ? round / (rounds - 1) : 1);
      // The best iterate of one α is none of another, so what is carried is the last.
      const ran = await program.run({
        ...state,
        ...unrolled.numbers({ step: round * fused, steps: rounds * fused }),
        alpha: { shape: [], data: Float64Array.of(alpha) },
        least,
      });
      state = Object.fromEntries(unrolled.carried.map((name) => [name, ran[name]!]));
    }
    judge = await executor.compile(objective, { precision: "float64" });
    const { misfit } = await judge.run({
      t: state.t!,
      multipliers: state.multipliers!,
      alpha: { shape: [], data: Float64Array.of(sharp) },
      least,
    });
    return {
      setting,
      residual: Math.sqrt(misfit!.data[0]!),
      samples: samplesOf(span, state.t!, unit),
      multipliers: Float64Array.from(state.multipliers!.data, (value) => value * multiplierPace),
      signs,
      evaluations: rounds * fused,
    };
  } finally {
    await program.dispose();
    await judge?.dispose();
  }
}

/** Samples of N(0, spread²) in every number, projected onto the hull. */
function startOf(span: MarginSpan, count: number, spread: number, rng: Rng): Float64Array {
  // The projection of white noise onto the hull's orthonormal directions is white noise there.
  return Float64Array.from({ length: count * (span.rank - 1) }, () => spread * rng.normal());
}

/** V (c₀ + N unit t) without the last entry, which is 1. */
function samplesOf(span: MarginSpan, t: NdArray, unit: number): NdArray {
  const count = t.shape[0]!;
  const moved = multiply(
    matrix(
      count,
      span.rank - 1,
      t.data.map((value) => unit * value),
    ),
    span.directions,
    { transposeB: true },
  );
  const coordinates = moved.data.map((value, at) => value + span.origin[at % span.rank]!);
  const whole = multiply(matrix(count, span.rank, coordinates), span.basis, { transposeB: true });
  const width = span.basis.rows - 1;
  const data = Float64Array.from(
    { length: count * width },
    (_, at) => whole.data[Math.floor(at / width) * whole.cols + (at % width)]!,
  );
  return { shape: [count, width], data };
}
