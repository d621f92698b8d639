import type { FailureRecord, ResultRecord, ScenarioRecord } from "@recon/core";
import type { DiagnosisFinding } from "./json-lines.ts";

/** A number as people read it: four digits that matter at most. */
export function shortNumber(value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? "inf" : value < 0 ? "-inf" : "none";
  if (value !== 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e6)) return value.toExponential(1);
  return String(Number(value.toPrecision(4)));
}

/** One line about one item: what the attack got, beside the floor. */
export function resultWords(record: Omit<ResultRecord, "pictures">, scenario: ScenarioRecord | undefined): string {
  const metrics = (scenario?.metrics ?? []).slice(0, 1).flatMap(({ name, unit }) => {
    const value = record.metric[name];
    if (value === undefined) return [];
    const floor = record.floor[name];
    const beside = floor === undefined ? "" : ` (${record.floorName ?? "blind guess"} ${shortNumber(floor)})`;
    return [`${name} ${shortNumber(value)}${unit === "" ? "" : ` ${unit}`}${beside}`];
  });
  const trial = `trial ${record.trial + 1}/${scenario?.trials ?? "?"}`;
  const said = [record.verdict, `certificate ${record.certificate}`, ...metrics, `${shortNumber(record.seconds)} s`];
  return `${record.scenario}  ${trial}  ${record.attack}  item ${record.item}: ${said.join(", ")}`;
}

/** One line about what can be known before attacking. */
export function diagnosisWords(scenario: string, { diagnosis, noDiagnosis }: DiagnosisFinding): string {
  return `${scenario}  before attacking: ${diagnosis?.summary ?? `not diagnosed: ${noDiagnosis ?? "unknown"}`}`;
}

/** One line about a trial that could not be run or judged. */
export function failureWords(record: FailureRecord): string {
  return `${record.scenario}  trial ${record.trial + 1}  ${record.attack}: failed (${record.error.code}): ${record.error.message}`;
}
