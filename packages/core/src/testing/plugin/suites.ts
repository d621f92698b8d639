import { sizeOf } from "@recon/engine";
import { applicable } from "../../attacks/applicable.ts";
import { gradient } from "../../operators/gradient.ts";
import type { DataToFit, Plugin, PluginMember } from "../../plugin.ts";
import type { Attack, Defence, Knowledge, Metric, Model } from "../../problem.ts";
import { type Rng, rng } from "../../random.ts";
import { attackLaws } from "../laws/attack.ts";
import { channelLaws } from "../laws/channel.ts";
import { metricLaws } from "../laws/metric.ts";
import { modelLaws } from "../laws/model.ts";
import { operatorLaws } from "../laws/operator.ts";
import { solverLaws } from "../laws/solver.ts";
import { plantCase } from "../planted-case.ts";
import { referenceModel } from "../reference-model.ts";
import { priorSuite } from "./prior-suite.ts";
import { batchOf, fits, type Sample } from "./sample.ts";
import { type LawSetting, type Skip, type Suite, saidBy, suite } from "./suite.ts";

type MakeSuites = (plugin: Plugin, name: string, sample: Sample, setting: LawSetting) => Promise<Suite | Skip>;

/** The laws of a piece, by the member of a plugin that holds it. */
export const suites: Readonly<Record<PluginMember, MakeSuites>> = {
  domains: async () => ({ skipped: "domains have no laws of their own" }),
  data: async () => ({ skipped: "data sources have no laws of their own" }),
  discrepancies: async () => ({ skipped: "discrepancies have no laws of their own" }),
  models: async ({ models }, name, sample, { options = {}, only = [] }) =>
    modelSuite((data) => models![name]!(options, data), sample, only.includes(name)),
  operators: async ({ operators }, name, _sample, { options = {} }) =>
    suite("on the reference model", operatorLaws, () => operators![name]!(options), { orderFree: false }),
  defences: async ({ defences }, name, _sample, { options = {} }) => defenceSuite(() => defences![name]!(options)),
  priors: ({ priors }, name, sample, { options = {} }) => priorSuite(() => priors![name]!(options), sample),
  solvers: async ({ solvers }, name, _sample, { options = {} }) =>
    suite("on the table of known minima", solverLaws, () => solvers![name]!(options), {
      evaluations: 20_000,
      tolerance: 1e-3,
    }),
  attacks: async ({ attacks }, name, _sample, { options = {} }) =>
    attackSuite(() => attacks![name]!(options, { priors: [] })),
  metrics: async ({ metrics }, name, sample, { options = {} }) => metricSuite(() => metrics![name]!(options), sample),
};

/** More weights than this are tried only where the model is asked for by name: an interpreter takes minutes over them. */
const manyWeights = 100_000;

function modelSuite(make: (data: DataToFit) => Model, sample: Sample, named: boolean): Suite | Skip {
  let refused = sample.closed ?? "";
  for (const data of fits(sample)) {
    try {
      const model = make(data);
      const weights = Object.values(model.parameters).reduce((total, { shape }) => total + sizeOf(shape), 0);
      if (weights > manyWeights && !named) {
        return { skipped: `its ${weights} weights take long; name it with --only, or make it smaller with --options` };
      }
      const title = `${model.lossKind}, items of [${data.input.join(", ")}]`;
      if (model.input.discrete !== true) return suite(title, modelLaws, () => make(data), { batch: 2 });
      const whole = sample.items.filter(({ input }) => input.shape.join() === model.input.shape.join());
      const inputs = whole.map(({ input }) => input);
      refused ||= "its inputs are names, and no item of the plugin's data has their shape";
      if (inputs.length === 0) continue;
      const input = (batch: number, stream: Rng) => batchOf(inputs, batch, stream.integer(inputs.length));
      return suite(title, modelLaws, () => make(data), { batch: 2, input });
    } catch (error) {
      refused ||= saidBy(error);
    }
  }
  return { skipped: refused };
}

/** A defence is tried where it acts: on the observation, the operator or the model. */
function defenceSuite(make: () => Defence): Suite | Skip {
  const defence = make();
  if (defence.channel !== undefined && defence.fit === undefined) return suite("as a channel", channelLaws, make, {});
  if (defence.operator !== undefined) {
    const defended = () => make().operator!(gradient());
    return suite("on the gradient of the reference model", operatorLaws, defended, { orderFree: false });
  }
  if (defence.model !== undefined)
    return suite("on the reference model", modelLaws, () => make().model!(referenceModel()), {});
  return { skipped: "it is fitted to the data of a victim, for which there are no laws" };
}

/** What an attacker of a planted case may be told, the least first. */
const told: readonly { readonly known: Knowledge; readonly labels?: boolean; readonly title: string }[] = [
  { known: { batchSize: 1 }, title: "one sample of the reference model" },
  { known: { batchSize: 1 }, labels: true, title: "one sample of the reference model, its label told" },
  {
    known: { batchSize: 1, inputRange: true, defenceKind: true, defenceParams: true },
    labels: true,
    title: "one sample of the reference model, everything told",
  },
];

function attackSuite(make: () => Attack): Suite | Skip {
  const attack = make();
  let refused = "";
  for (const { title, ...options } of told) {
    const reference = (stream: Rng) => plantCase(stream, options);
    const answer = applicable(attack, reference(rng("reference")).problem);
    if (answer === true) return suite(title, attackLaws, make, { reference, tolerance: 1e-2, evaluations: 2000 });
    refused = answer.reason;
  }
  return { skipped: `it does not apply to the reference case: ${refused}` };
}

function metricSuite(make: () => Metric, { shapes, items }: Sample): Suite | Skip {
  const metric = make();
  if (metric.of === "target") return { skipped: "it scores targets, for which there is no reference item" };
  const shape = shapes.find((candidate) => {
    const item = {
      shape: candidate,
      data: Float64Array.from({ length: candidate.reduce((a, b) => a * b, 1) }, (_, i) => (i * 0.618) % 1),
    };
    try {
      return Number.isFinite(metric.score({ ...item, data: item.data.map((v) => v / 2) }, item));
    } catch (error) {
      saidBy(error);
      return false;
    }
  });
  if (shape === undefined)
    return { skipped: `it takes no item of ${items.length > 0 ? "the plugin's data" : "a usual shape"}` };
  return suite(`items of [${shape.join(", ")}]`, metricLaws, make, { shape });
}
