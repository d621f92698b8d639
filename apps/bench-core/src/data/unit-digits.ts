import { type DataSource, type Item, relativeRms, rms } from "@recon/core";
import { digits } from "@recon/vision";

/** MNIST digits scaled to length 1, with target −1 for an even digit and 1 for an odd one; scored modulo sign, which an odd activation without bias leaves open. */
export function unitDigits(): DataSource {
  const source = digits();
  return {
    ...source,
    name: "unit-digits",
    options: {},
    domain: { ...source.domain, metrics: [rms({ sign: true }), relativeRms({ sign: true })] },
    open: async () => {
      const data = await source.open();
      return {
        ...data,
        item: async (index): Promise<Item> => {
          const { id, input, target } = await data.item(index);
          const length = Math.hypot(...input.data);
          const digit = target.data.indexOf(1);
          return {
            id,
            input: { shape: input.shape, data: Float64Array.from(input.data, (value) => value / length) },
            target: { shape: [1], data: Float64Array.of(digit % 2 === 0 ? -1 : 1) },
          };
        },
      };
    },
  };
}
