import { onnxruntime } from "@recon/engine";
import { afterAll, describe, expect, test } from "vitest";
import { audit } from "./audit.ts";
import { ReconError } from "./errors.ts";
import { gradient } from "./operators/gradient.ts";
import type { Attack, DataSource, Item, Metric, Model, Problem, Solution } from "./problem.ts";
import { rng } from "./random.ts";
import type { AuditEvent, Scenario } from "./scenario.ts";
import { referenceDomain } from "./testing/planted-case.ts";
import { referenceAttack } from "./testing/reference-attack.ts";
import { referenceModel } from "./testing/reference-model.ts";

const executor = onnxruntime({ threads: 1 });
afterAll(() => executor.dispose());

const model = referenceModel();
const squared: Metric = {
  name: "rms",
  unit: "",
  better: "lower",
  perfect: 0,
  invariances: [],
  score: (estimate, truth) => Math.hypot(...Array.from(truth.data, (value, i) => value - estimate.data[i]!)),
};

/** Items of normal numbers with a label each. */
function source(
  size: number,
  options: { readonly scale?: number; readonly width?: number; readonly skipped?: readonly string[] } = {},
): DataSource {
  const { scale = 1, width = 5, skipped = [] } = options;
  return {
    name: "drawn",
    options: { size },
    card: { title: "drawn numbers", source: "made here", licence: "CC0" },
    domain: { ...referenceDomain([width]), metrics: [squared] },
    open: async () => ({
      size,
      skipped: skipped.map((id) => ({ id, reason: "not a number" })),
      item: async (index): Promise<Item> => {
        const stream = rng("items").split(String(index));
        const input = { shape: [width], data: Float64Array.from({ length: width }, () => scale * stream.normal()) };
        const target = { shape: [3], data: Float64Array.from({ length: 3 }, (_, k) => Number(k === index % 3)) };
        return { id: `item ${index}`, input, target };
      },
    }),
  };
}

function scenario(changes: Partial<Scenario> = {}): Scenario {
  return {
    id: "drawn",
    title: "",
    summary: "",
    model,
    source: source(9),
    batch: 1,
    operator: gradient(),
    defences: [],
    observationPrecision: "float64",
    known: ["architecture", "weights", "lossKind", "batchSize"],
    attacks: [referenceAttack()],
    trials: 3,
    budget: { evaluations: 10 },
    onError: "skip",
    audit: {},
    ...changes,
  };
}

async function eventsOf(
  one: Scenario,
  seed = 1,
  signal: AbortSignal = new AbortController().signal,
): Promise<AuditEvent[]> {
  const events: AuditEvent[] = [];
  for await (const event of audit([one], { executor, seed, signal })) events.push(event);
  return events;
}

const resultsOf = (events: readonly AuditEvent[]) =>
  events.flatMap((event) => (event.kind === "result" ? [event.record] : []));
const failuresOf = (events: readonly AuditEvent[]) =>
  events.flatMap((event) => (event.kind === "failure" ? [event.record] : []));

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => "no error",
    (error: unknown) => (error instanceof ReconError ? error.code : String(error)),
  );
}

/** An attack that does what it is told with the problem it gets. */
function spy(act: (problem: Problem) => void): Attack {
  return {
    ...referenceAttack(),
    name: "spy",
    async *run(problem, context) {
      act(problem);
      yield* referenceAttack().run(problem, context);
    },
  };
}

