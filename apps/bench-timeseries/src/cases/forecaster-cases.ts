import { type AuditCaseOptions, auditCase, type BenchCase } from "@recon/bench";
import { type Attack, defaultKnowledge, type Metric, type Model } from "@recon/core";
import { auxiliaryWindows, dlg, type ForecastShape, priorOnly, tsInverse } from "@recon/timeseries";
import { type BenchSeries, benchSeries } from "../victims/series.ts";
import { auxiliaryData } from "../victims/with-auxiliary-data.ts";

/** One attack on one forecaster, on every series. */
export interface ForecasterCases
  extends Pick<AuditCaseOptions, "id" | "targets" | "batch" | "observation" | "training" | "evaluations"> {
  readonly model: (shape: ForecastShape) => Model;
  readonly attack: (series: BenchSeries) => Attack;
  /** Scores besides the series' own. */
  readonly metrics?: readonly Metric[];
  /** Whether searches and the control run beside it; they do not unless said. */
  readonly baselines?: boolean;
  /** 5 unless said. */
  readonly seeds?: number;
}

/** Evaluations of a search of first order, the same for all of them. */
const searchEvaluations = 2000;
/** A search takes a minute where a case takes a second: one seed shows what it reaches. */
const baselineSeeds = 1;

/** Searches of first order, and the control that looks at no gradient. */
const baselines: Readonly<Record<string, (series: BenchSeries) => Attack>> = {
  "dlg-adam": () => dlg({ optimiser: "adam" }),
  "ts-inverse": ({ source }) => tsInverse({}, [], auxiliaryWindows(source)),
  "prior-only": ({ source }) => priorOnly(auxiliaryWindows(source)),
};

/** A case on every series, which is its suite, with its baselines: the same windows, weights and noise. */
export function forecasterCases(options: ForecasterCases): readonly BenchCase[] {
  const {
    baselines: beside = false,
    seeds = 5,
    attack,
    model,
    targets = {},
    evaluations = 9000,
    metrics = [],
    ...shared
  } = options;
  return benchSeries.flatMap((series) => {
    const { domain } = series.source;
    const on = {
      ...shared,
      suite: series.name,
      model: () => model({ input: [domain.observed, domain.features], classes: domain.horizon }),
      source: () => series.source,
      known: [...defaultKnowledge, auxiliaryData],
      seeds,
    };
    const main = auditCase({
      ...on,
      attack: () => attack(series),
      targets,
      evaluations,
      metrics: [...domain.metrics, ...metrics],
    });
    const others = Object.entries(beside ? baselines : {}).map(([name, search]) =>
      auditCase({
        ...on,
        id: `${options.id}/${name}`,
        attack: () => search(series),
        evaluations: searchEvaluations,
        seeds: baselineSeeds,
      }),
    );
    return [main, ...others];
  });
}
