import { afterAll, describe, expect, test } from "vitest";
import { matchingObjectives } from "../fixtures/matching-objectives.ts";
import {
  embeddedAttention,
  graphAttention,
  residual,
  temporalConvolution,
  uNet,
} from "../fixtures/network-families.ts";
import { perceptron, smallConv, smallLeNet, type TestNetwork } from "../fixtures/networks.ts";
import { relativeDistance } from "../fixtures/reference-cases.ts";
import { grad } from "../grad.ts";
import { type Graph, graph } from "../graph.ts";
import { interpret } from "../interpret.ts";
import { mul, neg } from "../ops/arithmetic.ts";
import { input } from "../ops/leaf.ts";
import { sum } from "../ops/shape.ts";
import { logSoftmax } from "../ops/softmax.ts";
import { type Arrays, type NdArray, sizeOf } from "../tensor.ts";
import { onnxruntime } from "./onnxruntime.ts";

const executor = onnxruntime({ threads: 2 });
afterAll(() => executor.dispose());

/** Both matching objectives between the network's gradient and an observed one, and their gradients in x. */
function matching({ x, parameters, logits }: TestNetwork): Graph {
  const target = input("target", logits.shape);
  const loss = neg(sum(mul(target, logSoftmax(logits))));
  const names = Object.keys(parameters);
  const gradient = grad(loss, Object.values(parameters));
  const observed = names.map((name) => input(`observed/${name}`, parameters[name]!.shape));
  const { squared, cosine } = matchingObjectives(gradient, observed);
  return graph(
    { x, target, ...parameters, ...Object.fromEntries(names.map((name, i) => [`observed/${name}`, observed[i]!])) },
    { loss, squared, cosine, squaredGradient: grad(squared, [x])[0]!, cosineGradient: grad(cosine, [x])[0]! },
  );
}

function values(g: Graph): Record<string, NdArray> {
  return Object.fromEntries(
    Object.entries(g.inputs).map(([name, node], k) => {
      const scale = name.startsWith("observed/")
        ? 0.1
        : name === "x"
          ? 1
          : 1.5 / Math.sqrt(sizeOf(node.shape.slice(1)));
      const data = Float32Array.from(
        { length: sizeOf(node.shape) },
        (_, i) => scale * Math.sin(1.3 * i * i + 7 * k + 0.4),
      );
      if (name === "target")
        data.forEach((_, i) => {
          data[i] = Number(i % 10 === 3);
        });
      return [name, { shape: node.shape, data }];
    }),
  );
}

const networks: Record<string, () => TestNetwork> = {
  "perceptron, batch 1": () => perceptron(1, [48, 24, 24, 10]),
  // Wide enough for the weight gradients to be kept as factors.
  "wide perceptron, batch 2": () => perceptron(2, [300, 200, 180, 10]),
  "LeNet, batch 1": () => smallLeNet(1),
  "LeNet, batch 3": () => smallLeNet(3),
  "convolutions with pooling, batch 1": () => smallConv(1),
  "convolutions with pooling, batch 2": () => smallConv(2),
  "residual blocks with batch statistics": () => residual(2, "train"),
  "residual blocks with stored statistics": () => residual(1, "eval"),
  "temporal convolutions": () => temporalConvolution(2),
  "graph attention": () => graphAttention(),
  "U-Net": () => uNet(1),
  "attention on gathered embeddings": () => embeddedAttention(),
};

describe("second-order gradients in the runtime agree with the interpreter", () => {
  test.each(Object.entries(networks))("%s", async (_name, network) => {
    const g = matching(network());
    const arrays = values(g);
    const weights = Object.fromEntries(Object.entries(arrays).filter(([name]) => /^[wb]/.test(name)));
    const rest = Object.fromEntries(Object.entries(arrays).filter(([name]) => !/^[wb]/.test(name)));
    const expected = interpret(g, arrays);
    const check = (actual: Arrays, bound: number, about: string): void => {
      for (const name of Object.keys(expected)) {
        expect(relativeDistance(actual[name]!, expected[name]!), `${name}, ${about}`).toBeLessThan(bound);
      }
    };
    for (const [precision, bound] of [
      ["float32", 1e-4],
      ["float64", 1e-10],
    ] as const) {
      const variable = await executor.compile(g, { precision });
      check(await variable.run(arrays), bound, `${precision}, weights as inputs`);
      const fixed = await executor.compile(g, { precision, constants: weights });
      check(await fixed.run(rest), bound, `${precision}, weights as constants`);
      await variable.dispose();
      await fixed.dispose();
    }
  });
});
