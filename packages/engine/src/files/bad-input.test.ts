import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { afterAll, describe, expect, test } from "vitest";
import { EngineError } from "../errors.ts";
import { interpret } from "../interpret.ts";
import { buildModel, type TestModel, type TestTensor } from "./fixtures/build-model.ts";
import { type ImportOnnxOptions, importOnnx } from "./import-onnx.ts";

/** The error of an import, which must be one of the engine's. */
function refusal(bytes: Uint8Array, options: ImportOnnxOptions = {}): EngineError {
  try {
    importOnnx(bytes, options);
  } catch (error) {
    expect(error).toBeInstanceOf(EngineError);
    return error as EngineError;
  }
  throw new Error("the import was not refused");
}

/** A model with one node, for its error. */
function model(build: (m: TestModel) => string, opset = 17): Uint8Array {
  const m = buildModel(opset);
  m.input("x", [2, 3]);
  m.output(build(m));
  return m.bytes();
}

const field = (number: number, bytes: Uint8Array): Uint8Array =>
  new BinaryWriter().tag(number, WireType.LengthDelimited).bytes(bytes).finish();

describe("bad operators", () => {
  test("an unsupported one is named with its place and the label of the request", () => {
    const error = refusal(model((m) => m.node("Det", ["x"])));
    expect(error.code).toBe("onnx-unsupported-op");
    expect(error.message).toContain('"Det" named "/Det_1" with output "v0"');
    expect(error.message).toContain("op-request");
  });
  test("one of another domain is named with it", () => {
    expect(refusal(model((m) => m.node("acme::Magic", ["x"]))).message).toContain("acme::Magic");
  });
  test("one that came with a later operator set", () => {
    expect(refusal(model((m) => m.node("Gelu", ["x"]), 17)).code).toBe("onnx-opset");
  });
  test("errors of shapes say where", () => {
    const error = refusal(model((m) => m.node("MatMul", ["x", m.weight("w", [4, 5])])));
    expect(error.code).toBe("shape");
    expect(error.message).toMatch(/MatMul.*\[2, 3\].*\[4, 5\]/);
  });
  test("a choice that objects have by nature is no choice", () => {
    for (const mode of ["constructor", "toString", "__proto__", "x".repeat(10_000)]) {
      const error = refusal(model((m) => m.node("Pad", ["x", m.ints([1, 0, 0, 0])], { mode })));
      expect(error.code).toBe("onnx-unsupported-variant");
      expect(error.message.length).toBeLessThan(400);
    }
  });
  test("dropout that draws", () => {
    const on = (m: TestModel): string => m.node("Cast", [m.ints([1], [])], { to: 9 });
    expect(refusal(model((m) => m.node("Dropout", ["x", m.scalar(0.5), on(m)]))).code).toBe("onnx-random");
  });
  test("a shape that depends on data", () => {
    const m = buildModel();
    m.input("x", [4]);
    m.input("shape", [2], "int64");
    m.output(m.node("Reshape", ["x", "shape"]));
    expect(refusal(m.bytes()).code).toBe("onnx-not-constant");
  });
});

describe("bad graphs", () => {
  test("a cycle", () => {
    const bytes = model((m) => {
      m.nodes("Add", ["x", "b"], {}, ["a"]);
      return m.nodes("Relu", ["a"], {}, ["b"])[0]!;
    });
    expect(refusal(bytes)).toMatchObject({ code: "onnx-malformed", message: expect.stringContaining("cycle") });
  });
  test("a node that needs itself", () => {
    expect(refusal(model((m) => m.nodes("Relu", ["y"], {}, ["y"])[0]!)).message).toContain("cycle");
  });
  test("a long chain is no deep recursion", () => {
    const found = importOnnx(
      model((m) => {
        let h = "x";
        for (let i = 0; i < 30_000; i++) h = m.node("Identity", [h]);
        return m.node("Relu", [h]);
      }),
    );
    expect(Object.values(found.outputs)[0]!.op.name).toBe("relu");
  });
  test("a missing weight is named", () => {
    expect(refusal(model((m) => m.node("Add", ["x", "fc.weight"]))).message).toContain('needs "fc.weight"');
  });
  test("an output that nothing makes", () => {
    expect(refusal(model(() => "nowhere")).message).toContain('"nowhere"');
  });
  test.each([
    ["two nodes", (m: TestModel) => [m.nodes("Relu", ["x"], {}, ["y"]), m.nodes("Neg", ["x"], {}, ["y"])]],
    ["a node and an input", (m: TestModel) => [m.nodes("Relu", ["x"], {}, ["x"])]],
    ["two weights", (m: TestModel) => [m.weight("w", [1]), m.weight("w", [2])]],
    ["two inputs", (m: TestModel) => [m.input("x", [2, 3])]],
  ])("one name for %s", (_title, build) => {
    const bytes = model((m) => {
      build(m);
      return m.node("Add", ["x", "x"]);
    });
    expect(refusal(bytes).code).toBe("onnx-malformed");
  });
  test("names that objects have by nature are names like others", () => {
    const m = buildModel();
    m.input("constructor", [2]);
    m.weight("__proto__", [2], [1, 2]);
    m.output(m.node("Add", ["constructor", "__proto__"]));
    const { graph, parameters } = importOnnx(m.bytes(), { shapes: { constructor: [2] } });
    const x = { shape: [2], data: Float64Array.of(10, 20) };
    const feeds = Object.fromEntries([...Object.entries(parameters), ["constructor", x]]);
    const [result] = Object.values(interpret(graph, feeds));
    expect(result!.data).toEqual(Float64Array.of(11, 22));
  });
  test("more than a model's fields", () => {
    const bytes = new Uint8Array(2 * 4_000_001);
    for (let i = 0; i < bytes.length; i += 2) bytes[i] = 0x08;
    expect(refusal(bytes).code).toBe("onnx-too-large");
  });
  test("graphs in graphs in graphs", () => {
    let graph: Uint8Array = new Uint8Array();
    for (let i = 0; i < 200; i++) {
      const attribute = new BinaryWriter().tag(20, WireType.Varint).int32(5).raw(field(6, graph)).finish();
      graph = field(1, field(5, attribute));
    }
    expect(refusal(field(7, graph)).code).toBe("onnx-too-large");
  });
});

