import type { Picture, ShownItem } from "@recon/core";
import type { SeriesDomain } from "../domain.ts";
import { rmse } from "../metrics/rmse.ts";
import { curvePicture, type WindowShown } from "./curve-picture.ts";
import { errorPicture } from "./error-picture.ts";
import { type ShownCurves, shownCurves } from "./shown-curves.ts";

/** Columns that get a picture of their own. */
const mostColumns = 4;

/** What of a domain its pictures need. */
export type ShownDomain = Pick<SeriesDomain, "observed" | "horizon" | "features" | "columns"> & {
  readonly period?: number | undefined;
  readonly step?: string | undefined;
};

/**
 * Pictures of one item: for every column truth, reconstruction and floor as curves over input and target, and the error of every step where truth and
 * reconstruction are given.
 */
export function renderSeries(item: ShownItem, domain: ShownDomain): readonly Picture[] {
  const { observed, horizon, features, columns, period, step } = domain;
  const shownAt = (column: number): WindowShown => ({
    observed,
    length: column === 0 ? observed + horizon : observed,
    period,
    time: step === undefined ? "steps" : `steps of ${step}`,
    floorName: item.floorName ?? "blind guess",
  });
  const curves = columns.map((_, column) => shownCurves(item, column, domain));
  const pictures: Picture[] = columns
    .slice(0, mostColumns)
    .map((column, i) =>
      curvePicture(
        curves[i]!,
        column,
        shownAt(i),
        i === 0 ? captionOf(item, domain) : `Column ${i + 1} of ${features} of the input.`,
      ),
    );
  const estimate = errorsOf(curves, "estimate");
  const floor = errorsOf(curves, "floor");
  if (estimate !== undefined) pictures.push(errorPicture({ estimate, ...(floor && { floor }) }, shownAt(0)));
  return pictures;
}

/** The largest absolute error over the columns, a step each; `undefined` where truth or estimate is not given. */
function errorsOf(curves: readonly ShownCurves[], name: "estimate" | "floor"): Float64Array | undefined {
  const [first] = curves;
  if (first?.truth === undefined || first[name] === undefined) return undefined;
  return first.truth.map((_, step) => {
    const errors = curves.map((column) => Math.abs(column[name]![step]! - column.truth![step]!));
    const known = errors.filter(Number.isFinite);
    return known.length === 0 ? Number.NaN : Math.max(...known);
  });
}

/** What the first picture shows and how far off it is, in words. */
function captionOf(item: ShownItem, { observed, horizon }: ShownDomain): string {
  const { truth, targets } = item;
  const errors = (name: "estimate" | "floor"): string | undefined => {
    const [input, target] = [item[name], targets?.[name]];
    const parts: string[] = [];
    if (input && truth) parts.push(`${short(rmse().score(input, truth))} (input)`);
    if (target && targets?.truth) parts.push(`${short(rmse().score(target, targets.truth))} (forecast)`);
    return parts.length === 0 ? undefined : parts.join(", ");
  };
  const window = `${observed} steps of input and ${horizon} to forecast.`;
  const [found, guessed] = [errors("estimate"), errors("floor")];
  const of = "of the training part's range";
  if (found === undefined) return window;
  const floor = guessed === undefined ? "" : `; ${item.floorName ?? "blind guess"}: ${guessed}`;
  return `${window} RMSE ${of}: ${found}${floor}.`;
}

/** Two digits. */
function short(value: number): string {
  if (!Number.isFinite(value)) return "not a number";
  return value < 1e-3 ? value.toExponential(1) : value.toPrecision(2);
}
