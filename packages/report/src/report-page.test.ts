import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { createRunFolder } from "@recon/core";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startChromium } from "./fixtures/chromium.ts";
import { sampleDiagnosis } from "./fixtures/sample-diagnosis.ts";
import { exactScenario, sampleRecord, sampleResult, writeSampleRun } from "./fixtures/sample-run.ts";
import { writeReport } from "./write-report.ts";

/** The report in a real browser, opened from disk. */
let base: string;
let browser: Browser | undefined;
let sample: string;

beforeAll(async () => {
  base = mkdtempSync(join(tmpdir(), "recon-page-"));
  await writeSampleRun(join(base, "sample"));
  sample = await writeReport(join(base, "sample"));
}, 60_000);
afterAll(async () => {
  await browser?.close();
  rmSync(base, { recursive: true, force: true });
});

interface Opened {
  readonly page: Page;
  /** Console errors, page errors, dialogs and requests that leave the file. */
  readonly complaints: readonly string[];
}

async function open(file: string, width: number, colorScheme: "light" | "dark" = "light"): Promise<Opened> {
  // Here and not before all tests, so that a missing browser fails every test instead of skipping it.
  browser ??= await startChromium();
  const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("dialog", (dialog) => {
    complaints.push(`dialog ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("request", (request) => {
    if (!request.url().startsWith("data:") && request.url() !== pathToFileURL(file).href)
      complaints.push(request.url());
  });
  await page.goto(pathToFileURL(file).href, { waitUntil: "load" });
  return { page, complaints };
}

/** Elements whose box ends right of the window, and whether the page scrolls sideways. */
async function sideways(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    const wide = [...document.querySelectorAll("body *")].filter((element) => {
      const box = element.getBoundingClientRect();
      return box.width > 0 && box.height > 0 && (box.right > width + 1 || box.left < -1);
    });
    const scrolls = document.documentElement.scrollWidth > width ? ["the page scrolls"] : [];
    return [...scrolls, ...wide.map((element) => `${element.tagName}.${element.getAttribute("class")}`)];
  });
}

describe.each([390, 1400])("at a width of %i", (width) => {
  test("opens without complaints or requests, decodes every picture, fits the window", async () => {
    const { page, complaints } = await open(sample, width);
    const images = await page.evaluate(() =>
      Promise.all(
        [...document.images].map(async (image) => {
          await image.decode();
          return { width: image.naturalWidth, shown: image.getBoundingClientRect().width, alt: image.alt };
        }),
      ),
    );
    // 23 results of four pictures, and a contact sheet of 2 × 6 for each scenario.
    expect(images).toHaveLength(23 * 4 + 3 * 12);
    for (const image of images) {
      expect(image.width).toBe(160);
      expect(image.shown).toBeGreaterThan(20);
      expect(image.alt).toMatch(/ of item scene-\d, trial \d/);
    }
    expect(await sideways(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test("hostile names stay text, stay inside the window and run nothing", async () => {
    const file = await hostileReport(`hostile-${width}`);
    const { page, complaints } = await open(file, width);
    const found = await page.evaluate(() => ({
      scripts: document.scripts.length,
      styles: document.styleSheets.length,
      foreign: document.querySelectorAll("iframe,object,embed,base,form,[onerror],[onload],[style]").length,
      links: [...document.links].map((link) => link.getAttribute("href")?.charAt(0)),
      hacked: "hacked" in window,
      heading: document.querySelector("h1")?.textContent,
    }));
    expect(found).toMatchObject({ scripts: 0, styles: 1, foreign: 0, hacked: false, heading: hostile });
    expect(new Set(found.links)).toEqual(new Set(["#"]));
    expect(await sideways(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await page.close();
  });
});

test("headings form an outline without gaps, and every figure has a caption", async () => {
  const { page } = await open(sample, 1400);
  const outline = await page.evaluate(() => ({
    levels: [...document.querySelectorAll("h1,h2,h3,h4,h5,h6")].map((heading) => Number(heading.tagName.charAt(1))),
    top: [...document.querySelectorAll("h1,h2")].map((heading) => heading.textContent),
    bare: [...document.querySelectorAll("figure")].filter((figure) => !figure.querySelector("figcaption")?.textContent)
      .length,
    ids: [...document.querySelectorAll("[id]")].map((element) => element.id),
    broken: [...document.links].filter((link) => document.querySelector(link.getAttribute("href") ?? "") === null)
      .length,
  }));
  expect(outline.levels.filter((level) => level === 1)).toHaveLength(1);
  outline.levels.forEach((level, k) => {
    expect(level - (outline.levels[k - 1] ?? 0)).toBeLessThanOrEqual(1);
  });
  expect(outline.top).toEqual([
    "Which examples come back out of a gradient",
    "Summary",
    "A dense network that sends its gradient",
    "A small convolutional network",
    "The same network behind noise",
    "How to repeat this run",
    "Words used here",
  ]);
  expect(outline.bare).toBe(0);
  expect(new Set(outline.ids).size).toBe(outline.ids.length);
  expect(outline.broken).toBe(0);
  await page.close();
});

test.each(["light", "dark"] as const)(
  "words have a contrast of 4.5 or more on what is behind them, %s",
  async (scheme) => {
    const { page } = await open(sample, 1400, scheme);
    const poor = await page.evaluate(() => {
      const channels = (colour: string): number[] => (colour.match(/[\d.]+/g) ?? []).map(Number);
      const luminance = (colour: string): number =>
        channels(colour)
          .slice(0, 3)
          .map((value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4))
          .reduce((sum, value, k) => sum + value * ([0.2126, 0.7152, 0.0722][k] ?? 0), 0);
      const behind = (element: Element | null): string => {
        if (element === null) return "rgb(255,255,255)";
        const colour = getComputedStyle(element).backgroundColor;
        return channels(colour)[3] === 0 ? behind(element.parentElement) : colour;
      };
      const owned = [...document.querySelectorAll("body *")].filter((element) =>
        [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim()),
      );
      return owned.flatMap((element) => {
        const style = getComputedStyle(element);
        const ink = element instanceof SVGElement ? style.fill : style.color;
        const [a, b] = [luminance(ink), luminance(behind(element))];
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        return ratio < 4.5 && element.tagName !== "title"
          ? [`${element.tagName} ${element.textContent?.slice(0, 20)} ${ratio.toFixed(2)}`]
          : [];
      });
    });
    expect(poor).toEqual([]);
    await page.close();
  },
);

const hostile = `<script>hacked=1</script>"><img src=x onerror=hacked=1>'\`{{}}${"w".repeat(300)}`;

function hostileDiagnosis(): ReturnType<typeof sampleDiagnosis> {
  const { ranks, count, solvers } = sampleDiagnosis();
  return sampleDiagnosis({
    summary: hostile,
    ranks: ranks.map(({ rank: _, ...entry }) => ({ ...entry, layer: hostile, reason: hostile })),
    count: {
      ...count,
      cut: [{ what: hostile, entries: 1 }],
      layers: count.layers.map((entry) => ({ ...entry, layer: hostile })),
      bypassed: [hostile],
      losesAt: hostile,
    },
    noJacobian: hostile,
    solvers: solvers.map(() => ({ solver: hostile, cite: hostile, applies: false, reason: hostile, would: hostile })),
  });
}

async function hostileReport(name: string): Promise<string> {
  const path = join(base, name);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" onload="parent.hacked=1"><script>parent.hacked=1</script><image href="http://127.0.0.1:9/x.png"/><rect width="9" height="9"/></svg>`;
  const { victim, data } = exactScenario;
  const folder = createRunFolder(path, { ...sampleRecord, title: hostile, versions: { [hostile]: hostile } });
  folder.addScenario({
    ...exactScenario,
    id: hostile,
    title: hostile,
    summary: hostile,
    victim: { ...victim, model: hostile, options: { [hostile]: hostile }, loss: hostile, operator: hostile },
    defences: [{ name: hostile, options: { "</style>": hostile } }],
    data: {
      ...data,
      card: { title: hostile, source: hostile, licence: hostile, note: hostile },
      skipped: [{ id: hostile, reason: hostile }],
    },
    given: [hostile],
    metrics: [{ name: hostile, unit: hostile, better: "higher", perfect: 1 }],
    diagnosis: hostileDiagnosis(),
    audit: { "</code></pre><script>hacked=1</script>": hostile },
  });
  const trace = [0, 1, 2].map((k) => ({ evaluations: k, objective: 10 ** -k }));
  const words = {
    item: hostile,
    attack: hostile,
    certificateReason: hostile,
    reason: hostile,
    chosen: hostile,
    floorName: hostile,
    given: [hostile],
  };
  folder.appendResult(
    sampleResult({ scenario: hostile, ...words, metric: { [hostile]: 2 }, floor: { [hostile]: 1 }, trace }),
    [
      { title: hostile, caption: hostile, svg },
      { title: hostile, caption: hostile, spans: [{ text: hostile, mark: hostile }] },
    ],
  );
  folder.appendFailure({
    scenario: hostile,
    seed: 1,
    trial: 0,
    attack: hostile,
    error: { code: hostile, message: hostile },
  });
  folder.finish("failed");
  return writeReport(path);
}
