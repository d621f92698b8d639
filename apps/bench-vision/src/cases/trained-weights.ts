import type { BenchCase, Measurement, TrialContext } from "@recon/bench";
import {
  assign,
  type Domain,
  type Item,
  kkt,
  type Model,
  matrix,
  memorisation,
  type Problem,
  rng,
  type Solution,
  stack,
  stationarity,
} from "@recon/core";
import type { Arrays } from "@recon/engine";
import { digits, mlp } from "@recon/vision";

const given = ["architecture", "weights", "batchSize", "inputRange"];

interface Attacked {
  readonly solution: Solution;
  readonly seconds: number;
}

/** Trains a victim on the items, in float64, and attacks the weights as a client's float32. */
async function attacked(
  model: Model,
  domain: Domain,
  data: Arrays,
  operator: ReturnType<typeof stationarity>,
  seed: number,
  { executor, signal, quick }: TrialContext,
): Promise<Attacked> {
  const random = rng(seed).split("victim");
  const trained = await operator.release!({ model, operator, params: {}, data, executor, signal, rng: random });
  const observation = Object.fromEntries(
    Object.entries(trained).map(([name, { shape, data: values }]) => [
      name,
      { shape, data: Float32Array.from(values) },
    ]),
  );
  const problem: Problem = {
    ...{ model, operator, observation, domain, params: observation, defences: [], observationPrecision: "float32" },
    knowledge: { architecture: true, weights: true, batchSize: data.input!.shape[0]!, inputRange: true },
  };
  const budget = { evaluations: quick ? 1200 : 12_000 };
  const started = performance.now();
  let solution: Solution | undefined;
  for await (const event of kkt().run(problem, { executor, signal, budget, rng: rng(seed).split("attack") })) {
    if (event.kind === "solution") solution = event;
  }
  return { solution: solution!, seconds: (performance.now() - started) / 1000 };
}

function measured({ solution, seconds }: Attacked, metric: Measurement["metric"], floorReason: string): Measurement {
  const { certificate, verdict, reason, residual, evaluations } = solution;
  return {
    ...{ item: "all", attack: "kkt", given, observation: "float32", metric, floorReason },
    ...{ certificate: certificate.level, verdict, reason, residual, evaluations, seconds },
  };
}

const plane: Domain = {
  name: "plane",
  options: {},
  lower: { shape: [], data: Float64Array.of(-1.5) },
  upper: { shape: [], data: Float64Array.of(1.5) },
  metrics: [],
  blind: (shape) => ({ shape, data: new Float64Array(2) }),
  render: async () => [],
};

const points = 10;

/** Points on the circle, each up to a fifth of their spacing off its place; labels alternate, or one half of the circle has each. */
function onCircle(seed: number, labels: "alternating" | "halves"): Arrays {
  const jitter = rng(seed).split("circle");
  const input = new Float64Array(2 * points);
  for (let i = 0; i < points; i++) {
    const angle = (2 * Math.PI * (i + 0.4 * (jitter.uniform() - 0.5))) / points;
    input.set([Math.cos(angle), Math.sin(angle)], 2 * i);
  }
  const odd = (i: number): number => (labels === "alternating" ? i % 2 : Number(i < points / 2));
  const target = Float64Array.from({ length: points }, (_, i) => odd(i));
  return { input: { shape: [points, 2], data: input }, target: { shape: [points, 1], data: target } };
}

function planarCase(id: string, labels: "alternating" | "halves", targets: BenchCase["targets"]): BenchCase {
  return {
    ...{ id, suite: "core", targets, seeds: 5, share: 0.8 },
    async *trial(seed, context): AsyncGenerator<Measurement, void> {
      const model = mlp({ sizes: [2, 200, 1], biases: "first" }, { input: [2], classes: 1 });
      const data = onCircle(seed, labels);
      const operator = stationarity({ steps: 15_000, first_layer: 1e-2 });
      const result = await attacked(model, plane, data, operator, seed, context);
      const { shape, data: found } = result.solution.value.input!;
      const truth = data.input!.data;
      const distances = Array.from({ length: points }, (_, i) =>
        Array.from({ length: shape[0]! }, (_, k) =>
          Math.hypot(found[2 * k]! - truth[2 * i]!, found[2 * k + 1]! - truth[2 * i + 1]!),
        ),
      );
      const places = Array.from(assign(matrix(points, shape[0]!, distances.flat())));
      const errors = places.map((place, i) => (place < 0 ? Number.POSITIVE_INFINITY : distances[i]![place]!));
      const close = Array.from({ length: shape[0]! }, (_, k) => distances.some((row) => row[k]! <= 0.01));
      const metric = { max_error: Math.max(...errors), false_points: close.filter((one) => !one).length };
      yield measured(result, metric, "without the weights nothing says where on the plane the points are");
    },
  };
}

const items = 20;

const digitsCase: BenchCase = {
  id: "kkt-digits-n20",
  suite: "core",
  targets: { excess_hits: ">=10", seconds: "<=600" },
  seeds: 3,
  async *trial(seed, context): AsyncGenerator<Measurement, void> {
    const source = digits({ labels: "parity", centred: true });
    const open = await source.open();
    const order = rng(seed)
      .split("digits")
      .permutation(open.size)
      .slice(0, 8 * items);
    const drawn: Item[] = await Promise.all(order.map((index) => open.item(index)));
    // As many odd ones as even ones, on both sides.
    const half = (odd: number, from: number): Item[] =>
      drawn.filter(({ target }) => target.data[0] === odd).slice(from, from + items / 2);
    const batch = (from: number): Arrays => {
      const chosen = [...half(1, from), ...half(0, from)];
      return { input: stack(chosen.map(({ input }) => input)), target: stack(chosen.map(({ target }) => target)) };
    };
    const model = mlp({ sizes: [784, 200, 200, 1], biases: "first" }, { input: [1, 28, 28], classes: 1 });
    const data = batch(0);
    const result = await attacked(model, source.domain, data, stationarity(), seed, context);
    const { resemblance } = source.domain;
    const unseen = batch(items / 2);
    const ceiling = memorisation(data.input!, data.input!, unseen.input!, resemblance!);
    const said = memorisation(result.solution.value.input!, data.input!, unseen.input!, resemblance!);
    const metric = {
      hits: said.trained.similar,
      hits_control: said.heldOut.similar,
      excess_hits: said.excess,
      // What the training digits themselves would score: clean digits are like one another.
      excess_of_truth: ceiling.excess,
      near_verbatim: said.trained.nearVerbatim,
      near_verbatim_control: said.heldOut.nearVerbatim,
      ssim: said.trained.scores.reduce((a, b) => a + b, 0) / items,
      ssim_control: said.heldOut.scores.reduce((a, b) => a + b, 0) / items,
    };
    yield measured(result, metric, "hits_control counts the hits of the same candidates on as many unseen digits");
  },
};

/**
 * Training data out of trained weights.
 *
 * `hits` counts training digits with SSIM (7 × 7, uniform) above .4, `near_verbatim` above .9; `…_control` are those of the same candidates on as many digits that the
 * victim never saw; `excess_hits` is the difference, and `excess_of_truth` what the training digits themselves would score, as clean digits are like one another.
 */
export const trainedWeightsCases: readonly BenchCase[] = [
  planarCase("kkt-2d", "alternating", { max_error: "<=0.01", false_points: "<=1", seconds: "<=1" }),
  planarCase("kkt-2d/collapsed", "halves", {}),
  digitsCase,
];