describe("bad shapes and types", () => {
  const dynamic = (): Uint8Array => {
    const m = buildModel();
    m.input("ids", ["batch", 3, "length"]);
    m.output(m.node("Relu", ["ids"]));
    return m.bytes();
  };
  test("a dynamic extent is named, and how to fix it", () => {
    const error = refusal(dynamic());
    expect(error.code).toBe("dynamic-shape");
    expect(error.message).toContain('"batch" at axis 0');
    expect(error.message).toContain('shapes: { "ids": [1, 3, 1] }');
  });
  test("shapes that the file contradicts or does not know", () => {
    expect(refusal(dynamic(), { shapes: { ids: [1, 4, 7] } }).code).toBe("shape");
    expect(refusal(dynamic(), { shapes: { ids: [1, 3] } }).code).toBe("shape");
    expect(refusal(dynamic(), { shapes: { ids: [1, 3, 7], other: [1] } }).code).toBe("missing-input");
    expect(refusal(dynamic(), { shapes: { ids: [1, 3, 2 ** 40] } }).code).toBe("onnx-too-large");
    expect(importOnnx(dynamic(), { shapes: { ids: [1, 3, 7] } }).inputs.ids!.shape).toEqual([1, 3, 7]);
  });
  const weight = (tensor: TestTensor): Uint8Array => model((m) => m.node("Add", ["x", m.stored("w", tensor)]));
  test("a weight that claims more than there is", () => {
    for (const shape of [[2 ** 40], [2 ** 31, 2 ** 31, 2 ** 31], [3], [1], [-1, -2], [2 ** 53, 0]]) {
      expect(refusal(weight({ shape, type: "float", values: [1, 2] })).code).toBe("onnx-data");
    }
  });
  test("a result that cannot exist", () => {
    const fill = (m: TestModel): string => m.node("ConstantOfShape", [m.ints([2 ** 30, 2 ** 30])]);
    expect(refusal(model(fill)).code).toBe("onnx-too-large");
    expect(refusal(model((m) => m.node("Expand", ["x", m.ints([2 ** 40, 1, 1])]))).code).toBe("onnx-too-large");
    expect(refusal(model((m) => m.node("Tile", ["x", m.ints([2 ** 50, 2 ** 50])]))).code).toBe("onnx-too-large");
    expect(refusal(model((m) => m.node("Pad", ["x", m.ints([2 ** 40, 0, 0, 0])]))).code).toBe("onnx-too-large");
    const range = (m: TestModel): string => m.node("Range", [m.ints([0], []), m.ints([2 ** 50], []), m.ints([1], [])]);
    expect(refusal(model(range)).code).toBe("onnx-too-large");
  });
  test("element types that are not numbers", () => {
    const bytes = model((m) => m.node("Add", ["x", "w"]));
    const text = new BinaryWriter().tag(2, WireType.Varint).int32(8).tag(8, WireType.LengthDelimited).string("w");
    const graph = new BinaryWriter().tag(5, WireType.LengthDelimited).bytes(text.finish()).finish();
    // A second part of the graph field is refused; the weight therefore goes into a model of its own.
    expect(refusal(Uint8Array.from([...bytes, ...field(7, graph)])).message).toContain("two graphs");
    const m = buildModel();
    m.input("x", [1], "int64");
    m.output(m.node("Add", ["x", m.weight("w", [1])]));
    expect(refusal(m.bytes()).code).toBe("onnx-dtype");
  });
  test("operator sets that are too old, too new or absent", () => {
    for (const opset of [0, 6, 99]) expect(refusal(model((m) => m.node("Relu", ["x"]), opset)).code).toBe("onnx-opset");
  });
  test("a recurrent layer of a million steps", () => {
    const m = buildModel();
    m.input("x", [1_000_000, 1, 1]);
    m.output(m.node("GRU", ["x", m.weight("w", [1, 3, 1]), m.weight("r", [1, 3, 1])], { hidden_size: 1 }));
    expect(refusal(m.bytes()).code).toBe("onnx-too-large");
  });
});

