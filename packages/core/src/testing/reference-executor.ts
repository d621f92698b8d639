import { type Executor, type Graph, graph, interpret, type Program } from "@recon/engine";
import { ReconError } from "../errors.ts";

/** An executor that runs graphs by the float64 reference interpreter: slow, obvious and without a native runtime. */
export function referenceExecutor(): Executor {
  return {
    name: "reference",
    compile: async (g: Graph, options = {}): Promise<Program> => {
      const { precision = "float32", constants = {} } = options;
      const inputs = Object.fromEntries(Object.entries(g.inputs).filter(([name]) => constants[name] === undefined));
      let disposed = false;
      return {
        graph: graph(g.inputs, g.outputs),
        precision,
        statistics: { nodesBefore: 0, nodesAfter: 0, compileMs: 0 },
        run: async (values) => {
          if (disposed) throw new ReconError("disposed", "The program was disposed of. Compile the graph again.");
          const unknown = Object.keys(values).find((name) => inputs[name] === undefined);
          if (unknown !== undefined) throw new ReconError("unknown-input", `The program has no input "${unknown}".`);
          const results = interpret(g, { ...constants, ...values });
          if (precision === "float64") return results;
          const single = Object.entries(results).map(([name, { shape, data }]) => [
            name,
            { shape, data: Float32Array.from(data) },
          ]);
          return Object.fromEntries(single);
        },
        dispose: async () => {
          disposed = true;
        },
      };
    },
    dispose: async () => {},
  };
}
