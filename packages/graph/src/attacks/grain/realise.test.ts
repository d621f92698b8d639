import { expect, test } from "vitest";
import { graphSet } from "../../graphs/graph-set.ts";
import { realise } from "./realise.ts";

/** Graphs up to isomorphism, all nodes alike but for their type. */
function distinct(
  nodes: Iterable<
    { readonly nodes: readonly number[]; readonly edges: readonly (readonly [number, number])[] } | undefined
  >,
): number {
  const set = graphSet();
  let count = 0;
  for (const graph of nodes) {
    if (
      graph !== undefined &&
      set.add({ nodes: graph.nodes.map((type) => [type]), edges: graph.edges }, "") === undefined
    )
      count++;
  }
  return count;
}

test("lists all graphs of given degrees: two of degree 2 on six nodes, two cubic ones, and one path", () => {
  const cycles = realise([{ centre: 0, around: [0, 0] }], [{ options: [0], count: 6 }], { left: 10_000 });
  expect(distinct(cycles)).toBe(2);
  const cubic = realise([{ centre: 0, around: [0, 0, 0] }], [{ options: [0], count: 6 }], { left: 100_000 });
  expect(distinct(cubic)).toBe(2);
  const path = realise(
    [
      { centre: 0, around: [1] },
      { centre: 1, around: [0, 1] },
    ],
    [
      { options: [0], count: 2 },
      { options: [1], count: 2 },
    ],
    { left: 10_000 },
  );
  expect(distinct(path)).toBe(1);
});

test("lists none where nodes ask for more of a kind than that asks for them, and stops where it is told", () => {
  const types = [
    { centre: 0, around: [1] },
    { centre: 1, around: [0, 0] },
  ];
  expect(
    distinct(
      realise(
        types,
        [
          { options: [0], count: 3 },
          { options: [1], count: 1 },
        ],
        { left: 1000 },
      ),
    ),
  ).toBe(0);
  const steps = { left: 5 };
  expect(distinct(realise([{ centre: 0, around: [0, 0] }], [{ options: [0], count: 12 }], steps))).toBe(0);
  expect(steps.left).toBeLessThanOrEqual(0);
});
