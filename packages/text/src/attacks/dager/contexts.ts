import { distancesFrom, type MatrixProduct, type Problem } from "@recon/core";
import type { Executor } from "@recon/engine";
import { layerInputs, withOnes } from "./layer-reader.ts";
import type { LayerSpace } from "./layer-space.ts";

/** The contexts of texts, compared with the row space that must hold them. */
export interface ContextTest {
  /** @returns of every text, the statistic of `distancesFrom` at each of its places: at most 1 where its context lies in the space. */
  test(texts: readonly (readonly number[])[]): Promise<readonly Float64Array[]>;
  /** The contexts themselves, [texts, places, width] with nothing behind a text's end. */
  read(texts: readonly (readonly number[])[]): Promise<readonly Float64Array[]>;
  dispose(): Promise<void>;
}

/** Compares contexts in float64. */
export async function contextTest(
  problem: Problem,
  executor: Executor,
  { layers, biased, space }: LayerSpace,
  places: number,
  product: MatrixProduct,
): Promise<ContextTest> {
  const layer = layers[0]!;
  const width = layer.input.shape.at(-1)!;
  const reader = await layerInputs(problem, executor, { layer, rows: 8, places, precision: "float64" });
  const read = async (texts: readonly (readonly number[])[]): Promise<Float64Array[]> => {
    const values = (await reader.read(texts)) as Float64Array;
    return texts.map((text, i) => values.slice(i * reader.size, i * reader.size + text.length * width));
  };
  return {
    read,
    test: async (texts) => {
      const rows = await read(texts);
      const all = new Float64Array(rows.reduce((sum, row) => sum + row.length, 0));
      let at = 0;
      for (const row of rows) {
        all.set(row, at);
        at += row.length;
      }
      const { statistics } = await distancesFrom(space, withOnes(all, width, biased), product);
      let end = 0;
      return texts.map(({ length }) => {
        end += length;
        return statistics.slice(end - length, end);
      });
    },
    dispose: () => reader.dispose(),
  };
}
