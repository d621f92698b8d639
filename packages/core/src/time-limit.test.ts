import { expect, test } from "vitest";
import { timeLimit } from "./time-limit.ts";

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("fires in time under work that makes much garbage", async () => {
  const { signal, dispose } = timeLimit(new AbortController().signal, 100);
  const start = performance.now();
  let kept: Float64Array[] = [];
  while (!signal.aborted && performance.now() - start < 3000) {
    kept = kept.length > 2000 ? [] : [...kept, new Float64Array(10_000)];
    await turn();
  }
  expect(signal.aborted).toBe(true);
  expect((signal.reason as Error).name).toBe("TimeoutError");
  dispose();
});

test("passes on the other signal with its reason, before and after", () => {
  const own = new AbortController();
  const limit = timeLimit(own.signal, 10_000);
  expect(limit.signal.aborted).toBe(false);
  own.abort(new Error("enough"));
  expect(limit.signal.reason).toEqual(new Error("enough"));
  limit.dispose();
  const late = timeLimit(AbortSignal.abort("before"), 10_000);
  expect(late.signal.reason).toBe("before");
  late.dispose();
});

test("once disposed it fires no more", async () => {
  const own = new AbortController();
  const limit = timeLimit(own.signal, 5);
  limit.dispose();
  await new Promise((resolve) => setTimeout(resolve, 20));
  own.abort();
  expect(limit.signal.aborted).toBe(false);
});
