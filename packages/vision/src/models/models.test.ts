import { gradient, type Model, rankCount, rng } from "@recon/core";
import { graph, input, interpret, type NdArray, sizeOf } from "@recon/engine";
import { describe, expect, test } from "vitest";
import { cnn6 } from "./cnn6.ts";
import { convNet } from "./conv-net.ts";
import { conv7 } from "./conv7.ts";
import { crossEntropy } from "./cross-entropy.ts";
import { leNetZhu } from "./lenet-zhu.ts";
import { mlp } from "./mlp.ts";
import { resNet18 } from "./resnet-18.ts";
import { resNet20 } from "./resnet-20.ts";

const count = (model: Model): number =>
  Object.values(model.parameters).reduce((total, { shape }) => total + sizeOf(shape), 0);

describe("parameter counts", () => {
  const cifar = { input: [3, 32, 32], classes: 10 };
  test.each([
    ["lenet-zhu", leNetZhu(), 15_826],
    ["cnn6", cnn6(), 154_266],
    ["conv7", conv7(), 593_418],
    ["mlp 3072-1024-1024-10", mlp({ sizes: [3072, 1024, 1024, 10] }), 4_206_602],
    ["mlp 3072-1024-1024-1024-10", mlp({ sizes: [3072, 1024, 1024, 1024, 10] }, cifar), 5_256_202],
    ["conv-net", convNet(), 2_904_970],
    [
      "conv-net, width 4 on digits",
      convNet({ width: 4 }, { input: [1, 28, 28], classes: 10 }),
      40 + 296 + 584 + 1168 + 4 * 2320 + 2 * 100 + 1450,
    ],
    ["resnet-18", resNet18(), 11_173_962],
    ["resnet-20 with projections", resNet20(), 272_474],
    ["resnet-20 with padding", resNet20({ shortcut: "padding" }), 269_722],
    ["lenet-zhu on digits", leNetZhu({}, { input: [1, 28, 28], classes: 10 }), 312 + 3612 * 2 + 5890],
  ])("%s", (_name, model, expected) => {
    expect(count(model)).toBe(expected);
  });
});

describe("parameters", () => {
  test("are named by the place of their layer", () => {
    expect(Object.keys(mlp().parameters)).toEqual(["0.weight", "0.bias", "2.weight", "2.bias", "4.weight", "4.bias"]);
    expect(Object.keys(leNetZhu().parameters)).toEqual(
      [0, 2, 4, 7].flatMap((place) => [`${place}.weight`, `${place}.bias`]),
    );
    expect(Object.keys(cnn6().parameters).at(-1)).toBe("13.bias");
    expect(cnn6().parameters["0.bias"]).toBeUndefined();
    expect(conv7().parameters["18.weight"]!.shape).toEqual([10, 2048]);
  });
  test("of residual nets have torchvision's names, in its order", () => {
    const net = resNet20({ width: 2 });
    const block = (at: string): string[] =>
      [1, 2].flatMap((i) => [`${at}.conv${i}.weight`, `${at}.bn${i}.weight`, `${at}.bn${i}.bias`]);
    const names = Object.keys(net.parameters);
    expect(names.slice(0, 9)).toEqual(["conv1.weight", "bn1.weight", "bn1.bias", ...block("layer1.0")]);
    const projected = names.filter((name) => name.startsWith("layer2.0."));
    const side = ["0.weight", "1.weight", "1.bias"].map((part) => `layer2.0.downsample.${part}`);
    expect(projected).toEqual([...block("layer2.0"), ...side]);
    expect(names.slice(-2)).toEqual(["fc.weight", "fc.bias"]);
    expect(names.filter((name) => name.endsWith(".bias") && name.includes("conv"))).toEqual([]);
    expect(Object.keys(net.buffers!).slice(0, 3)).toEqual([
      "bn1.running_mean",
      "bn1.running_var",
      "layer1.0.bn1.running_mean",
    ]);
    expect(Object.keys(resNet18({ width: 2 }).parameters)).toContain("layer4.1.conv2.weight");
    expect(Object.keys(convNet().parameters).slice(0, 5)).toEqual([
      "0.weight",
      "0.bias",
      "1.weight",
      "1.bias",
      "3.weight",
    ]);
  });
  test("of batch normalisation start at 1 and 0, and so do the running variance and mean", () => {
    const params = resNet20().init(rng(3));
    const values = (name: string): number[] => [...new Set(params[name]!.data)];
    expect(values("layer3.2.bn2.weight")).toEqual([1]);
    expect(values("layer3.2.bn2.bias")).toEqual([0]);
    expect(values("layer2.0.downsample.1.running_mean")).toEqual([0]);
    expect(values("layer2.0.downsample.1.running_var")).toEqual([1]);
    expect(mlp().buffers).toBeUndefined();
  });
  test.each([
    [resNet18({ width: 8 }), "layer2.0.conv1.weight", 1 / Math.sqrt(72)],
    [resNet20(), "layer3.0.downsample.0.weight", 1 / Math.sqrt(32)],
    [convNet({ width: 8 }), "3.weight", 1 / Math.sqrt(72)],
    [leNetZhu(), "0.weight", 0.5],
    [leNetZhu(), "7.bias", 0.5],
    [cnn6(), "0.weight", 1 / Math.sqrt(48)],
    [conv7(), "0.bias", 1 / Math.sqrt(27)],
    [conv7(), "18.weight", 1 / Math.sqrt(2048)],
    [mlp(), "0.weight", 1 / Math.sqrt(3072)],
  ])("are uniform up to the bound", (model, name, bound) => {
    const { data } = model.init(rng(3))[name]!;
    const largest = Array.from(data).reduce((a, b) => Math.max(a, Math.abs(b)), 0);
    const spread = Math.sqrt(Array.from(data).reduce((a, b) => a + b * b, 0) / data.length);
    expect(largest).toBeLessThanOrEqual(bound * (1 + 1e-7));
    if (data.length > 500) {
      expect(largest).toBeGreaterThan(bound * 0.98);
      expect(spread).toBeGreaterThan((bound / Math.sqrt(3)) * 0.9);
      expect(spread).toBeLessThan((bound / Math.sqrt(3)) * 1.1);
    }
  });
  test("equal seeds give equal bytes, and a parameter's numbers do not depend on the others", () => {
    expect(leNetZhu().init(rng(1))).toEqual(leNetZhu().init(rng(1)));
    const wide = leNetZhu({}, { input: [3, 40, 40], classes: 10 });
    expect(wide.init(rng(1))["4.weight"]).toEqual(leNetZhu().init(rng(1))["4.weight"]);
    expect(leNetZhu().init(rng(2))["0.bias"]).not.toEqual(leNetZhu().init(rng(1))["0.bias"]);
  });
});

