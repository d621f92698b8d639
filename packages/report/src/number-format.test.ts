import { expect, test } from "vitest";
import { formatCount, formatNumber, formatScore, formatSeconds, metricTitle } from "./number-format.ts";

test.each([
  [0, "0"],
  [1, "1.00"],
  [0.12345, "0.123"],
  [-4.5678, "−4.57"],
  [1200, "1200"],
  [15826, "15\u202F826"],
  [3.2e-8, "3.20 × 10⁻⁸"],
  [-2.5e12, "−2.50 × 10¹²"],
  [Number.NaN, "not a number"],
  [Number.NEGATIVE_INFINITY, "−∞"],
])("%d is printed as %s", (value, printed) => expect(formatNumber(value)).toBe(printed));

test.each([
  [99.96, "dB", "100.0 dB"],
  [100, "dB", "≥ 100 dB"],
  [Number.POSITIVE_INFINITY, "dB", "≥ 100 dB"],
  [27.06, "dB", "27.1 dB"],
  [-3.21, "dB", "−3.2 dB"],
  [-0.01, "dB", "0.0 dB"],
  [200, "", "200"],
  [0.98765, "", "0.988"],
])("%d %s scores %s", (value, unit, printed) => expect(formatScore(value, unit)).toBe(printed));

test("counts, times and names", () => {
  expect(formatCount(4_206_602)).toBe("4\u202F206\u202F602");
  expect([0.0123, 1.44, 125].map(formatSeconds)).toEqual(["12 ms", "1.4 s", "2 min 5 s"]);
  expect(metricTitle({ name: "psnr_db", unit: "dB" })).toBe("PSNR");
  expect(metricTitle({ name: "token_accuracy", unit: "" })).toBe("token accuracy");
});
