import type { FailureRecord, ResultRecord, ScenarioRecord } from "@recon/core";
import type { DiagnosisFinding } from "./json-lines.ts";

/** A number as people read it: four digits that matter at most. */
export function shortNumber(value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? "inf" : value < 0 ? "-inf" : "none";
  if (value !== 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e6)) return value.toExponential(1);
  return String(Number(value.toPrecision(4)));
}

/** The victim in one line, and in a second one what of the data is left out, if anything is. */
export function scenarioWords(record: ScenarioRecord): readonly string[] {
  const { id, victim, trials, batch, attacks, data } = record;
  const trained = victim.training === undefined ? "" : ` trained for ${victim.training.steps} steps`;
  const size = victim.parameters.toLocaleString("en-US");
  const drawn = `${trials} trial${trials === 1 ? "" : "s"} with a batch of ${batch}`;
  const said = `${id}: ${victim.model}, ${size} weights${trained}, ${drawn}, attack ${attacks.join(", ")}`;
  return data.skipped.length === 0 ? [said] : [said, `${id}  ${leftOut(data)}`];
}

/** As many are named where a person watches; the report names all. */
const namedSkipped = 3;

function leftOut({ name, skipped }: ScenarioRecord["data"]): string {
  const named = skipped.slice(0, namedSkipped).map((item) => `${item.id} (${item.reason})`);
  const more = skipped.length - named.length;
  const rest = more > 0 ? `, and ${more.toLocaleString("en-US")} more, all of them in the report` : "";
  return `left out of ${name}: ${named.join(", ")}${rest}`;
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
