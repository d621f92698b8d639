import type { DataSource } from "@recon/core";
import type { AuditFile } from "./audit-file.ts";
import type { PartBuilder } from "./part-builder.ts";

/** The source with the box that `domain` describes: where the attacker searches, not what the data is. */
export function narrowed(source: DataSource, domain: AuditFile["domain"], parts: PartBuilder): DataSource {
  if (domain === undefined) return source;
  const own = source.domain;
  if (domain.kind !== undefined && domain.kind !== own.name) {
    parts.complain(["domain", "kind"], `found "${domain.kind}"; the data source ${source.name} yields "${own.name}"`);
  }
  if (domain.min !== undefined && domain.max !== undefined && domain.min >= domain.max) {
    parts.complain(["domain"], `min ${domain.min} is not below max ${domain.max}`);
  }
  const bound = (value: number | undefined) =>
    value === undefined ? undefined : { shape: [], data: Float64Array.of(value) };
  return {
    ...source,
    domain: { ...own, lower: bound(domain.min) ?? own.lower, upper: bound(domain.max) ?? own.upper },
  };
}
