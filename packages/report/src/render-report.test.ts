import { existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRunFolder } from "@recon/core";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sampleRecord, sampleResult, sampleScenario, writeSampleRun } from "./fixtures/sample-run.ts";
import { html } from "./html.ts";
import { renderReport } from "./render-report.ts";
import { writeReport } from "./write-report.ts";

let base: string;
let page: string;

beforeAll(async () => {
  base = mkdtempSync(join(tmpdir(), "recon-report-"));
  await writeSampleRun(join(base, "sample"));
  page = await renderReport(join(base, "sample"));
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

/** The words of a page, without markup and pictures. */
function words(markup: string): string {
  return markup
    .replace(/<style>.*?<\/style>/s, "")
    .replace(/<[^>]*>/g, " ")
    .replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)))
    .replace(/\s+/g, " ");
}

test.each([
  "Data can be read back in 2 of 3 scenarios, and in 1 more the observation leaks or seems to.",
  "analytic 6 of 6 6 of 6 PSNR ≥ 100 dB floor 11.8 dB recovered",
  "recursion 0 of 6 6 of 6 PSNR ≥ 100 dB floor 11.8 dB partial",
  "dlg 0 of 6 0 of 6",
  "Parameters 4 206 602",
  "Weights those that the model starts with",
  "Weights trained for 300 steps Adam, batches of 32, rate 0.001",
  "Which loss the model is trained with. lossKind",
  "someNewFlag",
  "gaussianNoise relative 0.1",
  "CC0-1.0",
  "broken.png the file ends in the middle of the data",
  "A closed form applies: the first layer is dense",
  "Tried first: analytic",
  "Trial 5 diverged The objective became infinite after 37 evaluations.",
  "They count as missed: 1 of 6 items.",
  "An attack that fails is not proof of safety",
  "npx --no-install recon audit scenario-3.yaml --seed 1",
  "onnxruntime-node 1.30.0",
])("the sample run says: %s", (sentence) => expect(words(page)).toContain(sentence));

test("the page names nothing outside itself", () => {
  const addresses = [...page.matchAll(/(?:src|href)="([^"]*)"/g)].map((match) => match[1] ?? "");
  expect(addresses.length).toBeGreaterThan(100);
  expect(addresses.filter((address) => !/^(data:|#scenario-\d$)/.test(address))).toEqual([]);
  expect(page).not.toMatch(/https?:|@import|url\(|<script/i);
  expect(page).toContain("default-src &#39;none&#39;; style-src &#39;sha256-");
});

test("equal runs give equal pages apart from the time of the end", async () => {
  await writeSampleRun(join(base, "again"));
  const ended = /<time datetime="[^"]*">[^<]*<\/time>/g;
  expect((await renderReport(join(base, "again"))).replace(ended, "")).toBe(page.replace(ended, ""));
});

test.each([
  ["interrupted", "This run was interrupted. The page shows what was done until then. 8 of 12 item results planned"],
  ["killed", "This run has not ended, or its process was killed."],
] as const)("a run that was %s says so and shows what was done", async (status, sentence) => {
  const path = join(base, status);
  await writeSampleRun(path, status);
  writeFileSync(join(path, "results.jsonl"), '{"scenario":"convol', { flag: "a" });
  const said = words(await renderReport(path));
  expect(said).toContain(sentence);
  expect(said).toContain("recursion 0 of 2 6 planned");
  expect(said).not.toContain("behind noise");
});

test("a run without scenarios, and one without results, are pages", async () => {
  const empty = createRunFolder(join(base, "empty"), sampleRecord);
  expect(words(await renderReport(empty.path))).toContain("0 scenarios");
  empty.addScenario(sampleScenario({}));
  expect(words(await renderReport(empty.path))).toContain("No item of this scenario was done.");
});

test("a result without originals, spans and an SVG", async () => {
  const folder = createRunFolder(join(base, "spans"), sampleRecord);
  folder.addScenario(sampleScenario({}));
  const spans = [
    { text: "kept <b>", mark: "" },
    { text: "changed", mark: "wrong" },
  ];
  const svg = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>';
  folder.appendResult(sampleResult({ metric: {}, floor: {} }), [
    { title: "words", caption: "", spans },
    { title: "curve", caption: "", svg },
  ]);
  const markup = await renderReport(folder.path);
  expect(words(markup)).toContain("kept <b> changed");
  expect(markup).toContain('<mark title="wrong" data-mark="wrong">changed</mark>');
  expect(markup).toContain(`data:image/svg+xml;base64,${Buffer.from(svg).toString("base64")}`);
  expect(markup).not.toContain("<script");
  expect(words(markup)).toContain("no originals");
});

test("a picture that cannot be shown is named, and the page is made all the same", async () => {
  const folder = createRunFolder(join(base, "pictures"), sampleRecord);
  folder.addScenario(sampleScenario({}));
  writeFileSync(join(base, "secret.png"), "private");
  const png = Uint8Array.from([1, 2, 3]);
  const titles = ["not a PNG", "gone", "a link out"];
  const { pictures } = folder.appendResult(
    sampleResult({}),
    titles.map((title) => ({ title, caption: "", png })),
  );
  const [, gone, link] = pictures.map((picture) => join(folder.path, "file" in picture ? picture.file : ""));
  rmSync(gone!);
  rmSync(link!);
  symlinkSync(join(base, "secret.png"), link!);
  const markup = await renderReport(folder.path);
  expect(words(markup)).toMatch(
    /is not shown: it is not a PNG.*is not shown: it cannot be read.*outside the run folder/,
  );
  expect(markup).not.toContain(Buffer.from("private").toString("base64"));
});

test("writeReport replaces the page as a whole and leaves nothing else behind", async () => {
  const path = join(base, "sample");
  expect(await writeReport(path)).toBe(join(path, "report.html"));
  await writeReport(path);
  expect(readdirSync(path).sort()).toEqual(["failures.jsonl", "pictures", "report.html", "results.jsonl", "run.json"]);
  await expect(writeReport(join(base, "nowhere"))).rejects.toMatchObject({ code: "run-not-found" });
  expect(existsSync(join(base, "nowhere"))).toBe(false);
});

test("no text can leave its element or attribute", () => {
  const unit = fc.oneof(fc.constantFrom("<", ">", "&", '"', "'", "`", "\0", "\u202E", "script"), fc.string());
  fc.assert(
    fc.property(fc.array(unit), (parts) => {
      const inside = html`${parts.join("")}`.html;
      expect(inside).not.toMatch(/[<>"'`\0\u202E]|&(?!#\d+;)/);
    }),
    { seed: 1, numRuns: 300 },
  );
});