describe("audit", () => {
  test("observes, attacks and judges every trial; trials draw different items and different weights", async () => {
    const seen: Problem[] = [];
    const events = await eventsOf(scenario({ attacks: [spy((problem) => seen.push(problem))] }));
    const results = resultsOf(events);
    expect(results.map((result) => result.trial)).toEqual([0, 1, 2]);
    expect(new Set(results.map((result) => result.item)).size).toBe(3);
    for (const result of results) {
      expect(result.metric.rms).toBeLessThan(1e-9);
      expect(result.floor.rms).toBeGreaterThan(0.1);
      expect(result.certificate).toBe("exact");
    }
    expect(seen[0]!.params.w1!.data).not.toEqual(seen[1]!.params.w1!.data);
    expect(events.at(0)).toMatchObject({
      kind: "scenario",
      record: { victim: { parameters: 39, loss: "cross-entropy" } },
    });
  });

  test("what the attack is handed does not hold the truth, under any name", async () => {
    const held: number[][] = [];
    const collect = (value: unknown, depth = 0): void => {
      if (depth > 6 || value === null || typeof value !== "object") return;
      if (ArrayBuffer.isView(value)) held.push(Array.from(value as unknown as ArrayLike<number>));
      else for (const part of Object.values(value)) collect(part, depth + 1);
    };
    const events = await eventsOf(scenario({ attacks: [spy((problem) => collect(problem))], trials: 1 }));
    const index = Number(resultsOf(events)[0]!.item.slice("item ".length));
    const truth = Array.from((await (await source(9).open()).item(index)).input.data);
    const close = (a: readonly number[]): boolean =>
      a.some((_, start) => truth.every((value, i) => Math.abs((a[start + i] ?? Number.NaN) - value) < 1e-6));
    expect(held.length).toBeGreaterThan(8);
    expect(held.some(close)).toBe(false);
    // The same search finds it where it is.
    expect([Array.from(truth)].some(close)).toBe(true);
  });

  test("labels are told only when they are named", async () => {
    const told: boolean[] = [];
    const attacks = [spy((problem) => told.push(problem.knowledge.labels !== undefined))];
    await eventsOf(scenario({ attacks, trials: 1 }));
    await eventsOf(scenario({ attacks, trials: 1, known: ["architecture", "weights", "batchSize", "labels"] }));
    expect(told).toEqual([false, true]);
  });

  test("equal seeds give equal events, apart from times; other seeds do not", async () => {
    const untimed = (events: readonly AuditEvent[]) => resultsOf(events).map(({ seconds: _, ...rest }) => rest);
    expect(untimed(await eventsOf(scenario()))).toEqual(untimed(await eventsOf(scenario())));
    expect(untimed(await eventsOf(scenario()))).not.toEqual(untimed(await eventsOf(scenario(), 2)));
  });

  test("a zero observation is said plainly and the audit goes on", async () => {
    // Weights of zero and labels at the softmax of zero: the gradient vanishes.
    const still: Model = {
      ...model,
      init: () =>
        Object.fromEntries(
          Object.entries(model.parameters).map(([name, { shape }]) => [
            name,
            { shape, data: new Float64Array(shape.reduce((a, b) => a * b, 1)) },
          ]),
        ),
    };
    const even = source(9);
    const flat: DataSource = {
      ...even,
      open: async () => {
        const data = await even.open();
        return {
          ...data,
          item: async (i) => ({
            ...(await data.item(i)),
            target: { shape: [3], data: new Float64Array(3).fill(1 / 3) },
          }),
        };
      },
    };
    const failures = failuresOf(await eventsOf(scenario({ model: still, source: flat })));
    expect(failures).toHaveLength(3);
    expect(failures[0]!.error.code).toBe("zero-gradient");
    expect(failures[0]!.error.message).toMatch(/converged/);
  });

  test("NaN or infinite values are a failure of their trial", async () => {
    const failures = failuresOf(
      await eventsOf(scenario({ source: source(9, { scale: Number.POSITIVE_INFINITY }), trials: 1 })),
    );
    expect(failures[0]!.error.code).toBe("non-finite-observation");
  });

  test("what makes every trial impossible is thrown", async () => {
    expect(await codeOf(eventsOf(scenario({ source: source(2), batch: 3 })))).toBe("too-few-items");
    expect(await codeOf(eventsOf(scenario({ source: source(9, { width: 6 }) })))).toBe("data-does-not-fit");
    const broken = scenario({ source: source(9, { skipped: ["a"] }), onError: "refuse" });
    expect(await codeOf(eventsOf(broken))).toBe("unreadable-items");
    expect(resultsOf(await eventsOf({ ...broken, onError: "skip" }))).toHaveLength(3);
  });

  test("an attack that lacks knowledge, or yields nothing, is a failure with its reason", async () => {
    const failures = failuresOf(await eventsOf(scenario({ known: ["architecture"], trials: 1 })));
    expect(failures[0]!.error).toMatchObject({
      code: "attack-does-not-apply",
      message: expect.stringMatching(/told batchSize/),
    });
    const silent: Attack = { ...referenceAttack(), run: async function* () {} };
    expect(failuresOf(await eventsOf(scenario({ attacks: [silent], trials: 1 })))[0]!.error.code).toBe("no-solution");
  });

  test("an error with a code, from whichever package, is a failure of its trial; a defect ends the audit", async () => {
    const failing = (error: Error): Attack => ({
      ...referenceAttack(),
      run: () => {
        throw error;
      },
    });
    const foreign = Object.assign(new Error("no kernel for this"), { code: "runtime" });
    const events = await eventsOf(scenario({ attacks: [failing(foreign), referenceAttack()], trials: 1 }));
    expect(failuresOf(events)[0]!.error).toEqual({ code: "runtime", message: "no kernel for this" });
    expect(resultsOf(events)).toHaveLength(1);
    const defect = eventsOf(scenario({ attacks: [failing(new TypeError("x is not iterable"))] }));
    await expect(defect).rejects.toThrow("x is not iterable");
  });

  test("an abort keeps what was done and starts nothing more", async () => {
    const stop = new AbortController();
    const events: AuditEvent[] = [];
    for await (const event of audit([scenario()], { executor, seed: 1, signal: stop.signal })) {
      events.push(event);
      if (event.kind === "result") stop.abort();
    }
    expect(resultsOf(events)).toHaveLength(1);
  });

  test("a time limit reaches the attack as an abort", async () => {
    const patient: Attack = {
      ...referenceAttack(),
      async *run(problem, context) {
        await new Promise((resolve) => context.signal.addEventListener("abort", resolve));
        for await (const event of referenceAttack().run(problem, context)) {
          if (event.kind === "solution") yield { ...event, reason: "stopped" } satisfies Solution;
        }
      },
    };
    const results = resultsOf(
      await eventsOf(scenario({ attacks: [patient], trials: 1, budget: { evaluations: 1, timeLimitMs: 30 } })),
    );
    expect(results[0]!.reason).toBe("stopped");
  });
});
