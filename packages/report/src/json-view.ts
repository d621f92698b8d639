import type { ScenarioRecord } from "@recon/core";

type Json = ScenarioRecord["audit"];

const longest = 240;

/** Options on one line: `sizes 3072, 1024, 10; activation sigmoid`. Empty for no options; long ones end in an ellipsis. */
export function optionsLine(options: Json): string {
  const line = inner(options);
  return line.length > longest ? `${line.slice(0, longest - 1)}…` : line;
}

function inner(value: Json): string {
  if (value === null) return "none";
  if (Array.isArray(value)) return value.map(inner).join(", ");
  if (typeof value !== "object") return String(value);
  return Object.entries(value)
    .map(([key, entry]) => `${key} ${inner(entry)}`)
    .join("; ");
}
