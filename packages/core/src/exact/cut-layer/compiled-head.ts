import {
  type Arrays,
  type Executor,
  grad,
  graph,
  input,
  jvp,
  type LinearLayer,
  type NdArray,
  type Program,
  type Tensor,
  vjp,
} from "@recon/engine";
import { type Matrix, matrix } from "../../linear-algebra/matrix.ts";
import type { Model } from "../../problem.ts";
import { type HeadBehind, headBehind } from "./head-behind.ts";

/** One linear layer's part of the gradient, Σᵢ rᵢ hᵢᵀ: what enters it and the errors at its pre-activations, or how these change. */
export interface LayerSignals {
  /** h [N, F]. */
  readonly inputs: Matrix;
  /** r [N, K]. */
  readonly errors: Matrix;
}

/** What the gradients of a cut layer and of those behind it are made of at given pre-activations; or how it changes; or what it is weighed with. */
export interface HeadSignals {
  /** δ = ∂ℓ/∂z [N, m]. */
  readonly errors: Matrix;
  /** Of the linear layers of the head, in their order. */
  readonly layers: readonly LayerSignals[];
}

/** A head as float64 programs, compiled when first asked for, one for each number of samples. */
export interface CompiledHead {
  readonly layer: LinearLayer;
  readonly layers: readonly LinearLayer[];
  /** Signals at z [N, m] for targets [N, ...]. */
  at(z: Matrix, target: NdArray): Promise<HeadSignals>;
  /** Signals, and their derivatives along ż [N, m]. */
  along(
    z: Matrix,
    target: NdArray,
    direction: Matrix,
  ): Promise<{ readonly at: HeadSignals; readonly change: HeadSignals }>;
  /** Gradient by z [N, m] of the sum of all signals times weights. */
  back(z: Matrix, target: NdArray, weights: HeadSignals): Promise<Matrix>;
  dispose(): Promise<void>;
}

type Kind = "at" | "along" | "back";

/** Compiles the head behind a cut layer; undefined as for `headBehind`. */
export function compiledHead(
  model: Model,
  weight: string,
  params: Arrays,
  executor: Executor,
): CompiledHead | undefined {
  const probe = headBehind(model, weight, 2);
  if (probe === undefined) return undefined;
  const values = Object.fromEntries(Object.keys(probe.parameters).map((name) => [name, params[name]!]));
  const programs = new Map<string, Promise<Program>>();
  const run = async (kind: Kind, samples: number, arrays: Arrays): Promise<Arrays> => {
    const key = `${kind} ${samples}`;
    const program =
      programs.get(key) ??
      executor.compile(headGraph(headBehind(model, weight, samples)!, kind), { precision: "float64" });
    programs.set(key, program);
    return (await program).run({ ...values, ...arrays });
  };
  const count = probe.layers.length;
  return {
    layer: probe.layer,
    layers: probe.layers,
    at: async (z, target) => signalsOf(await run("at", z.rows, { z: arrayOf(z), target }), count),
    along: async (z, target, direction) => {
      const found = await run("along", z.rows, { z: arrayOf(z), target, direction: arrayOf(direction) });
      return { at: signalsOf(found, count), change: signalsOf(found, count, "change of ") };
    },
    back: async (z, target, weights) => {
      const arrays = Object.fromEntries(named(weights).map(([name, value]) => [`weight of ${name}`, arrayOf(value)]));
      return matrixFrom((await run("back", z.rows, { z: arrayOf(z), target, ...arrays })).pulled!);
    },
    dispose: async () => {
      const held = [...programs.values()];
      programs.clear();
      for (const program of held) await (await program).dispose();
    },
  };
}

function headGraph(head: HeadBehind, kind: Kind): ReturnType<typeof graph> {
  const { z, target, parameters } = head;
  const signals = signalNodes(head);
  const names = Object.keys(signals);
  const nodes = Object.values(signals);
  const inputs = { ...parameters, z, target };
  if (kind === "at") return graph(inputs, signals);
  if (kind === "along") {
    const direction = input("direction", z.shape);
    const changes = jvp(nodes, [z], [direction]).map((node, i) => [`change of ${names[i]}`, node] as const);
    return graph({ ...inputs, direction }, { ...signals, ...Object.fromEntries(changes) });
  }
  const weights = nodes.map((node, i) => input(`weight of ${names[i]}`, node.shape));
  const [pulled] = vjp(nodes, weights, [z]);
  return graph(
    { ...inputs, ...Object.fromEntries(weights.map((node, i) => [`weight of ${names[i]}`, node])) },
    { pulled: pulled! },
  );
}

function signalNodes({ z, loss, layers }: HeadBehind): Record<string, Tensor> {
  const [errors, ...behind] = grad(loss, [z, ...layers.map((layer) => layer.preActivation)]);
  const nodes: Record<string, Tensor> = { errors: errors! };
  layers.forEach((layer, i) => {
    nodes[`inputs ${i}`] = layer.input;
    nodes[`errors ${i}`] = behind[i]!;
  });
  return nodes;
}

function signalsOf(found: Arrays, count: number, prefix = ""): HeadSignals {
  const held = (name: string): Matrix => matrixFrom(found[`${prefix}${name}`]!);
  return {
    errors: held("errors"),
    layers: Array.from({ length: count }, (_, i) => ({ inputs: held(`inputs ${i}`), errors: held(`errors ${i}`) })),
  };
}

function named({ errors, layers }: HeadSignals): (readonly [string, Matrix])[] {
  return [
    ["errors", errors],
    ...layers.flatMap((layer, i) => [[`inputs ${i}`, layer.inputs] as const, [`errors ${i}`, layer.errors] as const]),
  ];
}

const arrayOf = (a: Matrix): NdArray => ({ shape: [a.rows, a.cols], data: a.data });
const matrixFrom = ({ shape, data }: NdArray): Matrix =>
  matrix(shape[0]!, data.length / shape[0]!, data instanceof Float64Array ? data : Float64Array.from(data));
