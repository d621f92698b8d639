/** What dual averaging remembers. */
export interface StepSizeState {
  /** The step size to use next while adapting. */
  readonly step: number;
  /** The step size to keep when adaptation ends. */
  readonly average: number;
  readonly updates: number;
  /** Mean shortfall of the acceptance, weighted. */
  readonly shortfall: number;
  /** log 10 ε₀, towards which early steps are drawn. */
  readonly anchor: number;
}

/** A solver part that adapts a step size. */
export interface StepSize {
  init(step: number): StepSizeState;
  update(state: StepSizeState, acceptance: number): StepSizeState;
}

export interface DualAveragingOptions {
  /** Acceptance aimed at, .8 unless given. */
  readonly acceptance?: number;
}

/**
 * Step sizes whose mean acceptance tends to the one aimed at:
 *
 *     H̄ ← (1 − 1/(t + 10)) H̄ + (a* − a)/(t + 10),    log ε = μ − √t / .05 H̄,    log ε̄ ← t^−.75 log ε + (1 − t^−.75) log ε̄
 *
 * @see M. D. Hoffman, A. Gelman, "The No-U-Turn Sampler", JMLR 15 (2014), section 3.2, with its constants.
 */
export function dualAveraging({ acceptance: wanted = 0.8 }: DualAveragingOptions = {}): StepSize {
  return {
    init: (step) => ({ step, average: step, updates: 0, shortfall: 0, anchor: Math.log(10 * step) }),
    update: (state, acceptance) => {
      const updates = state.updates + 1;
      const weight = 1 / (updates + 10);
      const shortfall = (1 - weight) * state.shortfall + weight * (wanted - acceptance);
      const log = state.anchor - (Math.sqrt(updates) / 0.05) * shortfall;
      const share = updates ** -0.75;
      const average = Math.exp(share * log + (1 - share) * Math.log(state.average));
      return { ...state, step: Math.exp(log), average, updates, shortfall };
    },
  };
}
