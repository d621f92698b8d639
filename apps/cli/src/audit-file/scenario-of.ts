import { dirname, resolve } from "node:path";
import {
  type Attack,
  defaultKnowledge,
  fitsInput,
  type Item,
  type Json,
  localTrainingKnowledge,
  type Model,
  type OpenData,
  type Prior,
  ReconError,
  type Scenario,
  trainingSize,
} from "@recon/core";
import type { Catalogue } from "../plugins/catalogue.ts";
import { isReconError } from "../recon-error.ts";
import type { AuditFile, DataPart, NamedPart } from "./audit-file.ts";
import { budgetOf } from "./budget.ts";
import { type EvaluationPlan, evaluationOf } from "./evaluation-of.ts";
import { knownFlags } from "./known-flags.ts";
import { type PartBuilder, partBuilder } from "./part-builder.ts";
import type { ReadAuditFile } from "./read-audit-file.ts";
import { narrowed } from "./search-box.ts";

/** A scenario, and the comparison of defences that its file asks for. */
export interface PlannedScenario {
  readonly scenario: Scenario;
  readonly evaluation?: EvaluationPlan;
}

/**
 * Builds the scenario that a file describes from the pieces of the loaded plugins.
 *
 * Opens the data once, because the model must fit it. Throws `bad-audit-file` with every problem by key and line.
 */
export async function scenarioOf(file: ReadAuditFile, catalogue: Catalogue, id: string): Promise<PlannedScenario> {
  const { audit } = file;
  const parts = partBuilder(catalogue);
  const defences = built(audit.defences, "defences", (part, path) =>
    parts.build("defences", part, path, (factory, options) => factory(options)),
  );
  const priors = built(audit.priors, "priors", (part, path) =>
    parts.build("priors", part, path, (factory, options) => factory(options)),
  );
  const attacks = attacksOf(file, parts, priors);
  const protocol = protocolOf(audit, parts);
  const operator = parts.build("operators", protocol, ["kind"], (factory, options) => factory(options));
  const { flags, problems } = knownFlags(
    audit.known,
    catalogue.flags,
    audit.kind === "update" ? localTrainingKnowledge : defaultKnowledge,
  );
  for (const problem of problems) parts.complain(problem.path, problem.message);
  const part = asNamed(audit.data, dirname(file.path));
  const source = parts.build("data", part, ["data"], (factory, options) =>
    narrowed(factory(options), audit.domain, parts),
  );
  const data = source && (await orComplain(parts, () => source.open()));
  if (data !== undefined) checkAmount(file, data, parts);
  const first = data !== undefined && data.size > 0 ? await orComplain(parts, () => data.item(0)) : undefined;
  // Without data there is nothing the model could be fitted to; its name is checked all the same.
  const model = parts.build("models", audit.model, ["model"], (factory, options) =>
    first === undefined
      ? undefined
      : factory(options, {
          input: first.input.shape,
          classes: first.target.shape.at(-1) ?? 1,
          domain: source!.domain,
        }),
  );
  if (model !== undefined && audit.loss !== undefined && model.lossKind !== audit.loss) {
    parts.complain(["loss"], `found "${audit.loss}"; the model ${model.name} is trained with ${model.lossKind} here`);
  }
  if (model !== undefined && first !== undefined) checkFit(model, first, parts);
  const evaluation = audit.evaluate && evaluationOf(audit.evaluate, parts, model);
  if (parts.problems.length > 0) throw file.refuse(parts.problems);
  if (source === undefined || data === undefined || model === undefined || operator === undefined) {
    throw new ReconError("bad-audit-file", `${file.name}: the description is not complete.`);
  }
  const scenario: Scenario = {
    id,
    title: audit.title ?? id,
    summary: audit.summary ?? "",
    model,
    // Opened once: decoding the user's files takes time, and a folder may change in between.
    source: { ...source, open: async () => data },
    ...(audit.training !== undefined && { training: audit.training }),
    batch: audit.batch,
    operator,
    defences,
    observationPrecision: audit.observation,
    known: flags,
    attacks,
    trials: audit.seeds,
    budget: budgetOf(audit.budget),
    onError: audit.on_error,
    audit: JSON.parse(JSON.stringify(audit)) as Json,
  };
  return evaluation === undefined ? { scenario } : { scenario, evaluation };
}

