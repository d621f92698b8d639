import { reshape, type Tensor, transpose } from "@recon/engine";

/** Steps and columns [B, T, F] as channels and steps [B, F, T], as convolutions take them. */
export function channelsFirst(x: Tensor): Tensor {
  const [batch, steps, columns] = x.shape as [number, number, number];
  // One column keeps its order, and a reshape, unlike a transpose, is nothing that the recursion through layers would have to invert.
  return columns === 1 ? reshape(x, [batch, 1, steps]) : transpose(x, [0, 2, 1]);
}
