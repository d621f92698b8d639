import type { Problem } from "@recon/core";
import {
  type Arrays,
  type Executor,
  graph,
  reshape,
  rewrite,
  slice,
  input as symbol,
  type Tensor,
  topologicalOrder,
} from "@recon/engine";
import { stagesOf } from "./stages.ts";

/** A node with its neighbours, of which the embeddings at some stage are known. */
export interface Star {
  readonly centre: number;
  readonly around: readonly number[];
}

/** Embeddings of one stage, a row each, and the degrees of the nodes that have them. */
export interface KnownNodes {
  readonly width: number;
  readonly embeddings: Float64Array;
  readonly degrees: readonly number[];
}

/** From one stage to the next: the model's own graph between them, for the node in the middle of a star. */
export interface StarProgram {
  /** One row [width] a star. */
  read(stars: readonly Star[], known: KnownNodes): Promise<{ readonly width: number; readonly rows: Float64Array }>;
  dispose(): Promise<void>;
}

/** Nodes of the graph between two stages, for a batch of stars. */
export interface StarTensors {
  /** The node in the middle at the next stage [B, width]. */
  readonly middle: Tensor;
  /** All nodes at this stage [B, n, width]. */
  readonly embeddings: Tensor;
  /** z = W x of the layers that read this stage, rows of nodes one behind another [B n, out]. */
  readonly preActivations: readonly Tensor[];
}

/** One row of numbers a star [B, width]. */
export type StarReading = (tensors: StarTensors) => Tensor;

const manyStars = 256;
const fewStars = 8;

/**
 * Compiles what lies between stage `from` and the next for stars.
 *
 * A neighbour's own degree may enter, as in a normalised adjacency; nodes without an embedding, which all neighbours share, fill it up. What the middle
 * node hears of them passes through a second round, which is not part of the program.
 *
 * @param reading what is read of a star; the row of the node in the middle at the next stage unless said.
 */
export function starProgram(
  problem: Problem,
  executor: Executor,
  features: number,
  from: number,
  reading: StarReading = ({ middle }) => middle,
): StarProgram {
  const programs = new Map<string, Promise<Compiled>>();
  const compiled = (batch: number, size: number): Promise<Compiled> => {
    const key = `${batch} ${size}`;
    const found = programs.get(key) ?? compileStars(problem, executor, { features, from, batch, size }, reading);
    programs.set(key, found);
    return found;
  };
  return {
    read: async (stars, known) => {
      const extents = stars.map(({ around }) => extentOf(around, known.degrees));
      const largest = extents.reduce((most, extent) => Math.max(most, extent), 0);
      const rows: Float64Array[] = new Array(stars.length);
      let width = 0;
      const run = async (places: readonly number[], batch: number, size: number): Promise<void> => {
        const program = await compiled(batch, size);
        width = program.width;
        for (let start = 0; start < places.length; start += batch) {
          const some = places.slice(start, start + batch);
          const values = starValues(
            some.map((i) => stars[i]!),
            known,
            { batch, size, features },
          );
          const data = await program.run(values);
          some.forEach((i, at) => {
            rows[i] = data.subarray(at * width, (at + 1) * width);
          });
        }
      };
      const left: number[] = [];
      for (const size of [...new Set(extents)].sort((a, b) => a - b)) {
        const places = extents.flatMap((extent, i) => (extent === size ? [i] : []));
        const whole = places.length < manyStars / 2 ? 0 : places.length;
        await run(places.slice(0, whole), manyStars, size);
        left.push(...places.slice(whole));
      }
      if (left.length > 0) await run(left, left.length > 8 * fewStars ? manyStars : fewStars, largest);
      const all = new Float64Array(stars.length * width);
      rows.forEach((row, i) => {
        all.set(row, i * width);
      });
      return { width, rows: all };
    },
    dispose: async () => {
      for (const program of programs.values()) await (await program).dispose();
    },
  };
}

/** Nodes of a star: the middle, its neighbours, and those that fill up their degrees; at least two, so that rows of nodes cannot be taken for rows of graphs. */
function extentOf(around: readonly number[], degrees: readonly number[]): number {
  return 1 + Math.max(1, around.length) + Math.max(0, ...around.map((type) => degrees[type]! - 1));
}

interface Compiled {
  readonly width: number;
  run(arrays: Arrays): Promise<Float64Array>;
  dispose(): Promise<void>;
}

async function compileStars(
  problem: Problem,
  executor: Executor,
  {
    features,
    from,
    batch,
    size,
  }: { readonly features: number; readonly from: number; readonly batch: number; readonly size: number },
  reading: StarReading,
): Promise<Compiled> {
  const stages = stagesOf(problem.model, features, batch, size);
  if ("reason" in stages) throw new TypeError(stages.reason);
  const [start, end] = [stages.nodes[from]!.tensor, stages.nodes[from + 1]!.tensor];
  const embeddings = symbol("embeddings", start.shape);
  const row = end.shape[2]!;
  const wanted = {
    middle: reshape(slice(end, [0, 0, 0], [batch, 1, row]), [batch, row]),
    ...Object.fromEntries(stages.nodes[from]!.layers.map(({ preActivation }, i) => [`${i}`, preActivation])),
  };
  const named = { ...stages.parameters, graphs: stages.input };
  const { outputs } = rewrite(graph(named, wanted), (node, original) => (original === start ? embeddings : node));
  const { middle, ...preActivations } = outputs;
  const values = reading({ middle: middle!, embeddings, preActivations: Object.values(preActivations) });
  const width = values.shape[1]!;
  const used = new Set(topologicalOrder([values]));
  const inputs = Object.fromEntries(Object.entries({ ...named, embeddings }).filter(([, node]) => used.has(node)));
  const constants = Object.fromEntries(
    Object.keys(stages.parameters).flatMap((name) => (name in inputs ? [[name, problem.params[name]!]] : [])),
  );
  const program = await executor.compile(graph(inputs, { values }), { precision: "float64", constants });
  return {
    width,
    run: async (arrays) => {
      const given = Object.fromEntries(Object.entries(arrays).filter(([name]) => name in inputs));
      return (await program.run(given)).values!.data as Float64Array;
    },
    dispose: () => program.dispose(),
  };
}

function starValues(
  stars: readonly Star[],
  { width, embeddings, degrees }: KnownNodes,
  { batch, size, features }: { readonly batch: number; readonly size: number; readonly features: number },
): Arrays {
  const columns = features + size;
  const graphs = new Float64Array(batch * size * columns);
  const rows = new Float64Array(batch * size * width);
  stars.forEach(({ centre, around }, i) => {
    const edge = (a: number, b: number): void => {
      graphs[(i * size + a) * columns + features + b] = 1;
      graphs[(i * size + b) * columns + features + a] = 1;
    };
    const place = (node: number, type: number): void => {
      rows.set(embeddings.subarray(type * width, (type + 1) * width), (i * size + node) * width);
    };
    place(0, centre);
    around.forEach((type, j) => {
      place(1 + j, type);
      edge(0, 1 + j);
      for (let extra = 0; extra < degrees[type]! - 1; extra++) edge(1 + j, size - 1 - extra);
    });
  });
  return {
    graphs: { shape: [batch, size, columns], data: graphs },
    embeddings: { shape: [batch, size, width], data: rows },
  };
}
