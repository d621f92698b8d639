import { readFileSync } from "node:fs";
import { benchCommand } from "@recon/bench";
import { cases } from "./cases/index.ts";

const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string };

await benchCommand({
  app: "graph",
  version: manifest.version,
  description: "Attacks on graph networks under one protocol: real molecules, drawn by seed, each with its floor",
  cases,
  examples: ["--case grain-300-b1 --seeds 3", "--quick --json"],
});
