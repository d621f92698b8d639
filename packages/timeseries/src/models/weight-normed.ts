import type { Model } from "@recon/core";
import { type Arrays, div, mul, type NdArray, sqrt, square, sum, type Tensor } from "@recon/engine";

/**
 * A model in which some weights are written as length and direction, an output unit each:
 *
 *     W_o = g_o v_o / ‖v_o‖
 *
 * A weight `w` gives way to `w_v`, of its shape, and `w_g` [out, 1, …], which start at the W of the given model and its lengths. Clients send the gradients of these two.
 *
 * @see T. Salimans, D. Kingma, "Weight Normalization", NeurIPS 2016.
 */
export function weightNormed(model: Model, weights: readonly string[]): Model {
  const others = Object.entries(model.parameters).filter(([name]) => !weights.includes(name));
  const shapeOf = (name: string): readonly number[] => model.parameters[name]!.shape;
  return {
    ...model,
    parameters: Object.fromEntries([
      ...weights.flatMap((name) => [
        [`${name}_g`, { shape: lengthShape(shapeOf(name)) }] as const,
        [`${name}_v`, { shape: shapeOf(name) }] as const,
      ]),
      ...others,
    ]),
    init: (rng): Arrays => {
      const plain = model.init(rng);
      return Object.fromEntries([
        ...weights.flatMap((name) => [
          [`${name}_g`, lengths(plain[name]!)] as const,
          [`${name}_v`, plain[name]!] as const,
        ]),
        ...others.map(([name]) => [name, plain[name]!] as const),
      ]);
    },
    forward: (state, data, mode) => {
      const plain = weights.map((name): [string, Tensor] => {
        const [length, direction] = [state[`${name}_g`]!, state[`${name}_v`]!];
        const axes = direction.shape.map((_, axis) => axis).slice(1);
        return [name, mul(direction, div(length, sqrt(sum(square(direction), axes, true))))];
      });
      return model.forward({ ...state, ...Object.fromEntries(plain) }, data, mode);
    },
  };
}

function lengthShape(shape: readonly number[]): readonly number[] {
  return shape.map((extent, axis) => (axis === 0 ? extent : 1));
}

function lengths({ shape, data }: NdArray): NdArray {
  const size = data.length / shape[0]!;
  const norm = (row: number): number => Math.hypot(...data.subarray(row * size, (row + 1) * size));
  return { shape: lengthShape(shape), data: Float32Array.from({ length: shape[0]! }, (_, row) => norm(row)) };
}
