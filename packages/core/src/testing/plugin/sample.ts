import type { NdArray, Shape } from "@recon/engine";
import type { DataToFit, Plugin } from "../../plugin.ts";
import type { Domain, Item } from "../../problem.ts";
import { referenceDomain } from "../planted-case.ts";
import { type LawSetting, saidBy } from "./suite.ts";

/** What there is to try the pieces of a plugin on. */
export interface Sample {
  /** Of the plugin's first data source that opens, or its first domain. */
  readonly domain?: Domain;
  /** A few items of that source. */
  readonly items: readonly Item[];
  /** Shapes of an item to try: the smallest first, since laws are tried on a plain interpreter; that of the plugin's own items last. */
  readonly shapes: readonly Shape[];
  /** Why a data source does not open. */
  readonly closed?: string;
}

/** Rows, planes and volumes, small and of usual size. */
const usualShapes: readonly Shape[] = [[8], [8, 3], [1, 8, 8], [3, 8, 8], [1, 28, 28], [3, 32, 32]];

const itemCount = 6;

/** Looks at the data of a plugin once for all its pieces. */
export async function sampleOf(plugin: Plugin, { shape }: LawSetting): Promise<Sample> {
  const { items, domain, closed } = await openFirst(plugin);
  const own = items[0]?.input.shape;
  const shapes = shape !== undefined ? [shape] : [...usualShapes, ...(own === undefined ? [] : [own])];
  return { items, shapes, ...(domain && { domain }), ...(closed !== undefined && { closed }) };
}

async function openFirst(plugin: Plugin): Promise<{ items: readonly Item[]; domain?: Domain; closed?: string }> {
  let closed: string | undefined;
  for (const [name, make] of Object.entries(plugin.data ?? {})) {
    try {
      const source = make({});
      const data = await source.open();
      const count = Math.min(itemCount, data.size);
      const items = await Promise.all(Array.from({ length: count }, (_, i) => data.item(i)));
      if (items.length > 0) return { items, domain: source.domain };
    } catch (error) {
      closed ??= `${name}: ${saidBy(error)}`;
    }
  }
  for (const make of Object.values(plugin.domains ?? {})) {
    try {
      return { items: [], domain: make({}), ...(closed !== undefined && { closed }) };
    } catch (error) {
      saidBy(error);
    }
  }
  return { items: [], ...(closed !== undefined && { closed }) };
}

/** What a model may be made for: numbers of a shape in three classes, and the plugin's own data. */
export function fits({ domain, items, shapes }: Sample): readonly DataToFit[] {
  const [first] = items;
  const drawn = shapes.map((input) => ({ input, classes: 3, domain: domain ?? referenceDomain(input) }));
  if (first === undefined || domain === undefined) return drawn;
  return [...drawn, { input: first.input.shape, classes: first.target.shape.at(-1) ?? 1, domain }];
}

/** Items of one shape as a batch, as often as it takes. */
export function batchOf(items: readonly NdArray[], size: number, first: number): NdArray {
  const [{ shape }] = items as [NdArray];
  const length = items[0]!.data.length;
  const data = new Float64Array(size * length);
  for (let i = 0; i < size; i++) data.set(items[(first + i) % items.length]!.data, i * length);
  return { shape: [size, ...shape], data };
}
