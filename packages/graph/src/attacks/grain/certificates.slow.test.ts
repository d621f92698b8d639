import { type CertificateLevel, type Model, rng } from "@recon/core";
import { onnxruntime } from "@recon/engine";
import { afterAll, expect, test } from "vitest";
import { molecules } from "../../data/molecules.ts";
import { isomorphism } from "../../graphs/isomorphism.ts";
import { decodeGraph } from "../../graphs/labelled-graph.ts";
import { gat } from "../../models/gat.ts";
import { gcn } from "../../models/gcn.ts";
import { grain } from "../grain.ts";
import { foundGraph, observedGraph, solutionOf } from "./fixtures/observed-graph.ts";

const seed = Number(process.env.RECON_TEST_SEED);
const executor = onnxruntime({ threads: 1 });
afterAll(() => executor.dispose());

const { domain, open } = molecules({ lists: ["mutagenic", "tumorigenic", "irritant", "reproductive"], training: 0 });
const data = { input: [domain.largest, domain.features + domain.largest], classes: 2, domain };
/** Narrow networks as often as wide ones: there certificates are the most at risk. */
const victims: readonly Model[] = [gcn({ hidden: 300 }, data), gcn({ hidden: 64 }, data), gat({ hidden: 64 }, data)];

/** Molecules of a portion; all portions together are 1000. */
const portion = 100;

test.each(Array.from({ length: 10 }, (_, i) => i))(
  `no wrong graph is certified exact (RECON_TEST_SEED=${seed}, portion %i)`,
  async (at) => {
    const { size, item } = await open();
    const drawn = rng(seed)
      .permutation(size)
      .slice(at * portion, (at + 1) * portion);
    const counts = new Map<string, number>();
    const wrong: string[] = [];
    for (const [i, index] of drawn.entries()) {
      const { id, input } = await item(index);
      const secret = decodeGraph(input, domain.table);
      const model = victims[i % victims.length]!;
      const problem = await observedGraph(secret, model, executor, { seed: `${seed} ${index}` });
      // Whoever needs longer certifies nothing.
      const solution = await solutionOf(grain({ surroundings: 20_000, seconds: 20 }), problem, executor);
      const { level }: { readonly level: CertificateLevel } = solution.certificate;
      const right = isomorphism(foundGraph(solution), secret) !== undefined;
      const kind = `${level}, ${right ? "right" : "wrong"}`;
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
      if (!right && (level === "exact" || level === "locally-unique")) wrong.push(`${id} (${model.name})`);
    }
    console.log(`portion ${at}: ${[...counts].map(([kind, count]) => `${kind} ${count}`).join("; ")}`);
    expect(wrong).toEqual([]);
    // Certificates that are never given could not be wrong.
    expect(counts.get("exact, right") ?? 0).toBeGreaterThan(portion / 10);
  },
  1_800_000,
);
