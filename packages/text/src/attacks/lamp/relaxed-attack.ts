import {
  type Applicability,
  type Attack,
  type AttackContext,
  clause,
  conclude,
  fitOf,
  givenTargets,
  type Problem,
  type Progress,
  type Solution,
} from "@recon/core";
import type { NdArray } from "@recon/engine";
import { type RelaxedProblem, relaxedProblem } from "./relaxed-problem.ts";

/** Knowledge that every search through embeddings rests on: the classes, the lengths, and the table together with the vocabulary that it is over. */
export const relaxedNeeds: readonly string[] = [
  "architecture",
  "weights",
  "batchSize",
  "labels",
  "sequenceLengths",
  "embeddings",
];

/** Whether ids can be searched for through embeddings. */
export function relaxable(problem: Problem): Applicability {
  const targets = givenTargets(problem, problem.knowledge.batchSize as number);
  if ("reason" in targets) return targets;
  const relaxed = relaxedProblem(problem);
  return "reason" in relaxed ? relaxed : true;
}

/** What ids, evaluated as ids on the true model, come to. */
export async function solutionOf(
  problem: Problem,
  { executor }: Pick<AttackContext, "executor">,
  found: {
    readonly input: NdArray;
    readonly target: NdArray;
    readonly relaxed: RelaxedProblem;
    readonly ended: string;
    readonly evaluations: number;
    readonly trace: Solution["trace"];
    readonly explanation?: string | undefined;
  },
): Promise<Solution> {
  const value = { input: found.input, target: found.target };
  const { residual } = await fitOf(problem, executor, value);
  const restricted = found.relaxed.restricted
    ? "Only ids that the gradient of the table of embeddings names came into question."
    : undefined;
  const explanation = [restricted, found.explanation].filter((part) => part !== undefined).join(" ");
  return {
    kind: "solution",
    value,
    residual,
    given: relaxedNeeds,
    evaluations: found.evaluations,
    trace: found.trace,
    ...conclude(problem, { residual, samples: found.input.shape[0]!, ended: found.ended }),
    ...(explanation !== "" && { explanation }),
  };
}

/**
 * An attack on continuous inputs as one on ids: it searches through embeddings, what it finds is rounded to the nearest ids, and those are judged by the gradient that
 * they would have caused.
 */
export function throughEmbeddings(attack: Attack): Attack {
  return {
    ...attack,
    needs: relaxedNeeds,
    applies: relaxable,
    run: async function* (problem, context): AsyncGenerator<Progress | Solution, void> {
      const relaxed = relaxedProblem(problem) as RelaxedProblem;
      for await (const event of attack.run(relaxed.problem, context)) {
        if (event.kind === "progress") {
          yield event;
          continue;
        }
        yield await solutionOf(problem, context, {
          input: relaxed.project(event.value.input!),
          target: event.value.target!,
          relaxed,
          ended: clause(event.reason),
          evaluations: event.evaluations,
          trace: event.trace,
          explanation: event.explanation,
        });
      }
    },
  };
}
