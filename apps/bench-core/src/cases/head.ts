import type { BenchCase, Measurement, TrialContext } from "@recon/bench";
import {
  assign,
  executorProduct,
  fromLayers,
  gradient,
  inverseChain,
  matrix,
  matrixOf,
  rng,
  unmixHead,
} from "@recon/core";
import { type Arrays, type Executor, graph, input, layersOf, type NdArray } from "@recon/engine";
import { leNetZhu, photographs } from "@recon/vision";

const batch = 8;
const given = ["architecture", "weights", "lossKind", "lossReduction", "batchSize", "labelCounts"];

/** Features behind LeNet-Zhu's head and the inputs of its last convolution, of every sample of a batch; the data itself is not determined. */
export const headCases: readonly BenchCase[] = [
  {
    id: "head-unmix-b8",
    suite: "exact",
    targets: { rms: "<=1e-9", seconds: "<=3" },
    trial: (seed, context) => trial(seed, "float64", context),
  },
  {
    id: "head-unmix-b8/float32",
    suite: "exact",
    targets: {},
    trial: (seed, context) => trial(seed, "float32", context),
  },
];

async function* trial(
  seed: number,
  precision: "float32" | "float64",
  { executor, signal }: TrialContext,
): AsyncGenerator<Measurement, void> {
  const victim = await observed(seed, precision, executor);
  const { chain, labelCounts } = victim;
  const head = chain.at(-1)!;
  const { product, dispose } = executorProduct(executor);
  try {
    const started = performance.now();
    const found = await unmixHead(
      {
        weight: matrixOf(head.weight),
        bias: head.bias!.data,
        weightGradient: matrixOf(head.weightGradient),
        biasGradient: head.biasGradient!.data,
      },
      { labelCounts, precision, range: [0, 1], rng: rng(seed).split("unmixing"), product, signal },
    );
    const seconds = (performance.now() - started) / 1000;
    const { value, residual, reason } = found;
    const earlier = value && (await inverseChain(chain.slice(-2, -1), value.features, { product, signal }));
    const rms = distances(value?.features.data, victim.features);
    const earlierRms = distances(earlier?.inputs.data, victim.earlier);
    const recovered = value !== undefined && !value.ambiguous;
    for (let i = 0; i < batch; i++) {
      yield {
        item: `features of ${victim.ids[i]}`,
        attack: "head-unmixing",
        given,
        observation: precision,
        metric: { rms: rms[i]!, earlier_rms: earlierRms[i]! },
        floorReason: "features of a net with random weights have no prior",
        certificate: "none",
        verdict: recovered ? "partial" : "budget spent",
        reason: recovered ? `${reason} The layers before lose some of the data.` : reason,
        residual,
        seconds,
        evaluations: 0,
      };
    }
  } finally {
    await dispose();
  }
}

/** A batch of photographs through LeNet-Zhu: its gradient, and what the judge alone may see. */
async function observed(seed: number, precision: "float32" | "float64", executor: Executor) {
  const random = rng(seed);
  const model = leNetZhu();
  const params = model.init(random.split("weights"));
  const data = await photographs().open();
  const order = random.split("batch").permutation(data.size).slice(0, batch);
  const items = await Promise.all(order.map((index) => data.item(index)));
  const values = { input: stacked(items.map((item) => item.input)), target: stacked(items.map((item) => item.target)) };
  const parameters = Object.fromEntries(
    Object.entries(model.parameters).map(([name, { shape }]) => [name, input(name, shape)]),
  );
  const symbols = { input: input("input", values.input.shape), target: input("target", values.target.shape) };
  const output = model.forward(parameters, symbols, "train");
  const layers = layersOf(output);
  const results = {
    ...gradient().observe(model, parameters, symbols),
    features: layers.at(-1)!.input,
    earlier: layers.at(-2)!.input,
  };
  const program = await executor.compile(graph({ ...parameters, ...symbols }, results), { precision });
  const one = { ...symbols, input: input("input", [1, ...model.input.shape]) };
  const traced = model.forward(parameters, one, "train");
  try {
    const { features, earlier, ...sent } = await program.run({ ...params, ...values });
    const chain = fromLayers({
      layers: layersOf(traced),
      input: one.input,
      output: traced,
      params,
      gradient: sent as Arrays,
    });
    if ("reason" in chain) throw new Error(chain.reason);
    const classes = values.target.shape[1]!;
    const labelCounts = new Array<number>(classes).fill(0);
    values.target.data.forEach((value, at) => {
      labelCounts[at % classes]! += value;
    });
    return { chain: chain.layers, labelCounts, features: features!, earlier: earlier!, ids: items.map(({ id }) => id) };
  } finally {
    await program.dispose();
  }
}

function stacked(items: readonly NdArray[]): NdArray {
  return {
    shape: [items.length, ...items[0]!.shape],
    data: Float64Array.from(items.flatMap(({ data }) => Array.from(data))),
  };
}

/** Euclidean distance of every true row to the row that the best matching gives it; the row's own length where there are none. */
function distances(found: Float64Array | undefined, truth: NdArray): number[] {
  const size = truth.data.length / batch;
  const row = (data: ArrayLike<number>, i: number, at: number): number => data[i * size + at]!;
  const between = (i: number, j: number | undefined): number => {
    let square = 0;
    for (let at = 0; at < size; at++) {
      square += (row(truth.data, i, at) - (j === undefined ? 0 : row(found!, j, at))) ** 2;
    }
    return Math.sqrt(square);
  };
  if (found === undefined) return Array.from({ length: batch }, (_, i) => between(i, undefined));
  const cost = matrix(
    batch,
    batch,
    Float64Array.from({ length: batch * batch }, (_, at) => between(Math.floor(at / batch), at % batch)),
  );
  return Array.from(assign(cost), (j, i) => between(i, j));
}
