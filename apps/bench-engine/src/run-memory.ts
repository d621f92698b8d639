import { availableParallelism } from "node:os";
import { measureMemory } from "./memory.ts";
import { type RunOptions, type RunOutcome, selectCases } from "./run.ts";

const heading = "case         weights  observed  activations   3 × sum  resident      peak    before";

/**
 * Writes what every case holds, in megabytes: a table, or a line of JSON a case with the metrics `weights_mb`, `observed_mb`, `activations_mb`, `resident_mb`,
 * `peak_mb` and `before_mb`. The target is a resident set of at most three times the sum of the first three; it includes Node and the runtime's library.
 */
export async function runMemory(options: RunOptions, write: (line: string) => void): Promise<RunOutcome> {
  const threads = options.threads ?? availableParallelism();
  let [failed, missed] = [0, 0];
  if (!options.json) write(heading);
  for (const benchmark of selectCases(options.cases)) {
    try {
      const memory = await measureMemory(benchmark, threads);
      const { weights, observed, activations, resident, peak, before } = memory;
      const bound = 3 * (weights + observed + activations);
      if (resident > bound) missed++;
      const numbers = [weights, observed, activations, bound, resident, peak, before].map((mb) => mb.toFixed(1));
      const named = Object.entries(memory).map(([name, mb]) => [`${name}_mb`, Number(mb.toFixed(1))]);
      const line = {
        app: "engine",
        suite: "memory",
        case: `${benchmark.name}/memory`,
        metric: Object.fromEntries(named),
        bound: { resident_mb: Number(bound.toFixed(1)) },
        versions: { recon: options.version, threads, node: process.versions.node },
      };
      const columns = [numbers[0]!.padStart(8), numbers[1]!.padStart(10), numbers[2]!.padStart(13)];
      const rest = numbers.slice(3).map((number) => number.padStart(10));
      write(options.json ? JSON.stringify(line) : `${benchmark.name.padEnd(12)}${[...columns, ...rest].join("")}`);
    } catch (error) {
      failed++;
      write(`${benchmark.name}  failed: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return { failed, missed };
}
