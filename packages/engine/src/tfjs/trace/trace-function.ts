import { EngineError } from "../../errors.ts";
import { type Graph, graph } from "../../graph.ts";
import { input } from "../../ops/leaf.ts";
import type { DType, Shape } from "../../tensor.ts";
import type { Tfjs, TfjsTensor } from "../tfjs.ts";
import { record } from "./record.ts";

/** Shape and type of an input of a traced function. */
export interface TraceInput {
  readonly shape: Shape;
  /** `float` unless said. */
  readonly dtype?: DType;
}

/** A function of named tensors that gives one tensor or several named ones. */
export type TracedFunction = (
  inputs: Readonly<Record<string, TfjsTensor>>,
) => TfjsTensor | Readonly<Record<string, TfjsTensor>>;

/**
 * The graph of a function that is written with TensorFlow.js: the function runs once, on tensors without numbers, and its kernels are recorded as
 * the engine's ops.
 *
 * Tensors from outside the function become constants of the graph. The function must not wait: it runs to its end in one go.
 *
 * @param tf the namespace of `@tensorflow/tfjs-core` or of a package that exports all of it, the same that the function uses.
 * @returns a graph with the inputs' names; its outputs are named as the function names them, `output` for a single tensor.
 * @throws EngineError `unsupported-op` for a kernel without a rule, `traced-value` when numbers of a traced tensor are read, `gradient-in-trace` for tf.grad and
 * the like, `async-function`, `not-a-tensor`, `backend-not-ready`.
 */
export function traceFunction(tf: Tfjs, f: TracedFunction, inputs: Readonly<Record<string, TraceInput>>): Graph {
  const nodes = Object.fromEntries(
    Object.entries(inputs).map(([name, { shape, dtype }]) => [name, input(name, shape, dtype)]),
  );
  return record(tf, ({ nodeOf, tensorOf }) => {
    const given = Object.fromEntries(Object.entries(nodes).map(([name, node]) => [name, tensorOf(node)]));
    const result: unknown = f(given);
    if (result instanceof Promise) {
      // It would fail later, when nobody waits for it any more.
      result.catch(() => undefined);
      throw new EngineError(
        "async-function",
        "The traced function returned a promise. A trace must run in one go: await what is needed before, and trace a function without await.",
      );
    }
    const outputs = isTensor(tf, result) ? { output: result } : ((result ?? {}) as Record<string, unknown>);
    const traced = Object.entries(outputs).map(([name, tensor]) => {
      if (isTensor(tf, tensor)) return [name, nodeOf(tensor)] as const;
      throw new EngineError("not-a-tensor", `The traced function returned something else than a tensor as "${name}".`);
    });
    if (traced.length === 0) throw new EngineError("not-a-tensor", "The traced function returned no tensor.");
    return graph(nodes, Object.fromEntries(traced));
  });
}

const isTensor = (tf: Tfjs, value: unknown): value is TfjsTensor => value instanceof tf.Tensor;
