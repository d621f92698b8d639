import { opFamilies, opsets } from "./op-table.ts";

/** The page of supported operators, `docs/engine-onnx-ops.md`, from the table that the import uses. */
export function opsPage(): string {
  const families = Object.entries(opFamilies).map(([family, entries]) => {
    const rows = [...entries]
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map(({ name, since, limits }) => `| \`${name}\` | ${since} | ${limits ?? ""} |`);
    return [`## ${family}`, "", "| operator | since opset | limits |", "|---|---|---|", ...rows, ""].join("\n");
  });
  const count = Object.values(opFamilies).flat().length;
  return `# ONNX operators that \`importOnnx\` reads

Generated from the table in \`packages/engine/src/files/onnx/op-table.ts\` by \`node packages/engine/scripts/write-onnx-ops.mjs\`; do not edit.

${count} operators, operator sets ${opsets.oldest} to ${opsets.newest}. Shapes are fixed at import: extents that a file leaves open are passed as
\`shapes\`, and whatever a model computes from shapes alone is worked out then. Numbers are floating-point of one width (chosen when a program is
compiled), integers or truth values; quantised, sparse, complex and text tensors are not read. Nodes that no output depends on are not looked at.
An operator that is not listed is an error that names it and where it is in the model; to have it added, open an issue with the label
\`op-request\`.

${families.join("\n")}`;
}
