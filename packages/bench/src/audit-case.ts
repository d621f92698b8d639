import {
  type Attack,
  audit,
  type DataSource,
  type Defence,
  defaultKnowledge,
  type Flag,
  gradient,
  type Metric,
  type Model,
  type Operator,
  type ResultRecord,
  type Scenario,
  type VictimTraining,
} from "@recon/core";
import type { BenchCase, Measurement, Target } from "./bench-case.ts";
import { failedMeasurement } from "./bench-line.ts";

/** A victim, its data, and the attack: what the ordinary audit loop needs. Factories are called anew for every trial. */
export interface AuditCaseOptions {
  readonly id: string;
  readonly suite: string;
  readonly model: () => Model;
  readonly source: () => DataSource;
  readonly attack: () => Attack;
  readonly targets?: Readonly<Record<string, Target>>;
  /** 1 unless said. */
  readonly batch?: number;
  /** `gradient()` unless said. */
  readonly operator?: () => Operator;
  readonly defences?: () => readonly Defence[];
  /** float32 unless said: what a real client sends. */
  readonly observation?: "float32" | "float64";
  /** How far the victim is trained before it is observed; not at all unless said. */
  readonly training?: VictimTraining;
  /** What the attacker is told; the default knowledge unless said. */
  readonly known?: readonly Flag[];
  /** Scores in place of the domain's own; items are matched by the first. */
  readonly metrics?: readonly Metric[];
  /** Evaluations of the forward operator; a tenth in a quick run. */
  readonly evaluations?: number;
  readonly seeds?: number;
  readonly share?: number;
  readonly judged?: BenchCase["judged"];
  /** More metrics of an item, from those it has. */
  readonly derived?: (
    metric: Readonly<Record<string, number>>,
    floor: Readonly<Record<string, number>>,
  ) => Readonly<Record<string, number>>;
}

/** A case that takes the way users take: observe, attack without the truth, judge. Weights, batch and noise are drawn from the seed. */
export function auditCase(options: AuditCaseOptions): BenchCase {
  const { id, suite, targets = {}, seeds, share, judged } = options;
  return {
    id,
    suite,
    targets,
    ...(seeds !== undefined && { seeds }),
    ...(share !== undefined && { share }),
    ...(judged !== undefined && { judged }),
    async *trial(seed, { executor, signal, quick }): AsyncGenerator<Measurement, void> {
      for await (const event of audit([scenarioOf(options, quick)], { executor, seed, signal, diagnosis: false })) {
        if (event.kind === "result") yield measurementOf(event.record, options);
        if (event.kind === "failure") yield failedMeasurement(event.record.error.message);
      }
    },
  };
}

function scenarioOf(options: AuditCaseOptions, quick: boolean): Scenario {
  const source = options.source();
  const { metrics = source.domain.metrics, evaluations = 1000 } = options;
  // Pictures are for reports; rendering them here would cost more than many an attack.
  const domain = { ...source.domain, metrics, render: async () => [] };
  return {
    // A baseline draws what its case draws.
    id: options.id.split("/")[0]!,
    title: options.id,
    summary: "",
    model: options.model(),
    source: { ...source, domain },
    ...(options.training !== undefined && { training: options.training }),
    batch: options.batch ?? 1,
    operator: options.operator?.() ?? gradient(),
    defences: options.defences?.() ?? [],
    observationPrecision: options.observation ?? "float32",
    known: options.known ?? defaultKnowledge,
    attacks: [options.attack()],
    trials: 1,
    budget: { evaluations: Math.max(2, Math.round(evaluations * (quick ? 0.1 : 1))) },
    onError: "skip",
    audit: {},
  };
}

/** A result of the audit loop as a measurement. */
export function measurementOf(
  record: Omit<ResultRecord, "pictures">,
  { derived }: Pick<AuditCaseOptions, "derived"> = {},
): Measurement {
  const {
    item,
    attack,
    given,
    observation,
    metric,
    floor,
    floorName,
    certificate,
    verdict,
    reason,
    residual,
    seconds,
    evaluations,
  } = record;
  return {
    item,
    attack,
    given,
    observation,
    metric: { ...metric, ...derived?.(metric, floor) },
    floor: { ...floor, ...derived?.(floor, floor) },
    ...(floorName !== undefined && { floorName }),
    certificate,
    verdict,
    reason,
    residual,
    seconds,
    evaluations,
  };
}
