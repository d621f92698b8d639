import { activationDerivatives, type Executor, interpret, type Layer, type NdArray, type Program } from "@recon/engine";

/** [s(z), s′(z), …] up to the given order, entry by entry: an activation that is known only by its values. */
export type ActivationFunction = (z: Float64Array, order: number) => Promise<readonly Float64Array[]>;

/** An activation as compiled programs, and what frees them. */
export interface CompiledActivation {
  readonly at: ActivationFunction;
  dispose(): Promise<void>;
}

/**
 * A layer's activation and its derivatives as float64 programs of an executor, one for each number of points and order, compiled when first asked for.
 *
 * @returns undefined where no single node of the graph holds the layer's activation.
 */
export function compiledActivation(layer: Layer, executor: Executor): CompiledActivation | undefined {
  if (activationDerivatives(layer, 0, 1) === undefined) return undefined;
  const programs = new Map<string, Promise<Program>>();
  return {
    at: async (z, order) => {
      const key = `${z.length} ${order}`;
      const program =
        programs.get(key) ?? executor.compile(activationDerivatives(layer, order, z.length)!, { precision: "float64" });
      programs.set(key, program);
      return inOrder(await (await program).run({ z: { shape: [z.length], data: z } }), order);
    },
    dispose: async () => {
      const held = [...programs.values()];
      programs.clear();
      for (const program of held) await (await program).dispose();
    },
  };
}

/** The same through the interpreter, for few points and where there is no executor. */
export function interpretedActivation(layer: Layer): ActivationFunction | undefined {
  if (activationDerivatives(layer, 0, 1) === undefined) return undefined;
  return async (z, order) =>
    inOrder(interpret(activationDerivatives(layer, order, z.length)!, { z: { shape: [z.length], data: z } }), order);
}

const inOrder = (outputs: Readonly<Record<string, NdArray>>, order: number): Float64Array[] =>
  Array.from({ length: order + 1 }, (_, k) => {
    const { data } = outputs[`d${k}`]!;
    return data instanceof Float64Array ? data : Float64Array.from(data);
  });
