import { type Card, type DataSource, type Json, type OpenData, ReconError } from "@recon/core";
import { type SeriesDomain, seriesDomain } from "../domain.ts";
import type { Series } from "./series.ts";
import { trainingRange } from "./training-range.ts";
import type { Cut } from "./window-options.ts";
import { windows } from "./windows.ts";

/** A data source of windows of a series. */
export interface SeriesSource extends DataSource {
  /** The scale is that of the data, so the series is read when the domain is first asked for. */
  readonly domain: SeriesDomain;
}

/** What makes a series a data source. */
export interface SeriesSourceOptions {
  readonly name: string;
  readonly options: Json;
  readonly cut: Cut;
  readonly card: Card;
  /** Reads the series; called once, when it is first needed. */
  read(): Series;
}

/**
 * Windows of the last part of a series as a data source; those of its first part, which has its scale too, as `training`.
 *
 * @throws ReconError, when the series is read: what reading it throws, `too-short`, `constant-series`, `no-data`.
 */
export function seriesSource({ name, options, cut, card, read }: SeriesSourceOptions): SeriesSource {
  let loaded: { readonly series: Series; readonly domain: SeriesDomain } | undefined;
  const load = (): NonNullable<typeof loaded> => {
    if (loaded !== undefined) return loaded;
    const series = read();
    checkLength(name, series, cut);
    const ranges = series.columns.map((column) => trainingRange(column, trainingEnd(series, cut), name));
    const domain = seriesDomain({
      observed: cut.observed,
      horizon: cut.horizon,
      columns: ranges.map(({ name, unit, min, max }) => ({ name, unit, min, max })),
      mean: ranges.map(({ mean }) => mean),
      box: cut.box,
      ...(series.cycle && series.cycle.steps > 1 && { period: series.cycle.steps }),
      ...(series.step !== undefined && { step: series.step }),
    });
    loaded = { series, domain };
    return loaded;
  };
  return {
    name,
    options,
    card,
    get domain() {
      return load().domain;
    },
    open: async (): Promise<OpenData> => {
      const { series, domain } = load();
      const stride = cut.stride ?? domain.period ?? 1;
      const audited = windows(name, series, domain, { from: auditStart(series, cut), to: series.length, stride });
      if (audited.size === 0) throw nothingComplete(name, audited.skipped[0]?.reason);
      const training = windows(name, series, domain, { from: 0, to: trainingEnd(series, cut), stride: 1 });
      return {
        size: audited.size,
        skipped: [...(series.skipped ?? []), ...audited.skipped],
        item: audited.item,
        training: { size: training.size, item: training.item },
      };
    },
  };
}

function trainingEnd({ length }: Series, { training }: Cut): number {
  return Math.round(training * length);
}

function auditStart({ length }: Series, { audit }: Cut): number {
  return length - Math.round(audit * length);
}

function checkLength(name: string, series: Series, cut: Cut): void {
  const { observed, horizon, audit } = cut;
  const audited = series.length - auditStart(series, cut);
  if (audited >= observed + horizon) return;
  const steps = series.length === 1 ? "1 step" : `${series.length} steps`;
  throw new ReconError(
    "too-short",
    `${name}: the series has ${steps}, its audit part (the last ${Math.round(100 * audit)} %) ${audited}, and a window needs ${observed + horizon}: observed ${observed} and horizon ${horizon}. Lower these two, raise "audit", or give a longer series.`,
  );
}

function nothingComplete(name: string, outside: string | undefined): ReconError {
  const why = outside ?? 'each misses a value; fill gaps, or lower "observed" and "horizon"';
  return new ReconError("no-data", `${name}: no window of the audit part can be used: ${why}.`);
}
