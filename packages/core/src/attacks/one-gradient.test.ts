import { expect, test } from "vitest";
import { gaussianNoise } from "../defences/channel/noise.ts";
import { type UpdateOptions, update } from "../operators/update.ts";
import type { Defence, Problem, Solution } from "../problem.ts";
import { rng } from "../random.ts";
import { batchError } from "../testing/attack-errors.ts";
import { plantCase } from "../testing/planted-case.ts";
import { referenceExecutor } from "../testing/reference-executor.ts";
import { analytic } from "./analytic.ts";
import { applicable } from "./applicable.ts";
import { exactAttacks } from "./exact-attacks.ts";
import { oneGradient } from "./one-gradient.ts";
import { recoveredTargets } from "./targets.ts";

const protocol = { batchSize: 1, localSteps: true, localLr: true, momentum: true, weightDecay: true };

const planted = (options: UpdateOptions, known: object = protocol, defences: readonly Defence[] = []) =>
  plantCase(rng(4), { operator: update(options), defences, known: { ...known } });

/** Why an update is no gradient. */
function refusal(problem: Problem): string {
  const one = oneGradient(problem);
  return "reason" in one ? one.reason : "it is one";
}

async function solved(problem: Problem): Promise<Solution> {
  const signal = new AbortController().signal;
  const context = { executor: referenceExecutor(), budget: { evaluations: 10 }, rng: rng(1), signal };
  for await (const event of analytic().run(problem, context)) if (event.kind === "solution") return event;
  throw new Error("no solution");
}

test("an update of one step on all samples is attacked as the gradient that it is", async () => {
  const { problem, truth } = planted({ rate: 0.3, momentum: 0.9 });
  const solution = await solved(problem);
  expect(solution).toMatchObject({ verdict: "recovered", certificate: { level: "exact" } });
  expect(batchError(solution.value.input!, truth.input)).toBeLessThan(1e-12);
  expect(Array.from(solution.value.target!.data)).toEqual(Array.from(truth.target.data));
});

test("any other update is not taken for one, and exact attacks say why they refuse it", () => {
  expect(refusal(planted({ rate: 0.3, steps: 3 }).problem)).toMatch(/those of 3 steps were sent as one difference/);
  expect(refusal(planted({ rate: 0.3, weightDecay: 0.1 }).problem)).toMatch(/decay of the weights was sent with it/);
  expect(refusal(planted({ rate: 0.3 }, { batchSize: 1 }).problem)).toMatch(/known only with localSteps, localLr/);
  expect(refusal(planted({ rate: 0.3 }, {}).problem)).toMatch(/whose steps are not known/);
  const noisy = planted({ rate: 0.3 }, protocol, [gaussianNoise({ rel_noise: 0.1 })]);
  expect(refusal(noisy.problem)).toMatch(/defences act on a difference/);
  const { problem } = planted({ rate: 0.3, steps: 2 }, { ...protocol, defenceKind: true, defenceParams: true });
  for (const attack of exactAttacks().filter(({ name }) => name !== "fedavg")) {
    expect(applicable(attack, problem), attack.name).toMatchObject({
      reason: expect.stringMatching(/2 steps were sent/),
    });
    expect(() => attack.run(problem, {} as never), attack.name).toThrow(/does not apply here: it reads one gradient/);
  }
});

test("labels are read off one gradient alone, with the sign of a gradient", () => {
  const { problem, truth } = planted({ rate: 0.3 });
  expect(recoveredTargets(problem, 1)).toMatchObject({ value: { data: Float64Array.from(truth.target.data) } });
  expect(recoveredTargets(planted({ rate: 0.3, steps: 2 }).problem, 1)).toHaveProperty("reason");
});
