import { onnxruntime } from "@recon/engine";
import { cases } from "./cases.ts";
import { measure } from "./measure.ts";
const wanted = process.argv.slice(2);
const ex = onnxruntime(process.env.PROFILE ? { profile: process.env.PROFILE } : {});
for (const c of cases.filter((c) => wanted.includes(c.name))) {
  const { steps, ...m } = await measure(ex, c, 1, { rounds: 15, roundMs: 100 });
  console.log(c.name, steps.length, m);
}
await ex.dispose();
