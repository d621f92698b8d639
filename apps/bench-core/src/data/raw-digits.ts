import { type DataSource, type Item, relativeRms } from "@recon/core";
import { digits } from "@recon/vision";

/** MNIST digits as they are stored, on [0, 1], scored by the relative error of an item. */
export function rawDigits(): DataSource {
  const source = digits();
  return {
    ...source,
    name: "raw-digits",
    options: {},
    domain: { ...source.domain, metrics: [relativeRms()] },
    open: async () => {
      const data = await source.open();
      return {
        ...data,
        item: async (index): Promise<Item> => {
          const { id, input, target } = await data.item(index);
          return { id, input: { shape: input.shape, data: source.domain.pixels(input) }, target };
        },
      };
    },
  };
}
