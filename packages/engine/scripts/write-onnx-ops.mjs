import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

// Writes docs/engine-onnx-ops.md from the table that the import uses, which is compiled first.
const engine = dirname(dirname(fileURLToPath(import.meta.url)));
const root = dirname(dirname(engine));
execFileSync(join(root, "node_modules", ".bin", "tsc"), ["-b", engine], { stdio: "inherit" });
const { opsPage } = await import("../dist/files/onnx/ops-page.js");
writeFileSync(join(root, "docs", "engine-onnx-ops.md"), opsPage());
