import type { FailureRecord, ResultRecord, RunFolder, ScenarioRecord } from "@recon/core";
import type { RunEvent } from "./planned-events.ts";
import { cellLine, cellWords, followEvaluation } from "./progress/evaluation-words.ts";
import { diagnosisLine, failureLine, resultLine, type Versions } from "./progress/json-lines.ts";
import { liveLine } from "./progress/live-line.ts";
import { diagnosisWords, failureWords, resultWords, scenarioWords } from "./progress/result-words.ts";
import { followProgress } from "./progress/scenario-progress.ts";
import type { Terminal } from "./terminal.ts";

/** What a run wrote down, and how it ended. */
export interface RecordedRun {
  readonly status: "finished" | "interrupted";
  readonly scenarios: readonly ScenarioRecord[];
  readonly results: readonly ResultRecord[];
  readonly failures: readonly FailureRecord[];
}

/**
 * Writes the events of an audit to its run folder as they come, and says on the terminal what happens.
 *
 * Prints JSON lines when `json` gives the versions to print in them. Closes the folder however the audit ends: an error leaves the
 * run `failed`, an abort leaves it `interrupted`.
 */
export async function recordEvents(
  events: AsyncIterable<RunEvent>,
  folder: RunFolder,
  terminal: Terminal,
  json: Versions | undefined,
): Promise<RecordedRun> {
  const scenarios: ScenarioRecord[] = [];
  const results: ResultRecord[] = [];
  const failures: FailureRecord[] = [];
  const now = (): number => performance.now();
  const live = liveLine(terminal, now);
  const follow = followProgress(now);
  const followCells = followEvaluation(now);
  const say = (line: string): void => {
    live.clear();
    terminal.say(line);
  };
  try {
    for await (const event of events) {
      const progress = event.kind === "evaluation" ? undefined : follow(event);
      if (event.kind === "scenario") {
        folder.addScenario(event.record);
        scenarios.push(event.record);
        for (const line of scenarioWords(event.record)) say(line);
      } else if (event.kind === "diagnosis") {
        folder.addDiagnosis(event.scenario, event.finding);
        const index = scenarios.findIndex(({ id }) => id === event.scenario);
        scenarios[index] = { ...scenarios[index]!, ...event.finding };
        say(diagnosisWords(event.scenario, event.finding));
        if (json) terminal.out(diagnosisLine(event.scenario, event.finding, json));
      } else if (event.kind === "evaluation") {
        const { event: step } = event;
        if (step.kind === "progress") live.show(followCells(event.scenario, step));
        else {
          folder.writeEvaluation(event.scenario, step.record);
          say(cellWords(step.record));
          if (json) terminal.out(cellLine(step.record, json));
        }
      } else if (event.kind === "result") {
        const stored = folder.appendResult(event.record, event.pictures);
        results.push(stored);
        say(resultWords(stored, scenarioOf(scenarios, stored.scenario)));
        if (json) terminal.out(resultLine(stored, json));
      } else if (event.kind === "failure") {
        folder.appendFailure(event.record);
        failures.push(event.record);
        say(failureWords(event.record));
        if (json) terminal.out(failureLine(event.record, json));
      } else if (progress) live.show(progress);
    }
  } catch (error) {
    live.clear();
    // An abort may surface as an error from wherever it was noticed.
    folder.finish(terminal.signal.aborted ? "interrupted" : "failed");
    if (!terminal.signal.aborted) throw error;
    return { status: "interrupted", scenarios, results, failures };
  }
  live.clear();
  const status = terminal.signal.aborted ? "interrupted" : "finished";
  folder.finish(status);
  return { status, scenarios, results, failures };
}

function scenarioOf(scenarios: readonly ScenarioRecord[], id: string): ScenarioRecord | undefined {
  return scenarios.find((scenario) => scenario.id === id);
}
