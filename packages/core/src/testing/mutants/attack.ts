import type { Attack, Progress, Solution } from "../../problem.ts";
import { referenceAttack } from "../reference-attack.ts";
import type { Mutant } from "./mutant.ts";

/** The reference attack with another solution. */
function tampered(change: (solution: Solution) => Solution): () => Attack {
  return () => {
    const right = referenceAttack();
    return {
      ...right,
      async *run(problem, context): AsyncGenerator<Progress | Solution, void> {
        for await (const event of right.run(problem, context)) yield event.kind === "solution" ? change(event) : event;
      },
    };
  };
}

function scaled(solution: Solution, factor: number): Solution {
  const input = solution.value.input!;
  const data = Float64Array.from(input.data, (value) => factor * value);
  return { ...solution, value: { ...solution.value, input: { shape: input.shape, data } } };
}

/** The reference attack with something done to the problem first. */
function meddling(meddle: (problem: Parameters<Attack["run"]>[0]) => void): () => Attack {
  return () => {
    const right = referenceAttack();
    return {
      ...right,
      run: (problem, context) => {
        meddle(problem);
        return right.run(problem, context);
      },
    };
  };
}

let calls = 0;

/** Attacks that are wrong on purpose, each with the law that catches it. */
export const attackMutants: readonly Mutant<Attack>[] = [
  {
    name: "off by one percent",
    law: "recovers a planted truth on its reference case",
    make: tampered((solution) => scaled(solution, 1.01)),
  },
  {
    name: "refuses everything",
    law: "recovers a planted truth on its reference case",
    make: () => ({ ...referenceAttack(), applies: () => ({ reason: "it does not feel like it today" }) }),
  },
  {
    name: "never refuses",
    law: "refuses a problem it is not made for, with a reason",
    make: () => ({ ...referenceAttack(), applies: () => true }),
  },
  {
    name: "refuses without a reason",
    law: "refuses a problem it is not made for, with a reason",
    make: () => ({
      ...referenceAttack(),
      applies: (problem) => (problem.knowledge.batchSize === 1 ? true : { reason: "no" }),
    }),
  },
  {
    name: "over-confident: certifies whatever it finds",
    law: "certifies no wrong answer",
    make: tampered((solution) => ({
      ...solution,
      certificate: { level: "exact", reason: "I am sure." },
      verdict: "recovered",
    })),
  },
  {
    name: "looks for the truth",
    law: "reads only the problem, and leaves it as it was",
    make: meddling((problem) => {
      Reflect.get(problem, "truth");
    }),
  },
  {
    name: "overwrites the observation",
    law: "reads only the problem, and leaves it as it was",
    make: meddling((problem) => {
      problem.observation.w2!.data.fill(0);
    }),
  },
  {
    name: "tells itself the labels",
    law: "reads only the problem, and leaves it as it was",
    make: meddling((problem) => {
      (problem.knowledge as Record<string, unknown>).labels = 1;
    }),
  },
  {
    name: "another answer every time",
    law: "deterministic under the seed, and its options survive JSON",
    make: tampered((solution) => {
      calls++;
      return scaled(solution, 1 + 1e-12 * calls);
    }),
  },
  {
    name: "deaf to the signal",
    law: "an abort ends the run within a step, with an honest solution or none",
    make: () => {
      const right = referenceAttack();
      return {
        ...right,
        async *run(problem, context): AsyncGenerator<Progress | Solution, void> {
          for (let k = 0; k < 50; k++) yield { kind: "progress", evaluations: k, fraction: k / 100, objective: 1 };
          yield* right.run(problem, context);
        },
      };
    },
  },
  {
    name: "crashes when it is aborted",
    law: "an abort ends the run within a step, with an honest solution or none",
    make: () => {
      const right = referenceAttack();
      return {
        ...right,
        async *run(problem, context): AsyncGenerator<Progress | Solution, void> {
          if (context.signal.aborted) throw new RangeError("no steps were made");
          yield* right.run(problem, context);
        },
      };
    },
  },
  {
    name: "cannot say that it does not know",
    law: "says that the observation does not determine the unknown where it does not",
    make: tampered((solution) =>
      solution.verdict === "not identifiable" ? { ...solution, verdict: "budget spent" } : solution,
    ),
  },
  {
    name: "spends more than its budget",
    law: "keeps to its budget, uses only what it was told, and reports its own residual",
    make: tampered((solution) => ({ ...solution, evaluations: 1_000_000 })),
  },
  {
    name: "uses labels it was not told",
    law: "keeps to its budget, uses only what it was told, and reports its own residual",
    make: tampered((solution) => ({ ...solution, given: [...solution.given, "labels"] })),
  },
  {
    name: "reports a better residual than it has",
    law: "keeps to its budget, uses only what it was told, and reports its own residual",
    make: tampered((solution) => ({ ...scaled(solution, 2), residual: 0 })),
  },
];
