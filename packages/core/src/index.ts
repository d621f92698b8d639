export { type Rng, rng } from "./random.ts";
