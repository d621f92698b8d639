import { readFileSync } from "node:fs";
import { benchCommand } from "@recon/bench";
import { cases } from "./cases/index.ts";

const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string };

await benchCommand({
  app: "core",
  version: manifest.version,
  description:
    "What is exact, what is bounded: exact recovery, defences and bounds, on drawn victims with known answers",
  cases,
  examples: ["--suite exact", "--case tensor-b8-d50-m5000 --seeds 3", "--quick --json"],
});
