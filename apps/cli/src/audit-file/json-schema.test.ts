import { toJsonSchema } from "@valibot/to-json-schema";
import { expect, test } from "vitest";
import { auditFileSchema } from "./schema.ts";

// Run `npx vitest run apps/cli -u` after a change of the schema: editors read the published file.
test("the published JSON schema is the one that the command checks", async () => {
  const { $schema, ...rest } = toJsonSchema(auditFileSchema, { typeMode: "input" });
  const published = { $schema, title: "recon audit", ...rest };
  await expect(`${JSON.stringify(published, null, 2)}\n`).toMatchFileSnapshot("../../schema/audit.schema.json");
});
