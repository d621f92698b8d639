import type { Tensor, Tensors } from "@recon/engine";
import type { Json } from "../problem.ts";

/** A distance in observation space, d(D F(x̂), y), built from engine ops. */
export interface Discrepancy {
  readonly name: string;
  readonly options: Json;
  /**
   * The distance as a scalar tensor.
   *
   * @throws ReconError `observation-shape` when the two sides do not have the same names and shapes.
   */
  distance(candidate: Tensors, observed: Tensors): Tensor;
}
