import type { Executor } from "@recon/engine";
import { applicable } from "../../attacks/applicable.ts";
import { ReconError } from "../../errors.ts";
import type { Attack, Problem, Progress, Solution } from "../../problem.ts";
import { type Rng, rng as streamOf } from "../../random.ts";
import { batchError, ownResidual } from "../attack-errors.ts";
import { guardProblem } from "../guarded-problem.ts";
import { broken, demand, type Law } from "../law.ts";
import type { PlantedCase } from "../planted-case.ts";
import { referenceExecutor } from "../reference-executor.ts";
import type { Repetition } from "../register.ts";
import { demandEqual, demandFinite, demandJson } from "../snapshot.ts";

export interface AttackLawOptions extends Repetition {
  /** A case the attack must solve, drawn anew from every seed (`plantCase`). */
  readonly reference: (rng: Rng) => PlantedCase;
  /** Largest ‖x̂ − x‖ / ‖x‖, modulo the order of the batch, that counts as recovered. */
  readonly tolerance: number;
  /** Cases of every sort, solvable or not, on which it must not be over-confident; the reference case unless said. */
  readonly drawn?: (rng: Rng) => PlantedCase;
  /** A problem the attack is not made for. */
  readonly refused?: (rng: Rng) => Problem;
  /** A problem whose observation does not determine the unknown. */
  readonly unidentifiable?: (rng: Rng) => Problem;
  /** Budget; 1000 unless said. */
  readonly evaluations?: number;
  /** The reference interpreter unless said. */
  readonly executor?: () => Executor;
}

type AttackLaw = Law<Attack, AttackLawOptions>;

interface Run {
  readonly solution: Solution | undefined;
  readonly progress: readonly Progress[];
  /** Events after the abort, the solution not counted. */
  readonly late: number;
}

interface Stop {
  /** Abort after this many progress events; 0 is before the start. */
  readonly after: number;
}

async function runAttack(
  attack: Attack,
  problem: Problem,
  options: AttackLawOptions,
  seed: number,
  stop?: Stop,
): Promise<Run> {
  const executor = options.executor?.() ?? referenceExecutor();
  const controller = new AbortController();
  if (stop?.after === 0) controller.abort();
  const progress: Progress[] = [];
  const solutions: Solution[] = [];
  let late = 0;
  try {
    const context = {
      executor,
      budget: { evaluations: options.evaluations ?? 1000 },
      rng: streamOf(seed),
      signal: controller.signal,
    };
    for await (const event of attack.run(problem, context)) {
      demand(solutions.length === 0, "Something follows the solution.");
      if (event.kind === "solution") {
        solutions.push(event);
        continue;
      }
      if (controller.signal.aborted) late++;
      if (late > 1000) throw broken("It goes on and on after the abort.");
      progress.push(event);
      if (progress.length === stop?.after) controller.abort();
    }
  } catch (error) {
    // To stop with the signal's own error is to stop; with any other it is to crash.
    if (!controller.signal.aborted || (error instanceof ReconError && error.code === "law-broken")) throw error;
    if (!(error instanceof Error && error.name === "AbortError")) throw broken(`Aborted, it throws: ${String(error)}`);
  } finally {
    await executor.dispose();
  }
  demand(solutions.length === 1 || stop !== undefined, "The attack ended without a solution.");
  return { solution: solutions[0], progress, late };
}

async function solve(attack: Attack, problem: Problem, options: AttackLawOptions, seed = 1): Promise<Solution> {
  return (await runAttack(attack, problem, options, seed)).solution!;
}

function certain({ certificate }: Solution): boolean {
  return certificate.level === "exact" || certificate.level === "locally-unique";
}

const recovers: AttackLaw = {
  name: "recovers a planted truth on its reference case",
  check: async (make, options, rng) => {
    const { problem, truth } = options.reference(rng);
    const attack = make();
    const applies = applicable(attack, problem);
    demand(applies === true, `It refuses its reference case: ${applies === true ? "" : applies.reason}`);
    const solution = await solve(attack, problem, options);
    const error = batchError(solution.value.input, truth.input);
    demand(
      error <= options.tolerance,
      `The relative error is ${error}, more than ${options.tolerance}: ${solution.reason}`,
    );
  },
};

const refuses: AttackLaw = {
  name: "refuses a problem it is not made for, with a reason",
  check: async (make, options, rng) => {
    if (options.refused === undefined) return;
    const attack = make();
    const problem = options.refused(rng);
    const answer = applicable(attack, problem);
    if (answer === true) throw broken("It says that it applies.");
    demand(answer.reason.trim().length >= 10, `Its reason is no sentence: "${answer.reason}".`);
    try {
      const { solution } = await runAttack(attack, problem, options, 1);
      demand(
        solution === undefined || !certain(solution),
        "It refuses the problem, then runs and certifies its answer.",
      );
    } catch (error) {
      if (error instanceof ReconError && error.code !== "law-broken") return;
      throw error instanceof ReconError
        ? error
        : broken(`Run on a problem it refuses, it throws ${String(error)} instead of a ReconError.`);
    }
  },
};

