import { ReconError } from "../errors.ts";

/** Refuses options a defence does not have, so that a misspelt one cannot be taken for its default. */
export function refuseOtherOptions(defence: string, options: object, allowed: readonly string[]): void {
  const other = Object.keys(options).find((key) => !allowed.includes(key));
  if (other !== undefined) {
    throw new ReconError(
      "bad-option",
      `Defence "${defence}" has no option "${other}"; allowed: ${allowed.join(", ")}.`,
    );
  }
}

/** Checks a numeric option. @throws ReconError `bad-option` that names the defence, the option and what is allowed. */
export function numberOption(
  defence: string,
  name: string,
  value: unknown,
  range: "positive" | "non-negative",
): number {
  const fits = typeof value === "number" && Number.isFinite(value) && (range === "positive" ? value > 0 : value >= 0);
  if (!fits) {
    const found = typeof value === "string" ? `"${value}"` : String(value);
    const wanted = range === "positive" ? "a number above 0" : "a number of at least 0";
    throw new ReconError("bad-option", `Option "${name}" of defence "${defence}" must be ${wanted}, not ${found}.`);
  }
  return value;
}

/** Checks an option that is a share. @throws ReconError `bad-option` unless it is a number from 0 to 1. */
export function shareOption(defence: string, name: string, value: unknown): number {
  if (!(typeof value === "number" && value >= 0 && value <= 1)) {
    const found = typeof value === "string" ? `"${value}"` : String(value);
    throw new ReconError(
      "bad-option",
      `Option "${name}" of defence "${defence}" must be a number from 0 to 1, not ${found}.`,
    );
  }
  return value;
}
