import { readFileSync } from "node:fs";
import { benchCommand } from "@recon/bench";
import { cases } from "./cases/index.ts";

const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string };

await benchCommand({
  app: "timeseries",
  version: manifest.version,
  description: "Attacks on forecasters under one protocol: real series, drawn by seed, each with its floor",
  cases,
  examples: ["--case fcn-b1 --seeds 3", "--quick --json"],
});
