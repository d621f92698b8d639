import { expect, test } from "vitest";
import { weightDifference } from "./weight-difference.ts";

const array = (...data: number[]) => ({ shape: [data.length], data: Float32Array.from(data) });

test("subtracts array by array, and names what does not match", () => {
  const before = { w: array(1, 2), b: array(3) };
  expect(weightDifference(before, { b: array(2), w: array(1.5, 0) })).toEqual({
    w: { shape: [2], data: Float64Array.of(0.5, -2) },
    b: { shape: [1], data: Float64Array.of(-1) },
  });
  expect(() => weightDifference(before, { w: array(1, 2) })).toThrow(/"b" is only in the one before/);
  expect(() => weightDifference(before, { ...before, c: array(1) })).toThrow(/"c" is only in the one after/);
  expect(() => weightDifference(before, { ...before, w: array(1) })).toThrow(
    /"w" has shape \[2\] before and \[1\] after/,
  );
});
