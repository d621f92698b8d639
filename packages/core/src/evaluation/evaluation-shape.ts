/** Checks that parsed JSON has the shape of an evaluation: run folders come from strangers. */
import type { Bound } from "../bounds/bound.ts";
import { boolean, type Check, count, invalid, list, number, oneOf, record, string } from "../json-check.ts";
import type { Interval } from "../judge/interval.ts";
import type {
  AttackOutcome,
  DefenceCell,
  DefencePair,
  EvaluationRecord,
  PrivacyStatement,
  UtilityCurve,
  UtilityMeasurement,
} from "./evaluation-record.ts";

const ends: Check<readonly [number, number]> = (value, where) => {
  if (!Array.isArray(value) || value.length !== 2) throw invalid(where, "a pair of numbers");
  return [number(value[0], `${where}[0]`), number(value[1], `${where}[1]`)];
};

const orNull =
  <T>(check: Check<T>): Check<T | null> =>
  (value, where) =>
    value === null ? null : check(value, where);

const interval = record<Interval>({ mean: number, bounds: orNull(ends), count });

const bound = record<Bound>({
  value: number,
  kind: oneOf<Bound["kind"]>(["lower", "upper", "approximation"]),
  assumptions: list(string),
});

const privacy = record<PrivacyStatement>({ epsilon: number, delta: number, assumptions: list(string) });

const measurement = { strength: number, loss: number, accuracies: list(number), rate: number };

const curve = record<UtilityCurve>(
  {
    defence: string,
    parameter: string,
    points: list(record<UtilityMeasurement>(measurement)),
    guarantees: list(record<UtilityMeasurement & { readonly epsilon: number }>({ ...measurement, epsilon: number })),
  },
  ["guarantees"],
);

const outcome = record<AttackOutcome>(
  { attack: string, adaptive: boolean, score: interval, trials: list(orNull(number)), failures: count, reason: string },
  ["score", "reason"],
);

const cell = record<DefenceCell>(
  {
    defence: string,
    level: number,
    epsilon: number,
    strength: number,
    note: string,
    outcomes: list(outcome),
    strongest: record<DefenceCell["strongest"]>({ adaptive: string, oblivious: string }, ["adaptive", "oblivious"]),
    floor: interval,
    bound,
    privacy,
    missing: record<DefenceCell["missing"]>({ bound: string, privacy: string }, ["bound", "privacy"]),
  },
  ["epsilon", "strength", "note", "floor", "bound", "privacy"],
);

/** Checks an evaluation. Throws `run-invalid` that names the member. */
export const checkEvaluationRecord: Check<EvaluationRecord> = record<EvaluationRecord>({
  format: oneOf(["recon-evaluation/1"]),
  scenario: string,
  title: string,
  victim: string,
  metric: record<EvaluationRecord["metric"]>({ name: string, unit: string, better: oneOf(["higher", "lower"]) }),
  levels: list(number),
  training: record<EvaluationRecord["training"]>({
    steps: count,
    batch: count,
    seeds: count,
    rates: list(number),
    accuracy: number,
  }),
  curves: list(curve),
  cells: list(cell),
  pairs: list(record<DefencePair>({ level: number, stronger: string, weaker: string, difference: interval })),
  complete: boolean,
});
