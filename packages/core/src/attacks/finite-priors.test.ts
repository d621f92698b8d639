import { log, mean, mul, square } from "@recon/engine";
import { expect, test } from "vitest";
import { squared } from "../discrepancies/squared.ts";
import type { Prior, Solution } from "../problem.ts";
import { rng } from "../random.ts";
import { descent, scale } from "../solvers/index.ts";
import { linearGenerator, meanSquare } from "../testing/mutants/prior.ts";
import { plantCase } from "../testing/planted-case.ts";
import { referenceExecutor } from "../testing/reference-executor.ts";
import { gradientMatching } from "./gradient-matching.ts";

async function search(priors: readonly Prior[]): Promise<Solution | undefined> {
  const { problem } = plantCase(rng("case"), { known: { batchSize: 1 } });
  const attack = gradientMatching({
    name: "matching",
    cite: "Zhu, Liu & Han, NeurIPS 2019",
    options: {},
    discrepancy: () => squared(),
    priors: () => priors,
    targets: "joint",
    solver: () => descent({ update: scale(1e-3) }),
    restarts: 1,
  });
  const context = {
    executor: referenceExecutor(),
    budget: { evaluations: 5 },
    rng: rng("search"),
    signal: new AbortController().signal,
  };
  let solution: Solution | undefined;
  for await (const event of attack.run(problem, context)) if (event.kind === "solution") solution = event;
  return solution;
}

test("a search with sound priors runs", async () => {
  expect((await search([linearGenerator(), meanSquare()]))?.kind).toBe("solution");
});

test("a generator that returns NaN is named", async () => {
  const right = linearGenerator();
  const broken: Prior = { ...right, decode: (latent, shape) => log(mul(square(right.decode(latent, shape)), -1)) };
  await expect(search([broken])).rejects.toThrow(
    expect.objectContaining({
      code: "prior-not-finite",
      message: expect.stringContaining('The generator "linear" returns NaN or an infinity for the variables'),
    }),
  );
});

test("a generator that starts from NaN is named, with its variable", async () => {
  const right = linearGenerator();
  const init: typeof right.init = (shape, stream) => {
    const latent = right.init(shape, stream);
    latent.offset!.data[0] = Number.NaN;
    return latent;
  };
  await expect(search([{ ...right, init }])).rejects.toThrow(
    /"linear" starts a search from NaN .* in its variable "offset"/,
  );
});

test("an energy that returns NaN is named", async () => {
  const broken: Prior = { ...meanSquare(), energy: (x) => log(mul(mean(mul(x, x)), -1)) };
  await expect(search([broken])).rejects.toThrow(/^The prior "mean square" returns NaN where the search starts/);
});
