import type { Problem } from "@recon/core";
import { type Executor, graph, type Program, rewrite, input as symbol, topologicalOrder } from "@recon/engine";
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
  readonly width: number;
  /** One row [width] a star. */
  read(stars: readonly Star[], known: KnownNodes): Promise<Float64Array>;
  dispose(): Promise<void>;
}

const manyStars = 128;
const fewStars = 8;

/**
 * Compiles what lies between stage `from` and the next for stars of nodes whose degrees are at most `largest`.
 *
 * A neighbour's own degree may enter, as in a normalised adjacency; nodes without an embedding, which all neighbours share, fill it up. What the middle
 * node hears of them passes through a second round, which is not part of the program.
 */
export function starProgram(
  problem: Problem,
  executor: Executor,
  features: number,
  from: number,
  largest: number,
): StarProgram {
  const size = 1 + largest + Math.max(0, largest - 1);
  const programs = new Map<number, Promise<Program>>();
  let width = 0;
  const compiled = (batch: number): Promise<Program> => {
    const found = programs.get(batch);
    if (found !== undefined) return found;
    const stages = stagesOf(problem.model, features, batch, size);
    if ("reason" in stages) throw new TypeError(stages.reason);
    const [start, end] = [stages.nodes[from]!.tensor, stages.nodes[from + 1]!.tensor];
    const embeddings = symbol("embeddings", start.shape);
    const whole = graph({ ...stages.parameters, graphs: stages.input }, { embedded: end });
    const { outputs } = rewrite(whole, (node, original) => (original === start ? embeddings : node));
    const used = new Set(topologicalOrder([outputs.embedded!]));
    const inputs = Object.fromEntries(
      Object.entries({ ...stages.parameters, graphs: stages.input, embeddings }).filter(([, node]) => used.has(node)),
    );
    width = end.shape[2]!;
    const constants = Object.fromEntries(
      Object.keys(stages.parameters)
        .filter((name) => name in inputs)
        .map((name) => [name, problem.params[name]!]),
    );
    const program = executor.compile(graph(inputs, outputs), { precision: "float64", constants });
    programs.set(batch, program);
    return program;
  };
  return {
    get width() {
      return width;
    },
    read: async (stars, known) => {
      const rows: Float64Array[] = [];
      for (let start = 0; start < stars.length; ) {
        const batch = stars.length - start > manyStars / 4 ? manyStars : fewStars;
        const some = stars.slice(start, start + batch);
        const program = await compiled(batch);
        const values = starValues(some, known, { batch, size, features });
        const { embedded } = await program.run(
          Object.fromEntries(Object.entries(values).filter(([name]) => name in program.graph.inputs)),
        );
        for (let i = 0; i < some.length; i++) {
          rows.push(Float64Array.from(embedded!.data.subarray(i * size * width, (i * size + 1) * width)));
        }
        start += batch;
      }
      const all = new Float64Array(rows.length * width);
      rows.forEach((row, i) => {
        all.set(row, i * width);
      });
      return all;
    },
    dispose: async () => {
      for (const program of programs.values()) await (await program).dispose();
    },
  };
}

function starValues(
  stars: readonly Star[],
  { width, embeddings, degrees }: KnownNodes,
  { batch, size, features }: { readonly batch: number; readonly size: number; readonly features: number },
) {
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
