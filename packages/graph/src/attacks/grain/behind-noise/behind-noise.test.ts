import { clipNorm, fitOf, gaussianNoise, knownNoise, type Problem, rng } from "@recon/core";
import { onnxruntime } from "@recon/engine";
import { afterAll, expect, test } from "vitest";
import { isomorphism } from "../../../graphs/isomorphism.ts";
import { encodeGraph, type LabelledGraph } from "../../../graphs/labelled-graph.ts";
import { gat } from "../../../models/gat.ts";
import { gcn } from "../../../models/gcn.ts";
import { graphSage } from "../../../models/graph-sage.ts";
import { possibleAtom } from "../../../molecules/atom-features.ts";
import { grain } from "../../grain.ts";
import { domain, foundGraph, graphOf, observedGraph, solutionOf, table } from "../fixtures/observed-graph.ts";
import { atomKinds, onCycles } from "./atom-kinds.ts";
import { misfitProgram } from "./misfit-program.ts";
import { moved } from "./moves.ts";
import { onlyNoise } from "./only-noise.ts";

const executor = onnxruntime();
afterAll(() => executor.dispose());
const data = { input: [domain.largest, domain.features + domain.largest], classes: 2, domain };
const target = { shape: [1, 2], data: Float64Array.of(0, 1) };

async function behindNoise(secret: LabelledGraph, relative: number): Promise<Problem> {
  const problem = await observedGraph(secret, gcn({ hidden: 64 }, data), executor);
  const defence = gaussianNoise({ rel_noise: relative });
  return { ...problem, defences: [defence], observation: defence.channel!.apply(problem.observation, rng("noise")) };
}

test.each([
  ["convolutions", gcn({ hidden: 16 }, data)],
  ["sampled neighbours", graphSage({ hidden: 16 }, data)],
])("misfits of a network of %s are those of whole gradients", async (_, model) => {
  const problem = await observedGraph(graphOf("CC(=O)Oc1ccccc1"), model, executor);
  const others = [graphOf("CCO"), graphOf("c1ccccc1N"), graphOf("OCC(O)CO")];
  const program = misfitProgram(problem, domain, executor, target);
  const misfits = await program.misfits(others);
  const entries = Object.values(problem.observation).flatMap(({ data: values }) => Array.from(values));
  const square = entries.reduce((sum, entry) => sum + entry * entry, 0);
  for (const [i, other] of others.entries()) {
    const { shape, data: input } = encodeGraph(other, table);
    const { residual } = await fitOf(problem, executor, { input: { shape: [1, ...shape], data: input }, target });
    expect(misfits[i]! / square).toBeCloseTo(residual ** 2, 9);
  }
  await program.dispose();
});

test("misfits leave out what is no linear layer, and entries are counted likewise", async () => {
  const problem = await observedGraph(graphOf("CCO"), gat({ hidden: 16 }, data), executor);
  const program = misfitProgram(problem, domain, executor, target);
  const all = Object.values(problem.observation).reduce((sum, { data: g }) => sum + g.length, 0);
  expect(program.entries).toBeLessThan(all);
  expect((await program.misfits([graphOf("CCO")]))[0]).toBeLessThan(1e-20);
  await program.dispose();
});

test("moves lead to connected molecules whose atoms can exist, of the told size where it is told", () => {
  const kinds = atomKinds(table)!;
  const draw = (_: LabelledGraph, __: number, options: readonly (readonly number[])[]) => options.at(-1)!;
  const start = graphOf("CC(=O)Nc1ccc(O)cc1");
  for (const resize of [false, true]) {
    const sizes = new Set<number>();
    let changed = 0;
    for (let i = 0; i < 150; i++) {
      const next = moved(start, { kinds, draw, largest: 40, resize }, rng(`move ${i}`));
      if (next === undefined) continue;
      if (isomorphism(next, start) === undefined) changed++;
      sizes.add(next.nodes.length);
      const cyclic = onCycles(next);
      const impossible = next.nodes.filter((choices, node) => {
        const degree = next.edges.filter((edge) => edge.includes(node)).length;
        const atom = kinds.read(choices);
        const placed = atom.ring === cyclic[node] && table[1]!.values[choices[1]!] === `${degree}`;
        return !placed || !possibleAtom(atom, degree);
      });
      expect(impossible).toEqual([]);
    }
    expect(changed).toBeGreaterThan(40);
    if (resize) expect(sizes.size).toBeGreaterThan(2);
    else expect([...sizes]).toEqual([start.nodes.length]);
  }
});

test("a small molecule comes back behind noise, without a certificate that it is the only one", async () => {
  const secret = graphOf("CC(=O)OC");
  const problem = await behindNoise(secret, 0.01);
  const told = { ...problem, knowledge: { ...problem.knowledge, nodeCount: [secret.nodes.length] } };
  const solution = await solutionOf(grain(), told, executor);
  expect(isomorphism(foundGraph(solution), secret)).toBeDefined();
  expect(solution.certificate.level).toBe("consistent");
  expect(solution.given).toContain("nodeCount");
  expect(solution.evaluations).toBeLessThanOrEqual(1100);
});

test("what is done to a gradient beside noise is noticed", async () => {
  const problem = await behindNoise(graphOf("CCO"), 0.01);
  expect(knownNoise(problem)).toBeGreaterThan(0);
  expect(onlyNoise(problem)).toBe(true);
  expect(onlyNoise({ ...problem, defences: [] })).toBe(false);
  expect(onlyNoise({ ...problem, defences: [clipNorm({ threshold: 1e-3 }), ...problem.defences] })).toBe(false);
});
