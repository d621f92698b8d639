import { expect, test } from "vitest";
import { graph } from "../graph.ts";
import { mul } from "../ops/arithmetic.ts";
import { input } from "../ops/leaf.ts";
import { eliminateDead } from "./eliminate-dead.ts";

test("inputs that no output depends on are dropped, the others keep their order", () => {
  const [a, b, c] = [input("a", []), input("b", []), input("c", [])];
  const g = graph({ c, b, a }, { y: mul(a, c) });
  expect(Object.keys(eliminateDead(g).inputs)).toEqual(["c", "a"]);
  expect(eliminateDead(g).outputs).toBe(g.outputs);
});

test("a graph without dead inputs is returned as it is", () => {
  const a = input("a", []);
  const g = graph({ a }, { y: a });
  expect(eliminateDead(g)).toBe(g);
});
