export { tfjsExecutor } from "./executor.ts";
export type { Tfjs, TfjsTensor } from "./tfjs.ts";
