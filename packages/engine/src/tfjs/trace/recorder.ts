import type { DataId, DataType, KernelBackend, NamedTensorInfoMap, TensorInfo } from "@tensorflow/tfjs-core";
import { EngineError } from "../../errors.ts";
import { constant } from "../../ops/leaf.ts";
import { reshape } from "../../ops/shape.ts";
import type { DType, Tensor } from "../../tensor.ts";
import { tfjsTypes } from "../arrays.ts";
import type { Tfjs, TfjsTensor } from "../tfjs.ts";
import type { TraceRule } from "./rule.ts";

/** What stands behind the tensors of one trace. */
export interface Recorder {
  readonly backend: KernelBackend;
  /** The symbolic tensor behind one of TensorFlow.js; numbers of another backend become a constant. @throws EngineError `traced-value`. */
  nodeOf(tensor: TensorInfo): Tensor;
  /** A tensor of TensorFlow.js that stands for a symbolic one. */
  tensorOf(node: Tensor): TfjsTensor;
  /** Lets an existing tensor of another backend stand for a symbolic one. */
  bind(tensor: TensorInfo, node: Tensor): void;
  /** The kernel that records what the rule makes of a call. @throws EngineError `gradient-in-trace`. */
  kernel(
    name: string,
    rule: TraceRule,
  ): (call: { inputs: NamedTensorInfoMap; attrs?: unknown }) => TensorInfo | TensorInfo[];
}

const types: Readonly<Record<string, DType>> = { float32: "float", int32: "int", bool: "bool" };

function refuse(what: string): never {
  throw new EngineError(
    "traced-value",
    `${what} A traced tensor stands for a computation and has no numbers yet: no dataSync, data, array or print, no use in another trace and none after the trace. Return it and run the graph instead.`,
  );
}

/** Keeps the symbolic tensors of one trace. Everything that would compute or read numbers is refused. */
export function createRecorder(tf: Tfjs): Recorder {
  const nodes = new Map<DataId, Tensor>();
  const bound = new Map<DataId, Tensor>();

  function constantOf(values: ArrayLike<number>, shape: readonly number[], type: string): Tensor {
    const dtype = types[type];
    if (dtype === undefined) {
      throw new EngineError(
        "dtype",
        `A tensor of type ${type} was used in a trace; the engine has float32, int32 and bool.`,
      );
    }
    return constant(values, shape, dtype);
  }

  /** The numbers of constants are known; of nothing else. */
  function readSync(dataId: DataId): Float32Array | Int32Array | Uint8Array {
    const node = nodes.get(dataId);
    if (node?.op.name !== "constant") return refuse("The numbers of a traced tensor were asked for.");
    const values = node.attributes.value as Float64Array;
    return node.dtype === "float"
      ? Float32Array.from(values)
      : node.dtype === "int"
        ? Int32Array.from(values)
        : Uint8Array.from(values);
  }

  function write(values: unknown, shape: number[], type: DataType): DataId {
    const dataId = {};
    nodes.set(dataId, constantOf(values as ArrayLike<number>, shape, type));
    return dataId;
  }

  function keep(node: Tensor): TensorInfo {
    const dataId = {};
    nodes.set(dataId, node);
    return { dataId, shape: [...node.shape], dtype: tfjsTypes[node.dtype] };
  }

  function nodeOf(info: TensorInfo): Tensor {
    const own = nodes.get(info.dataId) ?? bound.get(info.dataId);
    // Tensors of another backend may share their numbers in different shapes.
    if (own !== undefined) return reshape(own, info.shape);
    const made = constantOf(tf.engine().readSync(info.dataId) as Float32Array, info.shape, info.dtype);
    bound.set(info.dataId, made);
    return made;
  }

  const backend: KernelBackend = Object.assign(new tf.KernelBackend(), {
    write,
    readSync,
    read: async (dataId: DataId) => readSync(dataId),
    move: () => refuse("A tensor of another backend was moved into a trace."),
    incRef: () => refuse("A variable was made of, or assigned, a traced tensor."),
    refCount: (dataId: DataId) => Number(nodes.has(dataId)),
    disposeData: (dataId: DataId) => nodes.delete(dataId),
    numDataIds: () => nodes.size,
    memory: () => ({ unreliable: false }),
    timerAvailable: () => false,
    floatPrecision: () => 32 as const,
    epsilon: () => 1e-7,
    dispose: () => {},
  });

  return {
    backend,
    nodeOf,
    tensorOf: (node) => {
      const { dataId, shape, dtype } = keep(node);
      return tf.engine().makeTensorFromDataId(dataId, shape, dtype, backend);
    },
    bind: (tensor, node) => void bound.set(tensor.dataId, node),
    kernel: (name, rule) => (call) => {
      if (tf.engine().state.gradientDepth > 0) {
        throw new EngineError(
          "gradient-in-trace",
          "tf.grad, tf.valueAndGrad or an optimiser ran inside a trace. TensorFlow.js's own gradients are wrong beyond the first order, so they are not recorded: trace the function itself and call grad of @recon/engine on the graph.",
        );
      }
      const { inputs, attrs } = call;
      const optional = (key: string): Tensor | undefined => {
        const info = inputs[key];
        return info === undefined || info === null ? undefined : nodeOf(info);
      };
      const result = rule({
        tf,
        attributes: attrs ?? {},
        operands: Object.values(inputs)
          .filter((info) => info !== undefined && info !== null)
          .map(nodeOf),
        optional,
        operand: (key) => {
          const node = optional(key);
          if (node !== undefined) return node;
          throw new EngineError("unsupported-op", `The TensorFlow.js kernel "${name}" was called without "${key}".`);
        },
      });
      return isNode(result) ? keep(result) : result.map(keep);
    },
  };
}

const isNode = (result: Tensor | readonly Tensor[]): result is Tensor => !Array.isArray(result);
