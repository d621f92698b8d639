import { type AuditEvent, audit, gradient, type Model, modelState, rng } from "@recon/core";
import {
  type Arrays,
  add,
  dot,
  grad,
  graph,
  input,
  interpret,
  type NdArray,
  onnxruntime,
  type Shape,
  scalar,
  sizeOf,
  type Tensor,
} from "@recon/engine";
import { afterAll, expect, test } from "vitest";
import { invertingGradients } from "../attacks/inverting-gradients.ts";
import { photographs } from "../data/photographs.ts";
import { convNet } from "./conv-net.ts";
import { resNet18 } from "./resnet-18.ts";
import { resNet20 } from "./resnet-20.ts";
import type { DataShape } from "./sequential.ts";

const executor = onnxruntime({ threads: 1 });
afterAll(() => executor.dispose());

const normals = (shape: Shape, seed: string): NdArray => {
  const stream = rng(seed);
  return { shape, data: Float64Array.from({ length: sizeOf(shape) }, () => stream.normal()) };
};

/** ∂‖∂ℓ/∂Θ‖²/∂x: what one step of gradient matching computes. */
function matchingStep(model: Model, mode: "train" | "eval") {
  const batch = 2;
  const state = Object.entries(modelState(model)).map(([name, { shape }]) => [name, input(name, shape)] as const);
  const x = input("input", [batch, ...model.input.shape]);
  const target = input("target", [batch, ...model.target.shape]);
  const observed = Object.values(gradient({ mode }).observe(model, Object.fromEntries(state), { input: x, target }));
  const size = observed.reduce((total: Tensor, g) => add(total, dot(g, g)), scalar(0));
  const [step] = grad(size, [x]);
  const labels = Float64Array.from({ length: sizeOf(target.shape) }, (_, i) => (i % 4 === 0 ? 1 : 0));
  const at: Arrays = {
    ...model.init(rng(5)),
    input: normals(x.shape, "input"),
    target: { shape: target.shape, data: labels },
  };
  return { program: graph({ ...Object.fromEntries(state), input: x, target }, { step: step! }), at };
}

const length = (values: ArrayLike<number>): number => Math.hypot(...Array.from(values));

test.each([
  ["conv-net", (data: DataShape) => convNet({ activation: "softplus", width: 4 }, data)],
  ["resnet-18", (data: DataShape) => resNet18({ activation: "softplus", width: 2 }, data)],
  ["resnet-20", (data: DataShape) => resNet20({ activation: "softplus", width: 2 }, data)],
  [
    "resnet-20 with padding",
    (data: DataShape) => resNet20({ activation: "softplus", width: 2, shortcut: "padding" }, data),
  ],
] as const)("a step of gradient matching through %s in float32 agrees with the reference", async (_name, make) => {
  for (const mode of ["train", "eval"] as const) {
    const { program, at } = matchingStep(make({ input: [3, 10, 10], classes: 3 }), mode);
    const compiled = await executor.compile(program);
    const { data: fast } = (await compiled.run(at)).step!;
    const { data: reference } = interpret(program, at).step!;
    const difference = reference.map((value, i) => fast[i]! - value);
    expect(length(difference) / length(reference), mode).toBeLessThan(1e-4);
    await compiled.dispose();
  }
});

test.each([
  ["conv-net", (data: DataShape) => convNet({ width: 8 }, data)],
  ["resnet-20", (data: DataShape) => resNet20({}, data)],
] as const)("inverting gradients runs on %s in both modes, and its objective falls", async (_name, make) => {
  for (const mode of ["train", "eval"] as const) {
    const scenario = {
      ...{
        id: mode,
        title: mode,
        summary: "",
        batch: 2,
        trials: 1,
        defences: [],
        audit: {},
        onError: "refuse" as const,
      },
      model: make({ input: [3, 16, 16], classes: 10 }),
      source: photographs({ size: 16, count: 8 }),
      operator: gradient({ mode }),
      observationPrecision: "float32" as const,
      known: ["architecture", "weights", "lossKind", "lossReduction", "batchSize", "labels"],
      attacks: [invertingGradients()],
      budget: { evaluations: 10 },
    };
    const events: AuditEvent[] = [];
    for await (const event of audit([scenario], { executor, seed: 2, signal: new AbortController().signal }))
      events.push(event);
    const results = events.flatMap((event) => (event.kind === "result" ? [event.record] : []));
    expect(events.filter(({ kind }) => kind === "failure")).toEqual([]);
    expect(results).toHaveLength(2);
    for (const { residual, metric, trace } of results) {
      expect(
        [residual, ...Object.values(metric), ...trace.map(({ objective }) => objective)].every(Number.isFinite),
      ).toBe(true);
      expect(trace.at(-1)!.objective).toBeLessThan(trace[0]!.objective);
    }
  }
});
