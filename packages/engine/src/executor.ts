import type { Graph } from "./graph.ts";
import type { Arrays, Precision } from "./tensor.ts";

export interface CompileOptions {
  /** float32 unless said. */
  readonly precision?: Precision;
  /** Inputs whose values never change while the program lives; they are folded in and are no longer passed to `run`. */
  readonly constants?: Arrays;
  /** Skip the optimiser passes (for tests). */
  readonly optimise?: boolean;
}

export interface ProgramStatistics {
  readonly nodesBefore: number;
  readonly nodesAfter: number;
  readonly compileMs: number;
}

/** A compiled graph. `dispose` frees what the runtime holds; a disposed program refuses to run. */
export interface Program {
  readonly graph: Graph;
  readonly precision: Precision;
  readonly statistics: ProgramStatistics;
  /** Runs the program on named inputs. Shapes and names are checked; outputs are fresh arrays in the program's precision. */
  run(inputs: Arrays): Promise<Arrays>;
  dispose(): Promise<void>;
}

/** Turns graphs into programs. Compiling the same graph twice with the same options gives the cached program's twin. */
export interface Executor {
  readonly name: string;
  compile(graph: Graph, options?: CompileOptions): Promise<Program>;
  dispose(): Promise<void>;
}
