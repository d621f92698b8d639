import type * as v from "valibot";
import type { KeyPath } from "./positions.ts";

/** What of a schema is looked at: whichever of these it has. */
type Inside = {
  readonly entries?: Readonly<Record<string, v.GenericSchema>>;
  readonly options?: readonly v.GenericSchema[];
  readonly item?: v.GenericSchema;
  readonly wrapped?: v.GenericSchema;
  readonly message?: unknown;
};

/** The keys that a map at `path` may hold, in the order of the schema; every branch of a union counts. */
export function keysAt(schema: v.GenericSchema, path: KeyPath): readonly string[] {
  return [
    ...new Set(schemasAt(schema, path).flatMap((found) => Object.keys((found as unknown as Inside).entries ?? {}))),
  ];
}

/** What is allowed at `path`, in the schema's own words. */
export function allowedAt(schema: v.GenericSchema, path: KeyPath): string | undefined {
  const messages = schemasAt(schema, path).map((found) => (found as unknown as Inside).message);
  return messages.find((message) => typeof message === "string");
}

/** The schemas that a value at `path` may meet: a union itself, then its branches. */
function schemasAt(schema: v.GenericSchema, path: KeyPath): readonly v.GenericSchema[] {
  const inside = schema as unknown as Inside;
  if (inside.wrapped) return schemasAt(inside.wrapped, path);
  // A picklist has options too, but they are values.
  const branches = schema.type === "union" ? (inside.options ?? []).flatMap((option) => schemasAt(option, path)) : [];
  const [key, ...rest] = path;
  if (key === undefined) return [schema, ...branches];
  const next = typeof key === "number" ? inside.item : inside.entries?.[key];
  return next ? schemasAt(next, rest) : branches;
}
