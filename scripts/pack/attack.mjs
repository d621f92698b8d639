import { readFileSync } from "node:fs";
import { audit } from "@recon/core";
import { onnxruntime } from "@recon/engine";

// What a stranger's first script does, run where nothing but the packages under test is installed: opens data, builds a victim, attacks its gradient.
const plan = JSON.parse(readFileSync("plan.json", "utf8"));
const { default: plugin } = await import(plan.package);

/** What a data source says whose package is not installed. */
async function refusal({ name, options }) {
  try {
    await plugin.data[name](options ?? {}).open();
    return "";
  } catch (error) {
    return error.message;
  }
}

async function attack() {
  const source = plugin.data[plan.data.name](plan.data.options);
  const data = await source.open();
  const first = await data.item(0);
  const fits = { input: first.input.shape, classes: first.target.shape.at(-1), domain: source.domain };
  const scenario = {
    id: "pack",
    title: "Installed alone",
    summary: "",
    model: plugin.models[plan.model.name](plan.model.options ?? {}, fits),
    source: { ...source, open: async () => data },
    batch: 1,
    operator: (await import("@recon/core")).gradient(),
    defences: [],
    observationPrecision: "float64",
    known: plan.known,
    attacks: [plugin.attacks[plan.attack]({}, { priors: [] })],
    trials: 1,
    budget: { evaluations: 300 },
    onError: "skip",
    audit: {},
  };
  const executor = onnxruntime({ threads: 1 });
  const outcome = {};
  for await (const event of audit([scenario], {
    executor,
    seed: 1,
    signal: AbortSignal.timeout(240_000),
    diagnosis: false,
  })) {
    if (event.kind === "failure") outcome.failure = event.record.error.message;
    if (event.kind === "result") {
      const { metric, floor, certificate, verdict } = event.record;
      Object.assign(outcome, { metric, floor, certificate, verdict });
    }
  }
  await executor.dispose();
  return outcome;
}

const answer = process.argv[2] === "missing" ? { message: await refusal(plan.missing) } : await attack();
console.log(JSON.stringify(answer));
