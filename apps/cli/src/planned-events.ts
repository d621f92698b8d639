import { type AuditEvent, type AuditOptions, audit, type EvaluationEvent, evaluateDefences } from "@recon/core";
import type { PlannedScenario } from "./audit-file/scenario-of.ts";

/** What happens in a run: the trials of a scenario and then, where its file asks for it, the comparison of defences on it. */
export type RunEvent =
  | AuditEvent
  | { readonly kind: "evaluation"; readonly scenario: string; readonly event: EvaluationEvent };

/** Runs scenarios one after the other. @throws what `audit` and `evaluateDefences` throw. */
export async function* plannedEvents(
  planned: readonly PlannedScenario[],
  options: AuditOptions,
): AsyncGenerator<RunEvent, void> {
  for (const { scenario, evaluation } of planned) {
    yield* audit([scenario], options);
    if (evaluation === undefined || options.signal.aborted) continue;
    // The families put defences on the victim one by one; those of the scenario itself would stand before each.
    const undefended = { ...scenario, defences: [] };
    for await (const event of evaluateDefences({
      title: scenario.title,
      scenario: undefended,
      ...evaluation,
      ...options,
    })) {
      yield { kind: "evaluation", scenario: scenario.id, event };
    }
  }
}
