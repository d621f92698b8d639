import { type Model, modelState, rng } from "@recon/core";
import {
  type Arrays,
  add,
  dot,
  grad,
  graph,
  input,
  interpret,
  type Shape,
  scalar,
  sizeOf,
  type Tensor,
  type Tensors,
} from "@recon/engine";
import { expect, test } from "vitest";
import { cnn6 } from "./cnn6.ts";
import { convNet } from "./conv-net.ts";
import { conv7 } from "./conv7.ts";
import { leNetZhu } from "./lenet-zhu.ts";
import { mlp } from "./mlp.ts";
import { resNet18 } from "./resnet-18.ts";
import { resNet20 } from "./resnet-20.ts";
import type { Mode } from "./step.ts";

const normals = (shape: Shape, seed: string, scale = 1): Arrays[string] => {
  const stream = rng(seed);
  return { shape, data: Float64Array.from({ length: sizeOf(shape) }, () => scale * stream.normal()) };
};

const lengthOf = (arrays: Arrays): number =>
  Math.sqrt(
    Object.values(arrays).reduce((total, { data }) => Array.from(data).reduce((sum, v) => sum + v * v, total), 0),
  );

/** a + step · b, for the arrays that b has. */
const moved = (a: Arrays, b: Arrays, step: number): Arrays => ({
  ...a,
  ...Object.fromEntries(
    Object.entries(b).map(([name, { shape, data }]) => [
      name,
      { shape, data: Float64Array.from(data, (v, i) => a[name]!.data[i]! + step * v) },
    ]),
  ),
});

/** Running statistics as training could have left them, and not the 0 and 1 of the start. */
function statistics(model: Model): Arrays {
  return Object.fromEntries(
    Object.entries(model.buffers ?? {}).map(([name, { shape }]) => {
      const drawn = normals(shape, name, 0.3);
      const variance = name.endsWith("running_var");
      return [name, variance ? { shape, data: drawn.data.map((x) => Math.exp(x)) } : drawn];
    }),
  );
}

/** The functional ⟨∂ℓ/∂Θ, v⟩ for fixed v: its derivatives are the second derivatives of the loss. */
function functional(model: Model, batch: number, mode: Mode) {
  const state = Object.fromEntries(
    Object.entries(modelState(model)).map(([name, { shape }]) => [name, input(name, shape)]),
  );
  const data = {
    input: input("input", [batch, ...model.input.shape]),
    target: input("target", [batch, ...model.target.shape]),
  };
  const names = Object.keys(model.parameters);
  const loss = model.loss(model.forward(state, data, mode), data);
  const gradients = grad(
    loss,
    names.map((name) => state[name]!),
  );
  const fixed = names.map((name) => input(`fixed ${name}`, state[name]!.shape));
  const value = fixed.reduce((total: Tensor, v, i) => add(total, dot(v, gradients[i]!)), scalar(0));
  const points: Tensors = { ...state, ...data };
  return { points, fixed, names, value };
}

// ReLU-like kinks have no finite differences, so nets with them are tested with a smooth function in their place.
const smooth = { activation: "softplus", width: 2 } as const;

interface Case {
  readonly name: string;
  readonly model: Model;
  readonly batch: number;
  readonly mode: Mode;
}

const normalised = (["train", "eval"] as const).flatMap((mode): Case[] => [
  {
    name: "conv-net",
    model: convNet({ ...smooth, pooling: "average" }, { input: [2, 9, 9], classes: 3 }),
    batch: 2,
    mode,
  },
  { name: "resnet-18", model: resNet18(smooth, { input: [1, 10, 9], classes: 3 }), batch: 2, mode },
  { name: "resnet-20", model: resNet20(smooth, { input: [2, 5, 6], classes: 3 }), batch: 2, mode },
  {
    name: "resnet-20 with padding",
    model: resNet20({ ...smooth, shortcut: "padding" }, { input: [1, 6, 5], classes: 3 }),
    batch: 2,
    mode,
  },
]);

