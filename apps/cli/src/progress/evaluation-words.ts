import { type DefenceCell, type EvaluationRecord, recordJson, strongestAdaptive } from "@recon/core";
import type { Versions } from "./json-lines.ts";
import { shortNumber } from "./result-words.ts";
import type { ScenarioProgress } from "./scenario-progress.ts";

/** Follows a comparison of defences: its progress in the form of a scenario's, with the time left from the pace so far. */
export function followEvaluation(
  now: () => number,
): (scenario: string, step: { readonly fraction: number; readonly message: string }) => ScenarioProgress {
  let started: number | undefined;
  return (scenario, { fraction, message }) => {
    started ??= now();
    const spent = (now() - started) / 1000;
    return {
      scenario,
      fraction,
      trial: Math.floor(100 * fraction),
      trials: 100,
      attack: "defences",
      message,
      ...(fraction > 0.02 && spent > 0.5 ? { secondsLeft: (spent * (1 - fraction)) / fraction } : {}),
    };
  };
}

/** One line about the cell that was added last. */
export function cellWords(record: EvaluationRecord): string {
  const cell = record.cells.at(-1);
  if (cell === undefined) return `${record.scenario}  no defence was compared`;
  const at =
    cell.epsilon === undefined ? `at ${cell.level} points` : `at ε ${cell.epsilon}, ${shortNumber(cell.level)} points`;
  const place = `${record.scenario}  ${cell.defence} ${at}`;
  if (cell.strength === undefined) return `${place}: ${cell.note ?? "not reached"}`;
  const parts = [
    ...sideWords("told of it", strongestAdaptive(cell)?.score?.mean, cell.strongest.adaptive),
    ...sideWords("not told", obliviousScore(cell), cell.strongest.oblivious),
    ...(cell.floor === undefined ? [] : [`blind guess ${shortNumber(cell.floor.mean)}`]),
    ...(cell.bound === undefined ? [] : [`bound ${shortNumber(cell.bound.value)}`]),
    ...(cell.privacy === undefined ? [] : [`ε ${shortNumber(cell.privacy.epsilon)}`]),
  ];
  return `${place} (${shortNumber(cell.strength)}): ${record.metric.name} ${parts.join(", ")}`;
}

function obliviousScore(cell: DefenceCell): number | undefined {
  const { oblivious } = cell.strongest;
  return cell.outcomes.find((outcome) => !outcome.adaptive && outcome.attack === oblivious)?.score?.mean;
}

function sideWords(who: string, score: number | undefined, attack: string | undefined): readonly string[] {
  return score === undefined ? [] : [`${shortNumber(score)} by ${attack} ${who}`];
}

/** The cell that was added last as one line of JSON. */
export function cellLine(record: EvaluationRecord, versions: Versions): string {
  const { scenario, metric, cells } = record;
  return recordJson({
    app: "cli",
    case: scenario,
    evaluation: { metric, ...cells.at(-1) },
    versions: { ...versions, threads: Number(versions.threads) },
  });
}
