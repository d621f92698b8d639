import { EngineError } from "../errors.ts";
import type { CompileOptions, Executor, Program } from "../executor.ts";
import { checkInputs } from "../executors/check-inputs.ts";
import { type Graph, nodesOf } from "../graph.ts";
import { optimise } from "../passes/optimise.ts";
import type { Arrays, Tensor, Tensors } from "../tensor.ts";
import { readArray, toTfjsTensor } from "./arrays.ts";
import { evaluateNodes } from "./evaluate-nodes.ts";
import { tfjsRules } from "./rules/table.ts";
import type { Tfjs, TfjsTensor } from "./tfjs.ts";

/**
 * Runs graphs node by node on the TensorFlow.js backend that is active at the time (`tf.getBackend()`): node-gpu, wasm, webgl or cpu.
 *
 * Numbers are float32, the only floating-point type that TensorFlow.js has. Its own gradients are never used. The backend must be ready
 * (`await tf.ready()`).
 *
 * @param tf the namespace of `@tensorflow/tfjs-core` or of a package that exports all of it.
 * @throws EngineError from `compile`: `unsupported-precision` for float64, `unsupported-op` for an op without a rule, `disposed`, and what
 * `checkInputs` says of constants; from `run`: `disposed`, what `checkInputs` says, and `runtime` when a kernel fails.
 */
export function tfjsExecutor(tf: Tfjs): Executor {
  const programs = new Set<Program>();
  let disposed = false;

  async function compile(graph: Graph, options: CompileOptions = {}): Promise<Program> {
    if (disposed) throw new EngineError("disposed", "The executor was disposed; make a new one.");
    if (options.precision === "float64") {
      throw new EngineError(
        "unsupported-precision",
        'TensorFlow.js has no float64. Compile with precision "float32", or use the onnxruntime executor.',
      );
    }
    const started = performance.now();
    const constants = options.constants ?? {};
    const isConstant = ([name]: readonly [string, Tensor]): boolean => Object.hasOwn(constants, name);
    const fixed = Object.fromEntries(Object.entries(graph.inputs).filter(isConstant));
    const variable = Object.fromEntries(Object.entries(graph.inputs).filter((entry) => !isConstant(entry)));
    checkInputs(fixed, constants);
    const optimised = options.optimise === false ? graph : optimise(graph);
    const nodes = nodesOf(optimised);
    checkOps(nodes);
    const held = hold(tf, nodes, fixed, constants);
    let released = false;
    const program: Program = {
      graph,
      precision: "float32",
      statistics: {
        nodesBefore: nodesOf(graph).length,
        nodesAfter: nodes.length,
        compileMs: performance.now() - started,
      },
      run: async (inputs) => {
        if (released) throw new EngineError("disposed", "The program was disposed; compile the graph again to run it.");
        checkInputs(variable, inputs);
        return await run(tf, nodes, optimised.outputs, held, variable, inputs);
      },
      dispose: async () => {
        if (released) return;
        released = true;
        programs.delete(program);
        for (const tensor of held.values()) tensor.dispose();
      },
    };
    programs.add(program);
    return program;
  }

  return {
    name: "tfjs",
    compile,
    dispose: async () => {
      disposed = true;
      for (const program of [...programs]) await program.dispose();
    },
  };
}

/** @throws EngineError `unsupported-op`. */
function checkOps(nodes: readonly Tensor[]): void {
  for (const { op } of nodes) {
    if (op.name === "input" || op.name === "constant" || Object.hasOwn(tfjsRules, op.name)) continue;
    throw new EngineError(
      "unsupported-op",
      `The TensorFlow.js executor has no rule for the op "${op.name}". Add one to src/tfjs/rules/ of @recon/engine, or use the onnxruntime executor.`,
    );
  }
}

/** Tensors that live as long as a program: the graph's own constants and the inputs that were fixed. */
function hold(tf: Tfjs, nodes: readonly Tensor[], fixed: Tensors, constants: Arrays): Map<Tensor, TfjsTensor> {
  const held = new Map<Tensor, TfjsTensor>();
  const keep = (node: Tensor, data: ArrayLike<number>): void => {
    held.set(node, tf.keep(toTfjsTensor(tf, node, data)));
  };
  for (const node of nodes) if (node.op.name === "constant") keep(node, node.attributes.value as Float64Array);
  for (const [name, node] of Object.entries(fixed)) keep(node, constants[name]!.data);
  return held;
}

async function run(
  tf: Tfjs,
  nodes: readonly Tensor[],
  outputs: Tensors,
  held: ReadonlyMap<Tensor, TfjsTensor>,
  variable: Tensors,
  inputs: Arrays,
): Promise<Arrays> {
  // Kernels are called without a pause, so that no other code can change the backend between them; only reading the results waits.
  const results = tf.tidy(() => {
    const values = new Map(held);
    for (const [name, node] of Object.entries(variable)) values.set(node, toTfjsTensor(tf, node, inputs[name]!.data));
    return evaluateNodes(tf, nodes, values, Object.values(outputs)).map((tensor) => tf.keep(tensor));
  });
  try {
    const arrays = await Promise.all(results.map((tensor, i) => readArray(tensor, Object.values(outputs)[i]!)));
    return Object.fromEntries(Object.keys(outputs).map((name, i) => [name, arrays[i]!]));
  } finally {
    for (const tensor of results) tensor.dispose();
  }
}
