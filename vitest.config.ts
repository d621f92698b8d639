import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const root = dirname(fileURLToPath(import.meta.url));

/** Slow proofs (`*.slow.test.ts`) run only when they are asked for: `pnpm test:slow`. */
const slow = process.env.RECON_SLOW === "1";

/** Tests run from source: the custom condition picks `src` in every workspace package, so no build is needed first. */
const conditions = ["@recon/source"];

const packages = ["packages", "apps"].flatMap((folder) =>
  readdirSync(join(root, folder))
    .map((name) => join(root, folder, name))
    .filter((directory) => existsSync(join(directory, "package.json")))
    .map((directory) => ({
      name: JSON.parse(readFileSync(join(directory, "package.json"), "utf8")).name as string,
      root: directory,
    })),
);

export default defineConfig({
  test: {
    globalSetup: join(root, "scripts", "test-folder.mjs"),
    projects: [...packages, { name: "scripts", root: join(root, "scripts") }].map((project) => ({
      root: project.root,
      resolve: { conditions },
      ssr: { resolve: { conditions } },
      test: {
        name: project.name,
        include: project.name === "scripts" ? ["**/*.test.mjs"] : [slow ? "src/**/*.slow.test.ts" : "src/**/*.test.ts"],
        exclude: ["**/dist/**", "**/node_modules/**", ...(slow ? [] : ["**/*.slow.test.ts"])],
        setupFiles: [join(root, "scripts", "test-seed.mjs")],
        testTimeout: 30_000,
      },
    })),
    // Two cores: more workers only fight over them, and timings in tests become noise.
    maxWorkers: 2,
  },
});
