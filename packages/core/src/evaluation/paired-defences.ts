import { pairedBootstrap } from "../judge/interval.ts";
import type { Rng } from "../random.ts";
import type { AttackOutcome, DefenceCell, DefencePair } from "./evaluation-record.ts";

/** Every two defences at one level, the one that leaves more to guess first, paired by trial: both saw the same victims. */
export function pairsOf(cells: readonly DefenceCell[], better: "higher" | "lower", rng: Rng): readonly DefencePair[] {
  const atLevels = cells.filter((cell) => cell.epsilon === undefined);
  const levels = [...new Set(atLevels.map((cell) => cell.level))];
  return levels.flatMap((level) => {
    const measured = atLevels
      .filter((cell) => cell.level === level)
      .flatMap((cell) => {
        const outcome = strongestAdaptive(cell);
        return outcome?.score === undefined ? [] : [{ defence: cell.defence, outcome, mean: outcome.score.mean }];
      })
      // What an attack reconstructs badly is protected well.
      .sort((a, b) => (better === "lower" ? b.mean - a.mean : a.mean - b.mean));
    return measured.flatMap((first, i) =>
      measured.slice(i + 1).flatMap((second): DefencePair[] => {
        const both = first.outcome.trials.flatMap((score, trial) => {
          const other = second.outcome.trials[trial];
          return score === null || other === null || other === undefined ? [] : [[score, other] as const];
        });
        if (both.length === 0) return [];
        const difference = pairedBootstrap(
          both.map(([a]) => a),
          both.map(([, b]) => b),
          { rng: rng.split(`${level} ${first.defence} ${second.defence}`) },
        );
        return [{ level, stronger: first.defence, weaker: second.defence, difference }];
      }),
    );
  });
}

/** What the strongest attack that was told of the defence leaves. */
export function strongestAdaptive(cell: DefenceCell): AttackOutcome | undefined {
  return cell.outcomes.find((outcome) => outcome.adaptive && outcome.attack === cell.strongest.adaptive);
}
