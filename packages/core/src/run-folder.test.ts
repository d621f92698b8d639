import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ReconError } from "./errors.ts";
import { failure, result, run, scenario } from "./fixtures/run-records.ts";
import type { Picture } from "./problem.ts";
import { readPicture, readRunFolder } from "./read-run-folder.ts";
import { createRunFolder } from "./run-folder.ts";

let base: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "recon-run-"));
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const png: Picture = { title: "truth", caption: "item 3", png: Uint8Array.from([0x89, 0x50, 0x4e, 0x47]) };

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return error instanceof ReconError ? error.code : `not a ReconError: ${error}`;
  }
  return "no error";
}

function started(): { path: string; folder: ReturnType<typeof createRunFolder> } {
  const path = join(base, "deep", "run");
  const folder = createRunFolder(path, run);
  folder.addScenario(scenario);
  return { path, folder };
}

describe("writing and reading", () => {
  test("a whole run comes back as it was written, infinities and pictures included", () => {
    const { path, folder } = started();
    const levels = { similar: 0.4, nearVerbatim: 0.9, verbatim: 0.99 };
    const memorised = { resemblance: "likeness", score: 0.95, control: 0.2, levels };
    const rare = { floorName: "the day before", memorised, chosen: "because" };
    const spans: Picture = { title: "estimate", caption: "", spans: [{ text: "a", mark: "wrong" }] };
    const stored = folder.appendResult({ ...result, ...rare }, [png, { ...png, title: "error" }, spans]);
    folder.appendFailure(failure);
    const finished = folder.finish("finished");
    const read = readRunFolder(path);
    expect(read.run).toEqual(finished);
    expect(read.run.status).toBe("finished");
    expect(read.run.scenarios).toEqual([scenario]);
    expect(read.results).toEqual([stored]);
    expect(read.results[0]).toMatchObject({ ...result, ...rare });
    expect(read.results[0]?.metric.psnr_db).toBe(Number.POSITIVE_INFINITY);
    expect(read.failures).toEqual([failure]);
    const files = stored.pictures.flatMap((picture) => ("file" in picture ? [picture.file] : []));
    expect(files).toEqual(["pictures/0001-plain-analytic-3-truth.png", "pictures/0002-plain-analytic-3-error.png"]);
    expect([...readPicture(path, files[0]!).bytes]).toEqual([0x89, 0x50, 0x4e, 0x47]);
  });

  test("equal records give equal bytes, whatever order their members were set in", () => {
    const write = (name: string, record: typeof result): string => {
      const folder = createRunFolder(join(base, name), { ...run, scenarios: [scenario] });
      folder.appendResult(record, [png]);
      return readFileSync(join(base, name, "results.jsonl"), "utf8");
    };
    const reversed = Object.fromEntries(Object.entries(result).reverse()) as typeof result;
    const metric = Object.fromEntries(Object.entries(result.metric).reverse());
    expect(write("a", { ...reversed, metric })).toBe(write("b", result));
  });

  test("picture names are unique and stay in pictures/ whatever the item is called", () => {
    const { path, folder } = started();
    const hostile = ["../../x", "/etc/passwd", "a/b\\c", "", "<script>", "con", "ü".repeat(400), "a\0b", ".."];
    for (const item of [...hostile, ...hostile]) folder.appendResult({ ...result, item }, [{ ...png, title: item }]);
    expect(readdirSync(join(path, "pictures"))).toHaveLength(2 * hostile.length);
    for (const name of readdirSync(join(path, "pictures"))) expect(name).toMatch(/^\d{4}[a-z0-9-]{0,150}\.png$/);
    expect(readRunFolder(path).results).toHaveLength(2 * hostile.length);
  });

  test("ends anywhere: every prefix of results.jsonl reads as the whole lines in it", () => {
    const { path, folder } = started();
    for (const item of ["0", "ä", "2"]) folder.appendResult({ ...result, item }, []);
    const bytes = readFileSync(join(path, "results.jsonl"));
    const lengths = [...bytes.toString("latin1").matchAll(/\n/g)].map((match) => match.index);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: bytes.length }), (cut) => {
        writeFileSync(join(path, "results.jsonl"), bytes.subarray(0, cut));
        expect(readRunFolder(path).results).toHaveLength(lengths.filter((end) => end <= cut).length);
      }),
      { seed: 1, numRuns: 200, examples: [...lengths, ...lengths.map((end) => end + 1)].map((cut) => [cut]) },
    );
  });

  test("a second scenario of the same id is refused", () => {
    expect(codeOf(() => started().folder.addScenario(scenario))).toBe("duplicate-scenario");
  });

  test("a run that was just started is a valid run", () => {
    const { path } = started();
    expect(readRunFolder(path)).toMatchObject({ run: { status: "running" }, results: [], failures: [] });
    expect(readdirSync(path).sort()).toEqual(["pictures", "results.jsonl", "run.json"]);
  });
});

