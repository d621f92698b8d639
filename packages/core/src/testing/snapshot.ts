import type { Arrays, NdArray } from "@recon/engine";
import type { Json } from "../problem.ts";
import { survivesJson } from "../survives-json.ts";
import { demand } from "./law.ts";

/** A deep copy of named arrays. */
export function copyArrays(arrays: Arrays): Arrays {
  const copy = ({ shape, data }: NdArray): NdArray => ({ shape: [...shape], data: data.slice() });
  return Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, copy(array)]));
}

/** The first name under which two sets of arrays differ in any bit, or undefined. */
export function firstDifference(a: Arrays, b: Arrays): string | undefined {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].find((name) => {
    const x = a[name];
    const y = b[name];
    if (x === undefined || y === undefined || x.shape.join() !== y.shape.join()) return true;
    return x.data.length !== y.data.length || x.data.some((value, i) => !Object.is(value, y.data[i]));
  });
}

/** Demands equal bytes. */
export function demandEqual(a: Arrays, b: Arrays, what: string): void {
  const name = firstDifference(a, b);
  demand(name === undefined, `${what}: "${name}" differs.`);
}

/** Demands that every number is finite. */
export function demandFinite(arrays: Arrays, what: string): void {
  for (const [name, { data }] of Object.entries(arrays)) {
    demand(
      data.every((value) => Number.isFinite(value)),
      `${what}: "${name}" holds NaN or an infinity.`,
    );
  }
}

/** Demands that options say everything as JSON: what comes back from JSON text is what went in. */
export function demandJson(options: Json, what: string): void {
  demand(
    survivesJson(options),
    `${what}: its options do not survive JSON, so a result could not be repeated from its record.`,
  );
}
