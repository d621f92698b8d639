import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { type Arrays, type Graph, nodesOf, onnxruntime, optimise, sizeOf, type Tensor } from "@recon/engine";
import type { Case } from "./cases.ts";
import { matchingStep } from "./matching-step.ts";

/** Megabytes (2²⁰ bytes) of one case in a process of its own. */
export interface Memory {
  readonly weights: number;
  readonly observed: number;
  /** The largest set of results that are needed at one time, see `largestActivations`. */
  readonly activations: number;
  /** Resident set of the process once the program has run fifteen times and unused memory was collected. */
  readonly resident: number;
  /** The largest resident set that the process ever had. */
  readonly peak: number;
  /** Resident set before compilation: Node, the modules, weights and inputs. */
  readonly before: number;
}

const megabyte = 2 ** 20;

const bytesOf = (arrays: Arrays): number => Object.values(arrays).reduce((sum, { data }) => sum + data.byteLength, 0);

/** Bytes of the largest set of float32 results that are alive at one time, when the nodes run in their order and a result lives until its last reader ran. */
export function largestActivations(graph: Graph): number {
  const nodes = nodesOf(graph).filter((node) => node.inputs.length > 0);
  const lastReader = new Map<Tensor, number>();
  nodes.forEach((node, i) => {
    for (const input of node.inputs) lastReader.set(input, i);
  });
  for (const output of Object.values(graph.outputs)) lastReader.set(output, nodes.length);
  let [alive, largest] = [0, 0];
  nodes.forEach((node, i) => {
    alive += 4 * sizeOf(node.shape);
    largest = Math.max(largest, alive);
    for (const input of new Set(node.inputs))
      if (input.inputs.length > 0 && lastReader.get(input) === i) alive -= 4 * sizeOf(input.shape);
  });
  return largest;
}

/** Compiles a case, runs it, and says what this process held. Meant for a process that does nothing else, started with `--expose-gc`. */
export async function measureHere(benchmark: Case, threads: number): Promise<Memory> {
  const step = matchingStep(benchmark.network(), 1);
  const before = process.memoryUsage.rss();
  const executor = onnxruntime({ threads });
  const program = await executor.compile(step.graph, { constants: step.constants });
  for (let i = 0; i < 15; i++) await program.run(step.inputs);
  globalThis.gc?.();
  // Buffers are handed back to the system a moment after they were collected.
  await new Promise((resolve) => setTimeout(resolve, 200));
  const resident = process.memoryUsage.rss();
  await executor.dispose();
  const observed = Object.fromEntries(Object.entries(step.inputs).filter(([name]) => name.startsWith("observed/")));
  return {
    weights: bytesOf(step.constants) / megabyte,
    observed: bytesOf(observed) / megabyte,
    activations: largestActivations(optimise(step.graph)) / megabyte,
    resident: resident / megabyte,
    peak: process.resourceUsage().maxRSS / 1024,
    before: before / megabyte,
  };
}

/** What a case holds, measured in a process of its own. @throws Error when that process ends without an answer. */
export function measureMemory(benchmark: Case, threads: number): Promise<Memory> {
  return new Promise((resolve, reject) => {
    const entry = fileURLToPath(new URL("./memory-process.js", import.meta.url));
    const child = fork(entry, [benchmark.name, String(threads)], { execArgv: ["--expose-gc"] });
    child.once("message", (memory) => resolve(memory as Memory));
    child.once("exit", (code) => reject(new Error(`the measuring process ended with code ${code}`)));
  });
}
