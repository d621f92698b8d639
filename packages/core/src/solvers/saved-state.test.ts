import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeState, encodeState } from "./saved-state.ts";
import { startTrace } from "./trace.ts";

describe("saved state", () => {
  it("keeps every bit through JSON text", () => {
    fc.assert(
      fc.property(fc.float64Array(), fc.double(), (vector, number) => {
        const back = decodeState(
          JSON.parse(JSON.stringify(encodeState({ vector, number, parts: [vector, null, "a", true] }))),
        );
        expect(back).toStrictEqual({ vector, number, parts: [vector, null, "a", true] });
      }),
    );
  });
});

describe("trace", () => {
  it("keeps at most its limit, spread over the whole run, and the last point", () => {
    const trace = startTrace(10);
    for (let i = 1; i <= 1000; i++) trace.add(i, -i);
    const points = trace.points();
    expect(points.length).toBeLessThanOrEqual(11);
    expect(points[0]).toEqual({ evaluations: 1, objective: -1 });
    expect(points.at(-1)).toEqual({ evaluations: 1000, objective: -1000 });
    const gaps = points.slice(1, -1).map((point, i) => point.evaluations - points[i]!.evaluations);
    expect(new Set(gaps).size).toBe(1);
  });
});