describe("the output folder", () => {
  test("an existing run is left alone without force and replaced with it", () => {
    const { path, folder } = started();
    folder.appendResult(result, [png]);
    writeFileSync(join(path, "notes.md"), "mine");
    const before = readFileSync(join(path, "results.jsonl"), "utf8");
    expect(codeOf(() => createRunFolder(path, run))).toBe("run-exists");
    expect(readFileSync(join(path, "results.jsonl"), "utf8")).toBe(before);
    createRunFolder(path, { ...run, title: "again" }, { force: true });
    expect(readRunFolder(path)).toMatchObject({ run: { title: "again", scenarios: [] }, results: [] });
    expect(readdirSync(join(path, "pictures"))).toEqual([]);
    expect(readFileSync(join(path, "notes.md"), "utf8")).toBe("mine");
  });

  test("a folder of other files is refused, with force too", () => {
    writeFileSync(join(base, "thesis.tex"), "x");
    expect(codeOf(() => createRunFolder(base, run))).toBe("output-not-empty");
    expect(codeOf(() => createRunFolder(base, run, { force: true }))).toBe("output-not-empty");
    expect(readdirSync(base)).toEqual(["thesis.tex"]);
  });

  test("force removes a link in place of pictures/ and not what it points to", () => {
    const { path } = started();
    mkdirSync(join(base, "album"));
    writeFileSync(join(base, "album", "keep.png"), "x");
    rmSync(join(path, "pictures"), { recursive: true });
    symlinkSync(join(base, "album"), join(path, "pictures"));
    createRunFolder(path, run, { force: true });
    expect(existsSync(join(base, "album", "keep.png"))).toBe(true);
  });

  test("a place that cannot be written is output-not-writable, and says where", () => {
    writeFileSync(join(base, "file"), "x");
    expect(codeOf(() => createRunFolder(join(base, "file", "run"), run))).toBe("output-not-writable");
    expect(codeOf(() => createRunFolder(join(base, "file"), run))).toBe("output-not-writable");
    expect(() => createRunFolder(join(base, "file", "run"), run)).toThrow(join(base, "file", "run"));
    const { path, folder } = started();
    rmSync(path, { recursive: true });
    expect(codeOf(() => folder.appendResult(result, []))).toBe("output-not-writable");
    expect(codeOf(() => folder.finish("finished"))).toBe("output-not-writable");
  });
});

describe("folders from strangers", () => {
  function written(change: (parts: { run: Record<string, unknown>; result: Record<string, unknown> }) => void): string {
    const { path, folder } = started();
    folder.appendResult(result, [png]);
    const parts = {
      run: JSON.parse(readFileSync(join(path, "run.json"), "utf8")),
      result: JSON.parse(readFileSync(join(path, "results.jsonl"), "utf8")),
    };
    change(parts);
    writeFileSync(join(path, "run.json"), JSON.stringify(parts.run));
    writeFileSync(join(path, "results.jsonl"), `${JSON.stringify(parts.result)}\n`);
    return path;
  }

  test("no run at all", () => {
    expect(codeOf(() => readRunFolder(join(base, "nothing")))).toBe("run-not-found");
  });

  test.each(Object.keys(result).map((key) => [key]))(
    "a result whose %s is of the wrong type is refused by name",
    (key) => {
      const path = written((parts) => {
        parts.result[key] = { not: ["this"] };
      });
      expect(codeOf(() => readRunFolder(path))).toBe("run-invalid");
      expect(() => readRunFolder(path)).toThrow(`results.jsonl:1.${key}`);
    },
  );

  test.each(["format", "title", "created", "status", "seed", "versions", "scenarios"])(
    "run.json without %s is refused",
    (key) => {
      const path = written((parts) => {
        delete parts.run[key];
      });
      expect(() => readRunFolder(path)).toThrow(`run.json.${key}`);
    },
  );

  test.each(["../secret.png", "/etc/passwd", "C:\\x.png", "pictures/../../x.png", "\\\\host\\x.png", "a\0.png", ""])(
    "a picture named %j is refused",
    (file) => {
      const path = written((parts) => {
        parts.result.pictures = [{ title: "t", caption: "", file }];
      });
      expect(codeOf(() => readRunFolder(path))).toBe("run-invalid");
      expect(codeOf(() => readPicture(path, file))).toBe("picture-unreadable");
    },
  );

  test("a link out of the folder, a missing file and a folder are not read as pictures", () => {
    const { path } = started();
    writeFileSync(join(base, "secret.png"), "secret");
    symlinkSync(join(base, "secret.png"), join(path, "pictures", "link.png"));
    symlinkSync(base, join(path, "pictures", "up"));
    mkdirSync(join(path, "pictures", "folder.png"));
    for (const file of ["link.png", "up/secret.png", "missing.png", "folder.png", "x.html"]) {
      expect(codeOf(() => readPicture(path, `pictures/${file}`))).toBe("picture-unreadable");
    }
  });

  test("a damaged line before the last, an unknown scenario and bottomless JSON are refused", () => {
    const path = written(() => undefined);
    const line = readFileSync(join(path, "results.jsonl"), "utf8");
    writeFileSync(join(path, "results.jsonl"), `{"scen\n${line}`);
    expect(() => readRunFolder(path)).toThrow("results.jsonl:1");
    writeFileSync(join(path, "results.jsonl"), line.replace('"plain"', '"other"'));
    expect(() => readRunFolder(path)).toThrow('"other"');
    const deep = `${"[".repeat(5000)}${"]".repeat(5000)}`;
    const run = readFileSync(join(path, "run.json"), "utf8").replace('"audit":{"batch":1}', `"audit":${deep}`);
    writeFileSync(join(path, "run.json"), run);
    expect(codeOf(() => readRunFolder(path))).toBe("run-invalid");
  });

  test("members that no one asked for are left out, __proto__ is only a name", () => {
    const path = written((parts) => {
      parts.result.extra = 1;
    });
    const line = readFileSync(join(path, "results.jsonl"), "utf8").replace('"floor":{', '"floor":{"__proto__":1,');
    writeFileSync(join(path, "results.jsonl"), line);
    const read = readRunFolder(path).results[0]!;
    expect(read).not.toHaveProperty("extra");
    expect(Object.keys(read.floor)).toContain("__proto__");
    expect(Object.getPrototypeOf(read.floor)).toBe(Object.prototype);
  });
});
