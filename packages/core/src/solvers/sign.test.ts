import { describe, expect, it } from "vitest";
import { softSign } from "./sign.ts";
import { stateless } from "./transform.ts";

describe("soft sign", () => {
  it("is tanh u at the first step and nearly u at the last", () => {
    const first = Float64Array.of(2);
    softSign().update(first, stateless, { step: 0, steps: 1000 });
    expect(first[0]).toBe(Math.tanh(2));
    const last = Float64Array.of(2);
    softSign().update(last, stateless, { step: 999, steps: 1000 });
    expect(last[0]).toBeCloseTo(2, 4);
  });
});
