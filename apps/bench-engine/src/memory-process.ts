/** The process that `measureMemory` starts: one case, one answer. */
import { cases } from "./cases.ts";
import { measureHere } from "./memory.ts";

const [name, threads] = process.argv.slice(2);
const benchmark = cases.find((one) => one.name === name);
if (benchmark === undefined) throw new RangeError(`Unknown case ${name}.`);
process.send?.(await measureHere(benchmark, Number(threads)));
