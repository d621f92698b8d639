/** What an audit writes down of a scenario before it runs, and of each item after. */

import type { JudgedItem } from "./judge/judge.ts";
import type { Attack, OpenData, Solution } from "./problem.ts";
import type { ResultRecord, ScenarioRecord } from "./run-record.ts";
import type { Scenario } from "./scenario.ts";
import { recordable } from "./survives-json.ts";
import type { Observed } from "./victim.ts";

/** @throws ReconError `options-not-json` for a piece whose options could not be read again. */
export function scenarioRecord(scenario: Scenario, data: OpenData): ScenarioRecord {
  const { model, source, training } = scenario;
  const sizes = Object.values(model.parameters).map((spec) => spec.shape.reduce((n, extent) => n * extent, 1));
  return {
    id: scenario.id,
    title: scenario.title,
    summary: scenario.summary,
    victim: {
      model: model.name,
      options: recordable(`The model "${model.name}"`, model.options),
      parameters: sizes.reduce((a, b) => a + b, 0),
      operator: scenario.operator.name,
      loss: model.lossKind,
      ...(training !== undefined && { training }),
      ...(scenario.operator.release !== undefined && { released: scenario.operator.options }),
    },
    defences: scenario.defences.map(({ name, options }) => ({
      name,
      options: recordable(`The defence "${name}"`, options),
    })),
    data: {
      name: source.name,
      options: recordable(`The data source "${source.name}"`, source.options),
      card: source.card,
      skipped: data.skipped.map(({ id, reason }) => ({ id, reason })),
    },
    batch: scenario.batch,
    trials: scenario.trials,
    attacks: scenario.attacks.map(({ name, options }) => {
      recordable(`The attack "${name}"`, options);
      return name;
    }),
    given: scenario.known,
    metrics: source.domain.metrics.map(({ name, unit, better, perfect }) => ({ name, unit, better, perfect })),
    audit: scenario.audit,
  };
}

/** One item of one trial as it stands in the results. */
export function resultRecord(
  where: { readonly scenario: Scenario; readonly attack: Attack; readonly trial: number; readonly seed: number },
  observed: Observed,
  solution: Solution,
  item: JudgedItem,
  seconds: number,
  memorised?: ResultRecord["memorised"],
): Omit<ResultRecord, "pictures"> {
  return {
    scenario: where.scenario.id,
    seed: where.seed,
    trial: where.trial,
    item: item.id,
    attack: where.attack.name,
    given: solution.given,
    observation: where.scenario.observationPrecision,
    observed: { norm: observed.norm, relNoise: observed.relNoise },
    metric: item.metric,
    floor: item.floor.scores,
    floorName: item.floor.name,
    certificate: solution.certificate.level,
    certificateReason: solution.certificate.reason,
    verdict: solution.verdict,
    reason: solution.reason,
    residual: solution.residual,
    evaluations: solution.evaluations,
    seconds,
    trace: solution.trace,
    ...(memorised !== undefined && { memorised }),
    ...(solution.explanation !== undefined && { chosen: solution.explanation }),
  };
}
