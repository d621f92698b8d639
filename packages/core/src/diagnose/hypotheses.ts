import { add, input, layersOf, type NdArray, reshape, rewrite, sizeOf, type Tensor } from "@recon/engine";
import type { Flag, Json, Knowledge, Model, Problem } from "../problem.ts";

/** A way in which an attacker could have it easier. */
export interface Hypothesis {
  /** Completes "it would apply …". */
  readonly words: string;
  /** The problem as it would be; undefined where it is so already. */
  change(problem: Problem): Problem | undefined;
}

/** Everything that is tried: more knowledge, one sample, biases, no defence, more digits. */
export function hypotheses(problem: Problem, attackNeeds: readonly Flag[], samples: number): readonly Hypothesis[] {
  const told = ["batchSize", "labels", "labelCounts"];
  const others = attackNeeds.filter((flag) => !told.includes(flag) && problem.knowledge[flag] === undefined);
  return [
    {
      words: `with ${others.join(", ")} known`,
      change: (p) =>
        others.length === 0 ? undefined : tell(p, Object.fromEntries(others.map((flag) => [flag, true]))),
    },
    { words: "with the batch size", change: (p) => tell(p, { batchSize: samples }) },
    { words: "with the labels", change: (p) => tell(p, { labels: someLabels(p, batchOf(p, samples)) }) },
    { words: "with the label counts", change: (p) => tell(p, { labelCounts: someCounts(p, batchOf(p, samples)) }) },
    { words: "with B = 1", change: oneSample },
    { words: "with a bias in every layer", change: withBiases },
    { words: `without ${problem.defences.map(({ name }) => name).join(" and ")}`, change: undefended },
    {
      words: "with a float64 observation",
      change: (p) => (p.observationPrecision === "float64" ? undefined : { ...p, observationPrecision: "float64" }),
    },
  ];
}

/** The problem with more knowledge; undefined where the attacker has it already. */
function tell(problem: Problem, more: Knowledge): Problem | undefined {
  if (Object.keys(more).every((flag) => problem.knowledge[flag] !== undefined)) return undefined;
  return { ...problem, knowledge: { ...more, ...problem.knowledge } };
}

function batchOf(problem: Problem, samples: number): number {
  const told = problem.knowledge.batchSize;
  return typeof told === "number" ? told : samples;
}

function oneSample(problem: Problem): Problem | undefined {
  const { batchSize, labels, labelCounts, ...rest } = problem.knowledge;
  if (batchSize === 1) return undefined;
  return {
    ...problem,
    knowledge: {
      ...rest,
      batchSize: 1,
      ...(labels !== undefined && { labels: someLabels(problem, 1) }),
      ...(labelCounts !== undefined && { labelCounts: someCounts(problem, 1) }),
    },
  };
}

function undefended(problem: Problem): Problem | undefined {
  return problem.defences.length === 0 ? undefined : { ...problem, defences: [] };
}

/** Labels of the right shape: whether an attack applies must not depend on which they are. */
function someLabels({ model }: Problem, batch: number): NdArray {
  const shape = [batch, ...model.target.shape];
  const data = new Float64Array(sizeOf(shape));
  const classes = model.target.shape.at(-1) ?? 1;
  if (model.target.kind === "distribution") for (let row = 0; row < data.length; row += classes) data[row] = 1;
  return { shape, data };
}

function someCounts({ model }: Problem, batch: number): Json {
  return Array.from({ length: model.target.shape.at(-1) ?? 1 }, (_, k) => (k === 0 ? batch : 0));
}

/** The problem of a model that adds a bias, zero here, to every layer without one. */
function withBiases(problem: Problem): Problem | undefined {
  const { model } = problem;
  const parameters = Object.fromEntries(
    Object.entries({ ...model.parameters, ...model.buffers }).map(([name, { shape }]) => [name, input(name, shape)]),
  );
  const data = { input: input("input", [1, ...model.input.shape]) };
  const bare = layersOf(model.forward(parameters, data, "eval")).filter(({ bias }) => bias === undefined);
  const added = Object.fromEntries(
    bare.map((layer) => [
      `${layer.weight} bias`,
      { shape: [layer.preActivation.shape[layer.kind === "linear" ? layer.preActivation.shape.length - 1 : 1]!] },
    ]),
  );
  if (bare.length === 0) return undefined;
  const zeros = Object.fromEntries(
    Object.entries(added).map(([name, { shape }]) => [name, { shape, data: new Float64Array(sizeOf(shape)) }]),
  );
  return {
    ...problem,
    model: biased(model, added),
    params: { ...problem.params, ...zeros },
    observation: { ...problem.observation, ...zeros },
  };
}

function biased(model: Model, added: Model["parameters"]): Model {
  return {
    ...model,
    parameters: { ...model.parameters, ...added },
    forward: (parameters, data, mode) => {
      const output = model.forward(parameters, data, mode);
      const biasOf = new Map<Tensor, Tensor>();
      for (const layer of layersOf(output)) {
        const bias = parameters[`${layer.weight.replace(/^parameter /, "")} bias`];
        if (bias === undefined) continue;
        const { shape } = layer.preActivation;
        const axis = layer.kind === "linear" ? shape.length - 1 : 1;
        const along = shape.map((extent, i) => (i === axis ? extent : 1));
        biasOf.set(layer.preActivation, reshape(bias, along));
      }
      const result = rewrite({ inputs: {}, outputs: { output } }, (node, original) => {
        const bias = biasOf.get(original);
        return bias === undefined ? node : add(node, bias);
      });
      return result.outputs.output!;
    },
  };
}
