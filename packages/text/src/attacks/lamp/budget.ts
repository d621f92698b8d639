/** How a search spends its evaluations of the forward operator. */
export interface SearchPlan {
  /** Random starts that are compared; 0 where there is nothing to compare them with. */
  readonly starts: number;
  /** Orders of the best start that are compared. */
  readonly orders: number;
  /** Steps of the continuous phase. */
  readonly steps: number;
  /** Steps before which the discrete phase runs. */
  readonly rounds: ReadonlySet<number>;
  /** Candidates of one text in one round, beside the order that it has. */
  readonly candidates: number;
}

/** Starts and orders that the published attack compares, and candidates a round and text. */
const [mostStarts, mostCandidates] = [500, 200];

/**
 * Shares a budget out as the published attack does at 2000 steps: a tenth for the start, and discrete rounds from a tenth of the steps on, each 3.75 % of them apart.
 * A text costs a round as many evaluations as it has candidates, so that few are tried where the budget is small.
 */
export function searchPlan(evaluations: number, batch: number): SearchPlan {
  const starts = Math.min(mostStarts, Math.floor(evaluations / 20));
  const orders = starts;
  const rest = Math.max(1, evaluations - starts - orders);
  const steps = Math.max(1, Math.floor(rest / 2));
  const every = Math.max(1, Math.round(0.0375 * steps));
  const rounds = new Set<number>();
  for (let step = Math.ceil(0.1 * steps); step < steps; step += every) if (step > 0) rounds.add(step);
  // A round also looks at the order that there is.
  const share = Math.floor((rest - steps) / (rounds.size * batch)) - 1;
  const candidates = Math.max(0, Math.min(mostCandidates, share));
  return {
    starts,
    orders,
    steps,
    rounds: candidates > 0 ? rounds : new Set(),
    candidates: rounds.size > 0 ? candidates : 0,
  };
}