const honest: AttackLaw = {
  name: "certifies no wrong answer",
  check: async (make, options, rng) => {
    for (let k = 0; k < 4; k++) {
      const draw = rng.split(`case ${k}`);
      const { problem, truth } = (options.drawn ?? options.reference)(draw);
      const attack = make();
      if (applicable(attack, problem) !== true) continue;
      const solution = await solve(attack, problem, options, draw.integer(1e6));
      if (!certain(solution)) continue;
      const error = batchError(solution.value.input, truth.input);
      demand(
        error < 1e-2,
        `It certifies "${solution.certificate.level}" with a relative error of ${error}: ${solution.certificate.reason}`,
      );
    }
  },
};

const fair: AttackLaw = {
  name: "reads only the problem, and leaves it as it was",
  check: async (make, options, rng) => {
    const { problem, truth } = options.reference(rng);
    const guard = guardProblem(problem);
    const before = truth.input.data.slice();
    try {
      applicable(make(), guard.problem);
      await solve(make(), guard.problem, options);
    } catch (error) {
      // Writing to a frozen record is a TypeError in modules.
      const wrote =
        error instanceof TypeError && /read only|not extensible|Cannot (add|delete|redefine)/.test(error.message);
      throw wrote ? broken(`The attack writes to the problem it is given: ${error.message}`) : error;
    }
    guard.demandUntouched();
    demand(
      before.every((value, i) => Object.is(value, truth.input.data[i])),
      "The attack changed the truth.",
    );
  },
};

const deterministic: AttackLaw = {
  name: "deterministic under the seed, and its options survive JSON",
  check: async (make, options, rng) => {
    const { problem } = options.reference(rng);
    const seed = rng.integer(1e6);
    const first = await solve(make(), problem, options, seed);
    const second = await solve(make(), problem, options, seed);
    demandEqual(first.value, second.value, "Equal seeds give different solutions");
    demand(first.evaluations === second.evaluations, "Equal seeds take different numbers of evaluations.");
    demand(
      first.certificate.level === second.certificate.level && first.verdict === second.verdict,
      "Equal seeds give different verdicts.",
    );
    demandJson(make().options, `The attack ${make().name}`);
  },
};

const aborts: AttackLaw = {
  name: "an abort ends the run within a step, with an honest solution or none",
  check: async (make, options, rng) => {
    for (const after of [0, 1, 3]) {
      const { problem, truth } = options.reference(rng.split(`${after}`));
      const { solution, late } = await runAttack(make(), problem, options, 1, { after });
      demand(late <= 2, `It reports ${late} more steps after the abort.`);
      if (solution === undefined) continue;
      demandFinite({ input: solution.value.input! }, "The solution of an aborted run");
      const error = batchError(solution.value.input, truth.input);
      demand(!certain(solution) || error < 1e-2, `Aborted, it certifies a relative error of ${error}.`);
      demand(solution.verdict !== "recovered" || certain(solution), 'Aborted and uncertified, it says "recovered".');
    }
  },
};

const unidentifiable: AttackLaw = {
  name: "says that the observation does not determine the unknown where it does not",
  check: async (make, options, rng) => {
    if (options.unidentifiable === undefined) return;
    const attack = make();
    const problem = options.unidentifiable(rng);
    if (applicable(attack, problem) !== true) return;
    const solution = await solve(attack, problem, options);
    demand(!certain(solution), `It certifies "${solution.certificate.level}" on a problem without a unique answer.`);
    demand(solution.verdict === "not identifiable", `Its verdict is "${solution.verdict}", not "not identifiable".`);
  },
};

const accounts: AttackLaw = {
  name: "keeps to its budget, uses only what it was told, and reports its own residual",
  check: async (make, options, rng) => {
    const { problem, truth } = options.reference(rng);
    const budget = options.evaluations ?? 1000;
    const { solution, progress } = await runAttack(make(), problem, options, 1);
    const { evaluations, given, value, residual, reason, certificate, verdict } = solution!;
    demand(evaluations >= 0 && evaluations <= budget, `It made ${evaluations} evaluations of a budget of ${budget}.`);
    let fraction = 0;
    for (const event of progress) {
      demand(event.fraction >= fraction && event.fraction <= 1, `Progress goes from ${fraction} to ${event.fraction}.`);
      fraction = event.fraction;
    }
    const untold = given.find((flag) => problem.knowledge[flag] === undefined);
    demand(untold === undefined, `It says it was given "${untold}", which it was not told.`);
    demand(value.input?.shape.join() === truth.input.shape.join(), `Its input has shape [${value.input?.shape}].`);
    demand(value.target?.shape.join() === truth.target.shape.join(), `Its target has shape [${value.target?.shape}].`);
    demand(
      reason.trim().length > 0 && certificate.reason.trim().length > 0,
      "A verdict and a certificate need a reason.",
    );
    demand(verdict !== "recovered" || certain(solution!), 'It says "recovered" without a certificate.');
    // What a channel leaves unusable is the attack's business, so only whole observations are compared.
    if (problem.defences.length > 0) return;
    const own = ownResidual(problem, { input: value.input!, target: value.target! });
    demand(
      Math.abs(own - residual) <= 0.1 * own + 1e-6,
      `It reports a residual of ${residual}; its answer has ${own}.`,
    );
  },
};

/** What must hold of every attack. */
export const attackLaws: readonly AttackLaw[] = [
  recovers,
  refuses,
  honest,
  fair,
  deterministic,
  aborts,
  unidentifiable,
  accounts,
];
