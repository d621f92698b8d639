import { describe, expect, test } from "vitest";
import { layersOf } from "../layers.ts";
import { buildModel, type TestModel } from "./fixtures/build-model.ts";
import { expectAgreement } from "./fixtures/compare.ts";
import { attention, convNet, gcn, perceptron, recurrentNet, residualNet } from "./fixtures/exported-networks.ts";

const names = (model: { outputs: Readonly<Record<string, Parameters<typeof layersOf>[0]>> }): string[] =>
  layersOf(Object.values(model.outputs)[0]!).map((l) => `${l.kind} ${l.weight} ${l.bias ?? "-"} ${l.activation.name}`);

describe("importOnnx agrees with ONNX Runtime on", () => {
  for (const opset of [11, 13, 17, 20]) {
    test(`a perceptron in opset ${opset}, and finds its layers`, async () => {
      const model = await expectAgreement(perceptron(opset).bytes());
      expect(model.opset).toBe(opset);
      expect(names(model)).toEqual(["linear fc1.weight fc1.bias relu", "linear fc2.weight fc2.bias identity"]);
      expect(Object.keys(model.parameters).sort()).toEqual(["fc1.bias", "fc1.weight", "fc2.bias", "fc2.weight"]);
    });
    test(`a convolutional network in opset ${opset}`, async () => {
      const model = await expectAgreement(convNet(opset).bytes());
      expect(names(model).filter((line) => line.startsWith("convolution"))).toEqual([
        "convolution conv1.weight conv1.bias relu",
        "convolution conv2.weight - identity",
      ]);
    });
    test(`a residual network with batch norm in eval mode in opset ${opset}`, async () => {
      await expectAgreement(residualNet(opset, false).bytes());
    });
    test(`a transformer encoder in opset ${opset}`, async () => {
      const model = await expectAgreement(attention(opset).bytes(), {}, { ids: [1, 4, 2, 2, 0, 3] });
      expect(names(model).filter((line) => line.startsWith("linear")).length).toBeGreaterThanOrEqual(6);
    });
    for (const cell of ["GRU", "LSTM", "RNN"] as const) {
      test(`a bidirectional and a forward ${cell} in opset ${opset}`, async () => {
        await expectAgreement(recurrentNet(opset, cell, "bidirectional").bytes());
        await expectAgreement(recurrentNet(opset, cell, "forward").bytes());
      });
    }
    test(`a graph convolution by products in opset ${opset}`, async () => {
      await expectAgreement(gcn(opset).bytes());
    });
  }
  test("batch norm in training mode, running statistics included", async () => {
    await expectAgreement(residualNet(17, true).bytes());
  });
  test("a GRU with the reset gate before the product, backwards", async () => {
    await expectAgreement(recurrentNet(17, "GRU", "reverse", 0).bytes());
  });
});

describe("shapes", () => {
  const dynamic = (): TestModel => {
    const m = buildModel(17);
    m.input("x", ["batch", 4]);
    m.output(m.node("Gemm", ["x", m.weight("w", [3, 4]), m.weight("b", [3])], { transB: 1 }));
    return m;
  };
  test("left open are told by the caller", async () => {
    const model = await expectAgreement(dynamic().bytes(), { shapes: { x: [5, 4] } });
    expect(model.inputs.x!.shape).toEqual([5, 4]);
  });
});
