import { type DataSource, type Item, relativeRms } from "@recon/core";

/**
 * A source with every coordinate standardised over all of its items, x′ = (x − mean) / deviation, scored by the relative error of an item.
 *
 * Coordinates that never change are left at 0.
 */
export function standardised(source: DataSource): DataSource {
  return {
    ...source,
    name: `standardised-${source.name}`,
    domain: { ...source.domain, metrics: [relativeRms()] },
    open: async () => {
      const data = await source.open();
      const items = await Promise.all(Array.from({ length: data.size }, (_, i) => data.item(i)));
      const { mean, deviation } = statistics(items);
      return {
        ...data,
        item: async (index): Promise<Item> => {
          const { id, input, target } = items[index] ?? (await data.item(index));
          const values = Float64Array.from(input.data, (value, k) => {
            return deviation[k]! > 0 ? (value - mean[k]!) / deviation[k]! : 0;
          });
          return { id, input: { shape: input.shape, data: values }, target };
        },
      };
    },
  };
}

function statistics(items: readonly Item[]): { readonly mean: Float64Array; readonly deviation: Float64Array } {
  const size = items[0]?.input.data.length ?? 0;
  const mean = new Float64Array(size);
  for (const { input } of items) for (let k = 0; k < size; k++) mean[k]! += input.data[k]! / items.length;
  const variance = new Float64Array(size);
  for (const { input } of items) {
    for (let k = 0; k < size; k++) variance[k]! += (input.data[k]! - mean[k]!) ** 2 / items.length;
  }
  // Rounding of a constant coordinate is no variance.
  return { mean, deviation: variance.map((value) => (value > 1e-12 ? Math.sqrt(value) : 0)) };
}
