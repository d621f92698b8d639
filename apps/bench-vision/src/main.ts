import { readFileSync } from "node:fs";
import { benchCommand } from "@recon/bench";
import { cases } from "./cases/index.ts";

const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string };

await benchCommand({
  app: "vision",
  version: manifest.version,
  description: "Attacks on image models under one protocol: real photographs, drawn by seed, each with its floor",
  cases,
  examples: ["--case lenet-b1 --seeds 3", "--quick --json"],
});
