import {
  type Arrays,
  add,
  div,
  dot,
  type Graph,
  grad,
  graph,
  input,
  mul,
  type NdArray,
  type Shape,
  sizeOf,
  sqrt,
  sub,
  type Tensor,
} from "@recon/engine";
import type { Distribution, Network, Target } from "./network.ts";
import { normalStream } from "./random.ts";

/** One evaluation of a gradient-matching objective and everything that it is fed. */
export interface MatchingStep {
  readonly graph: Graph;
  /** The weights and stored statistics, which never change while an attack runs. */
  readonly constants: Arrays;
  /** The unknown, the target and the observed gradient. */
  readonly inputs: Arrays;
}

const total = (terms: readonly Tensor[]): Tensor => terms.reduce((a, b) => add(a, b));

/** center + scale · normal; by default with the scale that keeps the variance of what flows through a weight. */
function drawn(normal: () => number, shape: Shape, { center = 0, scale }: Distribution = {}): NdArray {
  const deviation = scale ?? Math.sqrt(2 / sizeOf(shape.slice(1)));
  return { shape, data: Float32Array.from({ length: sizeOf(shape) }, () => center + deviation * normal()) };
}

/** Standard normal numbers, or one-hot rows. */
function drawnTarget(normal: () => number, { shape, holds }: Target, seed: number): NdArray {
  if (holds === "numbers") return drawn(normal, shape, { scale: 1 });
  const classes = shape.at(-1)!;
  const data = new Float32Array(sizeOf(shape));
  for (let row = 0; row < data.length / classes; row++) data[row * classes + ((seed + row) % classes)] = 1;
  return { shape, data };
}

/**
 * The graph of 1 − ⟨g, o⟩ / (‖g‖ ‖o‖) with g the gradient of the mean loss with respect to all weights and o the observed one,
 * and of its gradient with respect to the unknown x.
 *
 * @see Geiping et al. 2020, "Inverting Gradients", equation 4
 */
export function matchingStep(network: Network, seed: number): MatchingStep {
  const { parameters, buffers, distributions, inputShape, target } = network;
  const x = input("x", inputShape);
  const t = input("target", target.shape);
  const names = Object.keys(parameters);
  const gradient = grad(
    network.loss(x, t),
    names.map((name) => parameters[name]!),
  );
  const observed = names.map((name) => input(`observed/${name}`, parameters[name]!.shape));
  const product = total(gradient.map((g, i) => dot(g, observed[i]!)));
  const norm = sqrt(total(gradient.map((g) => dot(g, g))));
  const observedNorm = sqrt(total(observed.map((o) => dot(o, o))));
  const distance = sub(1, div(product, mul(norm, observedNorm)));
  const fixed = { ...parameters, ...buffers };
  const inputs = {
    x,
    target: t,
    ...fixed,
    ...Object.fromEntries(observed.map((o) => [o.attributes.name as string, o])),
  };

  const normal = normalStream(seed);
  const constants = Object.fromEntries(
    Object.entries(fixed).map(([name, { shape }]) => [name, drawn(normal, shape, distributions[name])]),
  );
  return {
    graph: graph(inputs, { distance, gradient: grad(distance, [x])[0]! }),
    constants,
    inputs: {
      x: drawn(normal, inputShape, { scale: 1 }),
      target: drawnTarget(normal, target, seed),
      ...Object.fromEntries(
        names.map((name) => [`observed/${name}`, drawn(normal, parameters[name]!.shape, { scale: 0.01 })]),
      ),
    },
  };
}