const cases: readonly Case[] = [
  {
    name: "mlp",
    model: mlp({ sizes: [48, 9, 7, 4], activation: "softplus" }, { input: [3, 4, 4], classes: 4 }),
    batch: 2,
    mode: "train",
  },
  { name: "lenet-zhu", model: leNetZhu({}, { input: [2, 8, 8], classes: 4 }), batch: 2, mode: "train" },
  {
    name: "cnn6, softplus",
    model: cnn6({ activation: "softplus" }, { input: [1, 8, 6], classes: 4 }),
    batch: 2,
    mode: "train",
  },
  {
    name: "cnn6, tanh",
    model: cnn6({ activation: "tanh" }, { input: [3, 6, 6], classes: 4 }),
    batch: 1,
    mode: "train",
  },
  {
    name: "conv7, softplus",
    model: conv7({ activation: "softplus", width: 4 }, { input: [2, 8, 8], classes: 3 }),
    batch: 1,
    mode: "train",
  },
  ...normalised,
];

test.each(cases)(
  "second-order gradients of $name, $mode mode, agree with finite differences",
  ({ name, model, batch, mode }) => {
    const { points, fixed, names, value } = functional(model, batch, mode);
    const all = { ...points, ...Object.fromEntries(names.map((key, i) => [`fixed ${key}`, fixed[i]!])) };
    const classes = model.target.shape[0]!;
    // Weights of default scale would let the signal die on the way through seven layers, and differences with it.
    const gain = name.startsWith("lenet") || model.buffers !== undefined ? 1 : 2;
    const at: Arrays = {
      ...Object.fromEntries(
        Object.entries(model.init(rng("weights"))).map(([key, { shape, data }]) => [
          key,
          { shape, data: Float64Array.from(data, (v) => v * gain) },
        ]),
      ),
      ...Object.fromEntries(names.map((key) => [`fixed ${key}`, normals(points[key]!.shape, key)])),
      ...statistics(model),
      input: normals([batch, ...model.input.shape], "input"),
      target: {
        shape: [batch, classes],
        data: Float64Array.from({ length: batch * classes }, (_, i) => (i % (classes + 1) === 0 ? 1 : 0)),
      },
    };
    const keys = ["input", "target", ...names];
    const derivatives = grad(
      value,
      keys.map((key) => points[key]!),
    );
    const exact: Arrays = interpret(graph(all, Object.fromEntries(keys.map((key, i) => [key, derivatives[i]!]))), at);
    const valueGraph = graph(all, { value });
    // Statistics of a small batch in twenty layers bend the function on a shorter scale.
    const h = model.buffers === undefined ? 1e-3 : 2e-4;
    for (const group of [["input"], ["target"], names]) {
      // Half along the gradient, so that the difference is large, half anywhere, so that wrong entries show.
      const own = Object.fromEntries(group.map((key) => [key, exact[key]!]));
      const any = Object.fromEntries(group.map((key) => [key, normals(exact[key]!.shape, `${name} ${key}`)]));
      const [ownLength, anyLength] = [lengthOf(own), lengthOf(any)];
      const unit = Object.fromEntries(
        Object.entries(own).map(([key, { shape, data }]) => [key, { shape, data: data.map((v) => v / ownLength) }]),
      );
      const along = moved(unit, any, 1 / anyLength);
      const f = (step: number): number => interpret(valueGraph, moved(at, along, step)).value!.data[0]!;
      // Fourth-order central difference.
      const numeric = (8 * (f(h) - f(-h)) - (f(2 * h) - f(-2 * h))) / (12 * h);
      const analytic = group.reduce(
        (total, key) => Array.from(exact[key]!.data).reduce((sum, v, i) => sum + v * along[key]!.data[i]!, total),
        0,
      );
      expect(Math.abs(numeric - analytic) / Math.abs(analytic), `${name}: ${group[0]}`).toBeLessThan(1e-6);
    }
  },
);
