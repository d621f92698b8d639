/**
 * Rules of `vmap` for convolutions: t(x, w, y) = Σ y · conv(x, w) for K values of its operands. Where the kernel is the same, the K are more of the batch;
 * where it differs, they are more channels, in groups.
 */
import type { MappedOperand, Tensor } from "../tensor.ts";
import type { ConvGeometry } from "./conv.ts";
import { allOf } from "./mapped.ts";
import { reshape, transpose } from "./shape.ts";

/** [K, B, ...] as [K · B, ...], and K kernels [K, O, C, ...] as the groups of one, [K · O, C, ...]. */
export const asBatch = ({ tensor }: MappedOperand): Tensor =>
  reshape(tensor, [tensor.shape[0]! * tensor.shape[1]!, ...tensor.shape.slice(2)]);

/** [K, B, C, ...] as [B, K · C, ...]. */
export function asChannels(operand: MappedOperand, count: number): Tensor {
  const all = allOf(operand, count);
  const [, batch, channels, ...rest] = all.shape as [number, number, number, ...number[]];
  const order = all.shape.map((_, axis) => (axis === 0 ? 1 : axis === 1 ? 0 : axis));
  return reshape(transpose(all, order), [batch, count * channels, ...rest]);
}

/** [B, K · C, ...] as [K, B, C, ...]. */
export function fromChannels(tensor: Tensor, count: number): Tensor {
  const [batch, channels, ...rest] = tensor.shape as [number, number, ...number[]];
  const apart = reshape(tensor, [batch, count, channels / count, ...rest]);
  return transpose(
    apart,
    apart.shape.map((_, axis) => (axis === 0 ? 1 : axis === 1 ? 0 : axis)),
  );
}

export const inGroups = (geometry: ConvGeometry, count: number): ConvGeometry => ({
  ...geometry,
  groups: geometry.groups * count,
});
