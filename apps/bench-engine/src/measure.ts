import { type Executor, graph, input, matmul, optimise, type Program } from "@recon/engine";
import { gigaOperations } from "./arithmetic-count.ts";
import type { Case } from "./cases.ts";
import { matchingStep } from "./matching-step.ts";
import { normalStream } from "./random.ts";
import { median } from "./statistics.ts";

/** What one case cost on one seed. */
export interface Measurement {
  /** Milliseconds of every timed step. */
  readonly steps: readonly number[];
  /** Median milliseconds a step. */
  readonly ms: number;
  /** `ms` over the median time of a 1024³ matrix product, timed between the steps. */
  readonly matmulRatio: number;
  /** 10⁹ floating-point operations a step, in the optimised graph. */
  readonly gflop: number;
  /** Operations a second as a share of what the matrix product reached. */
  readonly peakShare: number;
  readonly nodesBefore: number;
  readonly nodesAfter: number;
  /** Seconds until the program was ready. */
  readonly compileSeconds: number;
}

async function time(run: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await run();
  return performance.now() - started;
}

const extent = 1024;

async function yardstick(
  executor: Executor,
): Promise<{ readonly program: Program; readonly run: () => Promise<unknown> }> {
  const a = input("a", [extent, extent]);
  const b = input("b", [extent, extent]);
  const normal = normalStream(1);
  const drawn = { shape: [extent, extent], data: Float32Array.from({ length: extent * extent }, normal) };
  const program = await executor.compile(graph({ a, b }, { product: matmul(a, b) }));
  return { program, run: () => program.run({ a: drawn, b: drawn }) };
}

/**
 * Times a case: `rounds` rounds of steps filling about `roundMs` milliseconds, each followed by a 1024³ matrix product, so that both see
 * the same state of the machine.
 */
export async function measure(
  executor: Executor,
  benchmark: Case,
  seed: number,
  { rounds, roundMs }: { readonly rounds: number; readonly roundMs: number },
): Promise<Measurement> {
  const step = matchingStep(benchmark.network(), seed);
  const product = await yardstick(executor);
  const program = await executor.compile(step.graph, { constants: step.constants });
  try {
    for (let i = 0; i < 3; i++) await program.run(step.inputs);
    for (let i = 0; i < 3; i++) await product.run();
    const once = await time(() => program.run(step.inputs));
    const perRound = Math.min(100, Math.max(1, Math.round(roundMs / once)));
    const steps: number[] = [];
    const products: number[] = [];
    for (let round = 0; round < rounds; round++) {
      for (let i = 0; i < perRound; i++) steps.push(await time(() => program.run(step.inputs)));
      products.push(await time(product.run));
    }
    const ms = median(steps);
    const productMs = median(products);
    const gflop = gigaOperations(optimise(step.graph));
    const productGflop = (2 * extent ** 3) / 1e9;
    return {
      steps,
      ms,
      matmulRatio: ms / productMs,
      gflop,
      peakShare: gflop / ms / (productGflop / productMs),
      nodesBefore: program.statistics.nodesBefore,
      nodesAfter: program.statistics.nodesAfter,
      compileSeconds: program.statistics.compileMs / 1000,
    };
  } finally {
    await program.dispose();
    await product.program.dispose();
  }
}
