import {
  type Arrays,
  add,
  div,
  dot,
  type Graph,
  grad,
  graph,
  input,
  logSoftmax,
  mul,
  neg,
  sizeOf,
  sqrt,
  sub,
  sum,
  type Tensor,
} from "@recon/engine";
import type { Network } from "./network.ts";
import { normalStream } from "./random.ts";

/** One evaluation of a gradient-matching objective and everything that it is fed. */
export interface MatchingStep {
  readonly graph: Graph;
  /** The weights, which never change while an attack runs. */
  readonly constants: Arrays;
  /** The unknown, the labels and the observed gradient. */
  readonly inputs: Arrays;
}

const total = (terms: readonly Tensor[]): Tensor => terms.reduce((a, b) => add(a, b));

/**
 * The graph of 1 − ⟨g, o⟩ / (‖g‖ ‖o‖) with g the gradient of the mean cross-entropy with respect to all weights and o the observed one,
 * and of its gradient with respect to the unknown x.
 *
 * @see Geiping et al. 2020, "Inverting Gradients", equation 4
 */
export function matchingStep(network: Network, seed: number): MatchingStep {
  const { parameters, inputShape, classes } = network;
  const batch = inputShape[0]!;
  const x = input("x", inputShape);
  const target = input("target", [batch, classes]);
  const loss = mul(neg(sum(mul(target, logSoftmax(network.logits(x))))), 1 / batch);
  const names = Object.keys(parameters);
  const gradient = grad(
    loss,
    names.map((name) => parameters[name]!),
  );
  const observed = names.map((name) => input(`observed/${name}`, parameters[name]!.shape));
  const product = total(gradient.map((g, i) => dot(g, observed[i]!)));
  const norm = sqrt(total(gradient.map((g) => dot(g, g))));
  const observedNorm = sqrt(total(observed.map((o) => dot(o, o))));
  const distance = sub(1, div(product, mul(norm, observedNorm)));
  const inputs = {
    x,
    target,
    ...parameters,
    ...Object.fromEntries(observed.map((o) => [o.attributes.name as string, o])),
  };

  const normal = normalStream(seed);
  const drawn = (shape: readonly number[], scale: number): { shape: readonly number[]; data: Float32Array } => ({
    shape,
    data: Float32Array.from({ length: sizeOf(shape) }, () => scale * normal()),
  });
  // Weights keep the variance of what flows through them; biases are small.
  const fanIn = (shape: readonly number[]): number => (shape.length === 1 ? 100 : sizeOf(shape.slice(1)));
  const constants = Object.fromEntries(
    names.map((name) => [name, drawn(parameters[name]!.shape, Math.sqrt(2 / fanIn(parameters[name]!.shape)))]),
  );
  const labels = new Float32Array(batch * classes);
  for (let i = 0; i < batch; i++) labels[i * classes + ((seed + i) % classes)] = 1;
  return {
    graph: graph(inputs, { distance, gradient: grad(distance, [x])[0]! }),
    constants,
    inputs: {
      x: drawn(inputShape, 1),
      target: { shape: [batch, classes], data: labels },
      ...Object.fromEntries(names.map((name) => [`observed/${name}`, drawn(parameters[name]!.shape, 0.01)])),
    },
  };
}
