import { type DataSource, type Item, relativeRms, rms } from "@recon/core";
import { digits } from "@recon/vision";

const [side, window] = [28, 4];
const pooled = side / window;

/** Items that the mean image is taken of. */
const averaged = 1000;

/**
 * MNIST digits averaged over windows of 4 × 4, less their mean image, scaled to length 1, with target −1 for an even digit and 1 for an odd one: 49 numbers
 * that two layers learn from. Scored modulo sign, which an odd activation without bias leaves open.
 */
export function pooledDigits(): DataSource {
  const source = digits();
  return {
    ...source,
    name: "pooled-digits",
    options: {},
    domain: {
      name: "pooled digits",
      options: {},
      lower: { shape: [1], data: Float64Array.of(-1) },
      upper: { shape: [1], data: Float64Array.of(1) },
      metrics: [rms({ sign: true }), relativeRms({ sign: true })],
      blind: (shape) => ({ shape, data: new Float64Array(pooled * pooled) }),
      render: async () => [],
    },
    open: async () => {
      const data = await source.open();
      const mean = new Float64Array(pooled * pooled);
      for (let i = 0; i < averaged; i++) {
        averages(await data.item(i)).forEach((value, k) => {
          mean[k]! += value / averaged;
        });
      }
      return {
        ...data,
        item: async (index): Promise<Item> => {
          const item = await data.item(index);
          const centred = averages(item).map((value, k) => value - mean[k]!);
          const length = Math.hypot(...centred);
          return {
            id: item.id,
            input: { shape: [pooled * pooled], data: centred.map((value) => value / length) },
            target: { shape: [1], data: Float64Array.of(item.target.data.indexOf(1) % 2 === 0 ? -1 : 1) },
          };
        },
      };
    },
  };
}

function averages({ input }: Item): Float64Array {
  const found = new Float64Array(pooled * pooled);
  input.data.forEach((value, k) => {
    const [row, column] = [Math.floor(k / side / window), Math.floor((k % side) / window)];
    found[row * pooled + column]! += value / window ** 2;
  });
  return found;
}
