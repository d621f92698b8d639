import { badOption, type Checks, checkOptions, integer, real } from "@recon/core/options";
import { box } from "../domain.ts";

/** How a series is cut into windows: what every source of this package takes. */
export interface WindowOptions {
  /** Observed steps of a window, T_obs. */
  readonly observed?: number;
  /** Steps to forecast, T_fut. */
  readonly horizon?: number;
  /** Steps from one window of the audit part to the next; one cycle, or 1 where there is none, unless said. */
  readonly stride?: number;
  /** Share of the series, from its start, that the scale and trained victims know; 0.7 unless said. */
  readonly training?: number;
  /** Share of the series, from its end, that is audited; 0.3 unless said. */
  readonly audit?: number;
  /** Where values lie on the scale of the training part; windows that leave it are left out. */
  readonly box?: readonly [number, number];
}

/** The checks of `WindowOptions`, to put beside those of a source's own options. */
export const windowChecks: Checks<WindowOptions> = {
  observed: integer(1, 100_000),
  horizon: integer(1, 100_000),
  stride: integer(1),
  training: real(0.01, 0.99),
  audit: real(0.01, 0.99),
  box,
};

/** Options of a source with what it takes where they say nothing. */
export type Cut = Required<Omit<WindowOptions, "stride">> & Pick<WindowOptions, "stride">;

/**
 * Checks a source's options and fills in what concerns the windows.
 *
 * @throws ReconError `bad-option`, also where the two parts overlap.
 */
export function cutOf<T extends WindowOptions>(
  source: string,
  options: T,
  checks: Checks<T>,
  usual: Pick<Cut, "observed" | "horizon" | "box">,
): Cut {
  checkOptions(source, options, checks);
  const { observed, horizon, training = 0.7, audit = 0.3, stride } = options;
  // A sum of shares such as .7 + .3 may exceed 1 by rounding.
  if (training + audit > 1 + 1e-9)
    throw badOption(source, "audit", audit, `at most ${1 - training}, what the training part of ${training} leaves`);
  return {
    observed: observed ?? usual.observed,
    horizon: horizon ?? usual.horizon,
    training,
    audit,
    box: options.box ?? usual.box,
    ...(stride !== undefined && { stride }),
  };
}