describe("files that are no models", () => {
  const good = model((m) => m.node("Relu", ["x"]));
  test.each([
    ["nothing", new Uint8Array()],
    ["zeros", new Uint8Array(64)],
    ["text", new TextEncoder().encode("<html><body>404 Not Found</body></html>")],
    ["ones", new Uint8Array(64).fill(255)],
  ])("%s", (_title, bytes) => {
    expect(refusal(bytes).code).toBe("onnx-malformed");
  });
  test("every truncation of a model", () => {
    for (let length = 0; length < good.length; length++) {
      try {
        importOnnx(good.subarray(0, length));
      } catch (error) {
        expect(error).toBeInstanceOf(EngineError);
      }
    }
  });
  test("a view into a larger buffer reads nothing around it", () => {
    const large = new Uint8Array(good.length + 20).fill(0x3a);
    large.set(good, 10);
    expect(importOnnx(large.subarray(10, 10 + good.length)).opset).toBe(17);
    expect(refusal(large.subarray(10, 10 + good.length + 1)).code).toBe("onnx-malformed");
  });
});

describe("weights in another file", () => {
  const root = mkdtempSync(join(tmpdir(), "recon-onnx-"));
  const folder = join(root, "model");
  mkdirSync(join(folder, "sub"), { recursive: true });
  const data = new Uint8Array(Float32Array.of(9, 1, 2, 3).buffer);
  writeFileSync(join(folder, "weights.bin"), data);
  writeFileSync(join(folder, "sub", "weights.bin"), data);
  writeFileSync(join(root, "secret.bin"), data);
  writeFileSync(join(root, "model-other.bin"), data);
  symlinkSync(join(root, "secret.bin"), join(folder, "link.bin"));
  symlinkSync(root, join(folder, "up"));
  afterAll(() => rmSync(root, { recursive: true }));

  const external = (entries: Readonly<Record<string, string>>, extents: readonly number[] = [3]): Uint8Array => {
    const w = new BinaryWriter();
    for (const extent of extents) w.tag(1, WireType.Varint).int64(extent);
    w.tag(2, WireType.Varint).int32(1).tag(8, WireType.LengthDelimited).string("w");
    for (const [key, value] of Object.entries(entries)) {
      w.tag(13, WireType.LengthDelimited).fork();
      w.tag(1, WireType.LengthDelimited).string(key).tag(2, WireType.LengthDelimited).string(value).join();
    }
    w.tag(14, WireType.Varint).int32(1);
    const m = buildModel();
    m.input("x", [3]);
    m.output(m.node("Add", ["x", "w"]));
    const graph = Uint8Array.from([...m.graph(), ...field(5, w.finish())]);
    const opset = new BinaryWriter().tag(1, WireType.LengthDelimited).string("").tag(2, WireType.Varint).int64(17);
    return Uint8Array.from([...field(7, graph), ...field(8, opset.finish())]);
  };

  test("is read from the model's folder and below", () => {
    for (const location of ["weights.bin", "sub/weights.bin", "./weights.bin", "sub/../weights.bin"]) {
      const { parameters } = importOnnx(external({ location, offset: "4", length: "12" }), { folder });
      expect(parameters.w!.data).toEqual(Float32Array.of(1, 2, 3));
    }
  });
  test("is refused without a folder", () => {
    expect(refusal(external({ location: "weights.bin" }))).toMatchObject({
      code: "onnx-external",
      message: expect.stringContaining("folder"),
    });
  });
  test.each([
    "../secret.bin",
    "sub/../../secret.bin",
    "../model-other.bin",
    "link.bin",
    "up/secret.bin",
    join(root, "secret.bin"),
    "..\\secret.bin",
    "",
    ".",
    "sub",
    "weights.bin\0.txt",
    "missing.bin",
    "x".repeat(5000),
  ])("is refused at %j", (location) => {
    expect(refusal(external({ location, offset: "4", length: "12" }), { folder }).code).toBe("onnx-external");
  });
  test("is refused where the file is shorter, the numbers are none, or the shape is huge", () => {
    const location = "weights.bin";
    for (const rest of [
      { offset: "8" },
      { offset: "-4" },
      { offset: "1e3" },
      { length: "4" },
      { offset: "9".repeat(30) },
    ]) {
      expect(refusal(external({ location, ...rest }), { folder }).code).toBe("onnx-external");
    }
    expect(refusal(external({ location }, [2 ** 50]), { folder }).code).toBe("onnx-external");
    expect(refusal(external({ location, length: "9007199254740991" }, [2 ** 53, 0]), { folder }).code).toBe(
      "onnx-external",
    );
  });
  test("is refused where it is a pipe, without waiting for a writer", () => {
    execFileSync("mkfifo", [join(folder, "pipe")]);
    expect(refusal(external({ location: "pipe", length: "12" }), { folder }).code).toBe("onnx-external");
  });
});