test("mlp without data is for small photographs, or for vectors of another length", () => {
  expect(mlp().input.shape).toEqual([3, 32, 32]);
  expect(mlp({ sizes: [3072, 8, 4] })).toMatchObject({ input: { shape: [3, 32, 32] }, target: { shape: [4] } });
  expect(mlp({ sizes: [20, 8, 4] })).toMatchObject({ input: { shape: [20] }, target: { shape: [4] } });
});

describe("what does not fit is said", () => {
  test.each([
    [
      () => conv7({}, { input: [3, 28, 28], classes: 10 }),
      "shape",
      "conv7: layer 16: average pooling by 2 needs sides that are multiples of 2, not 7 × 7",
    ],
    [
      () => convNet({}, { input: [3, 8, 8], classes: 10 }),
      "shape",
      "conv-net: layer 25: max pooling by 3 does not fit into 2 × 2",
    ],
    [() => resNet18({}, { input: [768], classes: 10 }), "shape", "resnet-18: layer conv1: it needs images"],
    [
      () => resNet20({ shortcut: "identity" } as object),
      "bad-option",
      '"shortcut" must be one of "projection", "padding"',
    ],
    [() => leNetZhu({}, { input: [768], classes: 10 }), "shape", "lenet-zhu: layer 0: it needs images"],
    [() => mlp({ sizes: [100, 10] }, { input: [1, 28, 28], classes: 10 }), "bad-option", "begins with 784"],
    [() => mlp({ sizes: [784, 5] }, { input: [1, 28, 28], classes: 10 }), "bad-option", "ends with 10"],
    [() => mlp({ hidden: [3] } as object), "bad-option", 'no option "hidden"'],
    [() => conv7({ activation: "gelu" } as object), "bad-option", '"activation" must be one of "relu"'],
  ])("case %#", (build, code, message) => {
    expect(build).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }));
  });
});

test("cross-entropy of two known rows", () => {
  // −log(1/2) for equal logits; logits (log 3, 0) with target (¼, ¾): −¼ log ¾ − ¾ log ¼. Mean of the two.
  const logits = input("logits", [2, 2]);
  const target = input("target", [2, 2]);
  const values = { logits: f64([0, 0, Math.log(3), 0], [2, 2]), target: f64([1, 0, 0.25, 0.75], [2, 2]) };
  const { loss } = interpret(graph({ logits, target }, { loss: crossEntropy(logits, target) }), values);
  expect(loss!.data[0]).toBeCloseTo((Math.log(2) - 0.25 * Math.log(0.75) - 0.75 * Math.log(0.25)) / 2, 14);
});

const f64 = (values: readonly number[], shape: readonly number[]): NdArray => ({
  shape,
  data: Float64Array.from(values),
});

test("lenet-zhu of other widths: the count of what its gradient can say of a batch", () => {
  const counted = (batch: number, model: Model) => rankCount({ model, operator: gradient() }, batch);
  // Features of 768 numbers a sample behind two convolutions, and the gradients in front of them: 3600 + 900 + 12.
  for (const batch of [1, 2, 4, 8]) {
    const { layers, bound, unknowns } = counted(batch, leNetZhu());
    expect(layers[2]!.count).toBe(768 * batch + 4512);
    expect(bound).toBe(Math.min(unknowns, 768 * batch + 4512));
    expect(unknowns).toBe(3072 * batch);
  }
  const small = { input: [3, 16, 16], classes: 10 };
  expect(counted(2, leNetZhu({ width: 4 }, small)).layers[2]!.count).toBe(832);
  expect(counted(2, leNetZhu({ width: 2 }, small)).layers[2]!.count).toBe(316);
  expect(counted(2, leNetZhu()).losesAt).toBe("2.weight");
  expect(counted(1, leNetZhu()).losesAt).toBeUndefined();
});

test("nets whose data passes layers by are counted all the same", () => {
  const { bypassed, bound, unknowns } = rankCount({ model: resNet20({ width: 2 }), operator: gradient() }, 4);
  expect(bypassed).toContain("layer1.0.conv2.weight");
  expect(bound).toBeLessThan(unknowns);
});
