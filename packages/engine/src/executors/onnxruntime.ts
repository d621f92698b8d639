import type { InferenceSession, Tensor as RuntimeTensor } from "onnxruntime-node";
import { EngineError } from "../errors.ts";
import type { CompileOptions, Executor, Program, ProgramStatistics } from "../executor.ts";
import { type Graph, nodesOf } from "../graph.ts";
import { type LoweredGraph, lower } from "../onnx/lower.ts";
import { optimise } from "../passes/optimise.ts";
import { workOf } from "../passes/work.ts";
import { structuralHash } from "../structural-key.ts";
import type { Arrays, Precision } from "../tensor.ts";
import { checkInputs } from "./check-inputs.ts";
import { loadRuntime } from "./load-runtime.ts";
import { readOutput, toRuntimeTensor } from "./runtime-tensor.ts";

/** Options of the ONNX Runtime executor. */
export interface OnnxRuntimeOptions {
  /** Threads a program may run on; the machine's cores by default. Programs of very small nodes run on one. */
  readonly threads?: number;
  /** Execution provider. `cpu` by default; what else loads here is what `availableDevices` says. */
  readonly device?: string;
  /**
   * Whether the runtime keeps the memory of a run for the next one and lays it out ahead; true unless said. Without, a program holds a fifth less while it
   * is idle and a run takes up to a third longer.
   */
  readonly arena?: boolean;
  /** How many programs stay compiled after everyone has disposed of them, in case the same graph comes again; 4 by default. */
  readonly idlePrograms?: number;
  /** Write a Chrome trace of every run to a file whose name starts with this. */
  readonly profile?: string;
}

interface Compiled {
  readonly session: InferenceSession;
  readonly inputs: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, string>>;
  readonly statistics: ProgramStatistics;
}

interface CacheEntry {
  readonly pending: Promise<Compiled>;
  /** Runs that have not come back; a session must outlive them. */
  readonly runs: Set<Promise<unknown>>;
  users: number;
}

async function release({ pending, runs }: CacheEntry): Promise<void> {
  const [compiled] = await Promise.allSettled([pending]);
  await Promise.allSettled(runs);
  if (compiled.status === "fulfilled") await compiled.value.session.release();
}

/**
 * Compiles graphs with ONNX Runtime and runs them.
 *
 * Importing this loads nothing; the runtime is loaded by the first `compile`. Programs are cached by the structure of their graph, options
 * and constants, and twins share one session.
 *
 * @throws EngineError from `compile`: `runtime` when the runtime refuses the program or the device; `disposed` after `dispose`.
 */
export function onnxruntime(options: OnnxRuntimeOptions = {}): Executor {
  const { device = "cpu", idlePrograms = 4 } = options;
  const cache = new Map<string, CacheEntry>();
  let disposed = false;

  async function build(graph: Graph, compileOptions: CompileOptions, precision: Precision): Promise<Compiled> {
    const started = performance.now();
    const optimised = compileOptions.optimise === false ? graph : optimise(graph);
    const lowered = lower(optimised, { precision, constants: compileOptions.constants ?? {}, externalFrom });
    const session = await createSession(lowered, precision, planOf(optimised, options), options);
    const statistics = {
      nodesBefore: nodesOf(graph).length,
      nodesAfter: nodesOf(optimised).length,
      compileMs: performance.now() - started,
    };
    return { session, inputs: lowered.inputs, outputs: lowered.outputs, statistics };
  }

  // The entries that leave do so before the first await, so that no compile can pick up a session on its way out.
  async function trim(): Promise<void> {
    // Oldest first: a Map keeps the order in which keys were added, and every use adds its key again.
    const idle = [...cache].filter(([, entry]) => entry.users === 0);
    const leaving = idle.slice(0, Math.max(0, idle.length - idlePrograms));
    for (const [key] of leaving) cache.delete(key);
    for (const [, entry] of leaving) await release(entry);
  }

  async function compile(graph: Graph, compileOptions: CompileOptions = {}): Promise<Program> {
    if (disposed) throw new EngineError("disposed", "The executor was disposed; make a new one.");
    const precision = compileOptions.precision ?? "float32";
    const constants = compileOptions.constants ?? {};
    const constantInputs = Object.fromEntries(
      Object.entries(graph.inputs).filter(([name]) => Object.hasOwn(constants, name)),
    );
    checkInputs(constantInputs, constants);
    const key = structuralHash(graph, constants, `${precision} ${compileOptions.optimise ?? true}`);
    const entry: CacheEntry = cache.get(key) ?? {
      pending: build(graph, compileOptions, precision),
      runs: new Set(),
      users: 0,
    };
    cache.delete(key);
    cache.set(key, entry);
    entry.users++;
    const compiled = await entry.pending.catch((error: unknown) => {
      if (cache.get(key) === entry) cache.delete(key);
      throw error;
    });
    const variable = Object.fromEntries(
      Object.entries(graph.inputs).filter(([name]) => !Object.hasOwn(constants, name)),
    );
    let released = false;
    return {
      graph,
      precision,
      statistics: compiled.statistics,
      run: async (inputs) => {
        if (released || disposed)
          throw new EngineError("disposed", "The program was disposed; compile the graph again to run it.");
        checkInputs(variable, inputs);
        const run = runSession(compiled, graph, inputs, precision);
        entry.runs.add(run);
        try {
          return await run;
        } finally {
          entry.runs.delete(run);
        }
      },
      dispose: async () => {
        if (released) return;
        released = true;
        entry.users--;
        if (!disposed) await trim();
      },
    };
  }

  return {
    name: `onnxruntime ${device}`,
    compile,
    dispose: async () => {
      if (disposed) return;
      disposed = true;
      const entries = [...cache.values()];
      cache.clear();
      for (const entry of entries) await release(entry);
    },
  };
}

