import { expect, test } from "vitest";
import { grad } from "../grad.ts";
import { type Graph, graph, nodesOf } from "../graph.ts";
import { interpret } from "../interpret.ts";
import { optimise } from "../passes/optimise.ts";
import type { Tensor } from "../tensor.ts";
import { vmap } from "../vmap.ts";
import { after } from "./after.ts";
import { dot } from "./arithmetic.ts";
import { toInt } from "./compare.ts";
import { input } from "./leaf.ts";
import { matmul } from "./matmul.ts";
import { recomputed } from "./recomputed.ts";
import { tanh } from "./unary.ts";

const x = input("x", [2, 3]);
const w = input("w", [3, 3]);
const values = {
  x: { shape: [2, 3], data: Float64Array.of(0.3, -0.2, 0.9, 0.1, 0.5, -0.7) },
  w: { shape: [3, 3], data: Float64Array.of(0.4, 0.1, -0.3, 0.8, -0.6, 0.2, 0.5, -0.1, 0.7) },
};
const count = (g: Graph, name: string): number => nodesOf(g).filter(({ op }) => op.name === name).length;

/** Three steps s ← tanh(s W), each through `step`. */
function loss(step: (next: Tensor, from: Tensor) => Tensor): Tensor {
  let state = x;
  for (let k = 0; k < 3; k++) state = step(tanh(matmul(tanh(matmul(state, w)), w)), state);
  return dot(state, state);
}

const keep = (next: Tensor): Tensor => next;
const again = (next: Tensor, from: Tensor): Tensor => recomputed([next], [from, w])[0]!;
const derivative = (y: Tensor): Graph => {
  const [gx, gw] = grad(y, [x, w]);
  return graph({ x, w }, { gx: gx!, gw: gw! });
};

test("the derivative is the same, and no pass merges what is computed again with what was computed first", () => {
  const [kept, late] = [optimise(derivative(loss(keep))), optimise(derivative(loss(again)))];
  const [expected, ours] = [interpret(kept, values), interpret(late, values)];
  for (const name of ["gx", "gw"])
    expected[name]!.data.forEach((value, i) => {
      expect(ours[name]!.data[i]).toBeCloseTo(value, 14);
    });
  expect(count(kept, "tanh")).toBe(6);
  // The last tanh of the first pass is needed by the loss, the others by the steps that follow.
  expect(count(late, "tanh")).toBe(12);
  expect(count(late, "recomputed")).toBe(0);
});

test("what is computed again waits for the cotangents of its outputs", () => {
  const g = derivative(loss(again));
  const order = nodesOf(g);
  const barriers = order.filter(({ op }) => op.name === "after");
  expect(barriers).toHaveLength(6);
  // The second step's barriers depend on the third's, and the first's on these.
  const depth = new Map<Tensor, number>();
  for (const node of order)
    depth.set(node, Math.max(0, ...node.inputs.map((own) => depth.get(own)!)) + Number(node.op.name === "after"));
  expect(Math.max(...barriers.map((node) => depth.get(node)!))).toBe(3);
});

test("what is not among the inputs counts as well", () => {
  const y = recomputed([tanh(matmul(x, w))], [x])[0]!;
  const [ours] = grad(dot(y, y), [w]);
  const plain = tanh(matmul(x, w));
  const [expected] = grad(dot(plain, plain), [w]);
  const result = interpret(graph({ x, w }, { ours: ours!, expected: expected! }), values);
  expect(result.ours!.data).toEqual(result.expected!.data);
});

test("many cotangents share what is computed again", () => {
  const c = input("c", [2, 3]);
  const all = input("all", [5, 2, 3]);
  const weighted = recomputed([tanh(matmul(x, w))], [x, w])[0]!;
  const [row] = grad(dot(weighted, c), [w]);
  const [rows] = vmap([row!], [c], [all]);
  const g = optimise(graph({ x, w, all }, { rows: rows! }));
  expect(count(g, "tanh")).toBe(1);
  expect(nodesOf(g).find(({ op }) => op.name === "tanh")!.shape).toEqual([2, 3]);
});

test("refuses what has no derivative", () => {
  expect(() => recomputed([toInt(x)], [x])).toThrow(/an output is int; all must be float/);
  expect(() => after(toInt(x), x)).toThrow(/both must be float; these are int and float/);
  expect(() => after(x, input("none", [0]))).toThrow(/an empty tensor is never computed/);
});
