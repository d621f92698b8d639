import { expect, it } from "vitest";
import type { Solution } from "../problem.ts";
import { rng } from "../random.ts";
import { plantCase } from "../testing/planted-case.ts";
import { referenceExecutor } from "../testing/reference-executor.ts";
import { referenceModel } from "../testing/reference-model.ts";
import { applicable } from "./applicable.ts";
import { independentComponents } from "./independent-components.ts";

const planted = (batch: number, seed: number) =>
  plantCase(rng(seed), {
    model: referenceModel({ inputs: 40, hidden: 12, classes: 5 }),
    batch,
    labels: true,
    known: { batchSize: batch },
  }).problem;

it("returns a batch and certifies nothing of it, since nothing checks independence", async () => {
  for (const seed of [1, 2, 3]) {
    const problem = planted(4, seed);
    expect(applicable(independentComponents(), problem)).toBe(true);
    let solution: Solution | undefined;
    const context = {
      executor: referenceExecutor(),
      budget: { evaluations: 1 },
      rng: rng(seed),
      signal: new AbortController().signal,
    };
    for await (const event of independentComponents().run(problem, context))
      if (event.kind === "solution") solution = event;
    expect(solution!.value.input!.shape).toEqual([4, 40]);
    expect(["none", "consistent"]).toContain(solution!.certificate.level);
    expect(solution!.verdict).not.toBe("recovered");
    expect(solution!.residual).toBeGreaterThan(0);
  }
});

it("says why it does not apply", () => {
  expect(applicable(independentComponents(), planted(1, 1))).toMatchObject({
    reason: expect.stringMatching(/no unmixing/),
  });
  expect(applicable(independentComponents(), planted(13, 1))).toMatchObject({
    reason: expect.stringMatching(/fewer than 13/),
  });
});