/** The forward operator by its name and options. */
function protocolOf(
  { kind, mode, steps, rate, first_layer, local, training }: AuditFile,
  parts: PartBuilder,
): NamedPart {
  if (kind === "weights") {
    if (training !== undefined)
      parts.complain(["training"], 'the kind "weights" trains on the batch itself; write "steps" for how long');
    return {
      name: "stationarity",
      options: {
        ...(steps !== undefined && { steps }),
        ...(rate !== undefined && { rate }),
        ...(first_layer !== undefined && { first_layer }),
      },
    };
  }
  if (first_layer !== undefined)
    parts.complain(["first_layer"], 'a first layer is told how to start with "kind: weights" only');
  if (kind === "update") {
    if (rate === undefined)
      parts.complain(["kind"], 'the kind update needs the key "rate", the step size of the client');
    if (local?.batch !== undefined && steps !== undefined)
      parts.complain(["steps"], `found ${steps}; with a local batch the key "epochs" under "local" counts the steps`);
    if (local?.epochs !== undefined && local.batch === undefined)
      parts.complain(["local", "epochs"], 'epochs need the key "batch" under "local", the samples of one step');
    return { name: kind, options: { mode, rate: rate ?? 1, ...localOptions(steps, local) } };
  }
  if (local !== undefined) parts.complain(["local"], 'local training needs "kind: update" and a "rate"');
  if (steps !== undefined && steps !== 1)
    parts.complain(["steps"], `found ${steps}; several local steps need "kind: update" and a "rate"`);
  if (rate !== undefined) parts.complain(["rate"], 'a gradient has no step size; write "kind: update" to use it');
  return { name: kind, options: { mode } };
}

/** Options of `update` from the keys of a file. */
function localOptions(steps: number | undefined, local: AuditFile["local"] = {}): Readonly<Record<string, unknown>> {
  const { batch, epochs, weight_decay, ...same } = local;
  return {
    ...same,
    ...(weight_decay !== undefined && { weightDecay: weight_decay }),
    ...(batch === undefined ? { steps: steps ?? 1 } : { localBatch: batch, ...(epochs !== undefined && { epochs }) }),
  };
}

function built<T>(
  parts: readonly NamedPart[],
  key: string,
  build: (part: NamedPart, path: readonly (string | number)[]) => T | undefined,
): readonly T[] {
  return parts.map((part, index) => build(part, [key, index])).filter((piece) => piece !== undefined);
}

function attacksOf(file: ReadAuditFile, parts: PartBuilder, priors: readonly Prior[]): readonly Attack[] {
  const { attacks } = file.audit;
  const make = (part: NamedPart, path: readonly (string | number)[]): Attack | undefined =>
    parts.build("attacks", part, path, (factory, options) => factory(options, { priors }));
  if (attacks !== "auto") return built(attacks, "attacks", make);
  // The other attacks of `auto` read gradients.
  const auto = make(file.audit.kind === "weights" ? "kkt" : "auto", ["attacks"]);
  return auto === undefined ? [] : [auto];
}

/** A folder of the user's own is the data source `folder` of the loaded package that has one; its path starts at the file. */
function asNamed(data: DataPart, base: string): NamedPart {
  if (typeof data === "string" || !("path" in data)) return data;
  return { name: "folder", options: { ...data.options, path: resolve(base, data.path) } };
}

/** What the data itself refuses is said at the key that names it. */
async function orComplain<T>(parts: PartBuilder, read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (!isReconError(error)) throw error;
    parts.complain(["data"], error.message);
    return undefined;
  }
}

function checkFit(model: Model, item: Item, parts: PartBuilder): void {
  for (const [what, spec, has] of [
    ["inputs", model.input, item.input.shape],
    ["targets", model.target, item.target.shape],
  ] as const) {
    if (fitsInput(has, spec)) continue;
    const found = `${model.name} takes ${what} of shape [${spec.shape.join(", ")}], the data has [${has.join(", ")}]`;
    parts.complain(["model"], `${found}. Change the options of the model or of the data`);
  }
}

function checkAmount(file: ReadAuditFile, data: OpenData, parts: PartBuilder): void {
  const { batch, on_error, seeds, training } = file.audit;
  const faulty = data.skipped.filter(({ byOptions }) => byOptions !== true);
  if (faulty.length > 0 && on_error === "refuse") {
    const named = faulty.slice(0, 5).map(({ id, reason }) => `${id} (${reason})`);
    const more = faulty.length > named.length ? `, and ${faulty.length - named.length} more` : "";
    const what = `${faulty.length} of its items cannot be read: ${named.join(", ")}${more}`;
    parts.complain(["data"], `${what}. Repair or remove them, or write "on_error: skip" to leave them out`);
  }
  if (data.size < batch) {
    parts.complain(["batch"], `found ${batch}; the data holds ${data.size} usable items. Add data or lower the batch`);
  } else if (training !== undefined && trainingSize(data, batch, seeds) === 0) {
    const what = `found ${seeds} trials with a batch of ${batch}, which draw all ${data.size} items of the data`;
    parts.complain(["training"], `${what}: none is left to train on. Add data, or lower seeds or batch`);
  }
}
