import { type NdArray, sizeOf } from "@recon/engine";
import type { Problem } from "../problem.ts";
import type { Rng } from "../random.ts";
import { broadcastValues } from "../solvers/broadcast-values.ts";
import type { JacobianPoint } from "./jacobian.ts";

/**
 * A batch drawn uniformly from the domain's box: all that someone without the data can look at. Targets are the labels where they are told, and drawn
 * otherwise: one-hot, or standard normal where they are real numbers.
 */
export function randomPoint(problem: Problem, batch: number, rng: Rng): JacobianPoint {
  const { model, domain, knowledge } = problem;
  const shape = model.input.shape;
  const lower = broadcastValues(domain.lower, shape, "lower bound");
  const upper = broadcastValues(domain.upper, shape, "upper bound");
  const size = sizeOf(shape);
  const inputs = rng.split("input");
  const data = Float64Array.from({ length: batch * size }, (_, i) => {
    const [low, high] = [lower[i % size]!, upper[i % size]!];
    return Number.isFinite(high - low) ? low + (high - low) * inputs.uniform() : inputs.normal();
  });
  const input = { shape: [batch, ...shape], data };
  const told = knowledge.labels;
  const target = [batch, ...model.target.shape];
  if (isArray(told) && told.shape.join() === target.join()) return { input, target: told };
  const targets = rng.split("target");
  const drawn = new Float64Array(sizeOf(target));
  const classes = model.target.shape.at(-1) ?? 1;
  if (model.target.kind === "distribution") {
    for (let row = 0; row < drawn.length; row += classes) drawn[row + targets.integer(classes)] = 1;
  } else for (let i = 0; i < drawn.length; i++) drawn[i] = targets.normal();
  return { input, target: { shape: target, data: drawn } };
}

function isArray(value: unknown): value is NdArray {
  return typeof value === "object" && value !== null && "shape" in value && "data" in value;
}