/**
 * How long an idle thread waits for work before it sleeps. The runtime's own choice is fifty times longer, which gains nothing on an idle machine
 * (23.7 and 24.1 ms a step of a seven-layer net) and costs half of the speed where other processes want the cores (116 and 41 ms).
 */
const spinMicroseconds = "20";

/**
 * The runtime's optimiser that stores convolution kernels in blocks of channels. It keeps three copies of every constant kernel on the way, and gains 9 % on a
 * net of 0.6 million weights but 1 % on one of 11 million, where it costs 130 MB. Constants of this many bytes do without.
 */
const blockingOptimizer = "NchwcTransformer";
const bytesForBlocking = 2 ** 24;

/** Optimisers of the runtime that move numbers into attributes, which hold float32: in a float64 program they would round them. */
const roundingOptimizers = "MatMulScaleFusion";

/**
 * Multiply-adds a node, as `workOf` counts them, below which a second thread is not worth it. Handing a node out takes 3 µs on idle cores and much more where
 * other processes want them: steps of 341 thousand a node took 0.70 ms on one thread, 0.56 to 0.91 on two; of 271 thousand, 3.8 to 4.6 and 3.5 to 7.5 ms.
 */
const workForThreads = 400_000;

/**
 * Multiply-adds a node, and nodes, from which on the runtime's own rewriting is left out. It takes 0.2 ms a node, more than everything else that the runtime
 * does with a new program, and finds nothing in thousands of small nodes: an unrolled loop of 5700 nodes of 57 thousand each runs in the same time
 * without. Programs of a few hundred nodes lose 5 to 15 % without it.
 */
const workForRewriting = 100_000;
const nodesForRewriting = 2000;

/** How the runtime treats a graph. */
interface Plan {
  /** The threads that were asked for, or one where nodes are too small to share. */
  readonly threads: number | undefined;
  readonly level: "all" | "disabled";
}

function planOf(graph: Graph, { threads }: OnnxRuntimeOptions): Plan {
  const operations = nodesOf(graph).filter((node) => node.inputs.length > 0).length;
  const work = workOf(graph) / operations;
  return {
    threads: work < workForThreads ? 1 : threads,
    level: work < workForRewriting && operations > nodesForRewriting ? "disabled" : "all",
  };
}

/** Constants of this many bytes are handed over as they are, not copied into a file that the runtime then takes apart. */
const externalFrom = 2 ** 16;

async function createSession(
  { bytes, external }: LoweredGraph,
  precision: Precision,
  { threads, level }: Plan,
  { device = "cpu", arena = true, profile }: OnnxRuntimeOptions,
): Promise<InferenceSession> {
  const runtime = await loadRuntime();
  const held = Object.values(external).reduce((total, { byteLength }) => total + byteLength, 0);
  const left = [
    ...(precision === "float64" ? [roundingOptimizers] : []),
    ...(held >= bytesForBlocking ? [blockingOptimizer] : []),
  ];
  try {
    return await runtime.InferenceSession.create(bytes, {
      executionProviders: [device],
      graphOptimizationLevel: level,
      enableCpuMemArena: arena,
      enableMemPattern: arena,
      logSeverityLevel: 3,
      externalData: Object.entries(external).map(([path, data]) => ({ path, data })),
      extra: {
        session: { intra_op: { spin_duration_us: spinMicroseconds } },
        ...(left.length === 0 ? {} : { optimization: { disable_specified_optimizers: left.join(";") } }),
      },
      ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
      ...(profile === undefined ? {} : { enableProfiling: true, profileFilePrefix: profile }),
    });
  } catch (error) {
    throw new EngineError(
      "runtime",
      `ONNX Runtime could not load the program on device "${device}": ${messageOf(error)}`,
    );
  }
}

async function runSession(compiled: Compiled, graph: Graph, inputs: Arrays, precision: Precision): Promise<Arrays> {
  const { Tensor } = await loadRuntime();
  const feeds: Record<string, RuntimeTensor> = {};
  for (const [name, own] of Object.entries(compiled.inputs)) {
    feeds[own] = toRuntimeTensor(Tensor, inputs[name]!, graph.inputs[name]!.dtype, precision);
  }
  let results: InferenceSession.ReturnType;
  try {
    results = await compiled.session.run(feeds);
  } catch (error) {
    throw new EngineError("runtime", `ONNX Runtime failed while it ran the program: ${messageOf(error)}`);
  }
  const outputs: Record<string, Arrays[string]> = {};
  for (const [name, own] of Object.entries(compiled.outputs))
    outputs[name] = await readOutput(results[own]!, graph.outputs[name]!);
  return outputs;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
