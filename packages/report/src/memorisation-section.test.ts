import type { ResultRecord } from "@recon/core";
import { expect, test } from "vitest";
import { memorisationSection } from "./memorisation-section.ts";

const levels = { similar: 0.4, nearVerbatim: 0.9, verbatim: 0.99 };
const result = (score: number, control: number): ResultRecord =>
  ({ memorised: { resemblance: "likeness", score, control, levels } }) as unknown as ResultRecord;

test("counts training items and the control at every level, with the difference", () => {
  const page = memorisationSection([result(0.95, 0.5), result(0.5, 0.1), result(0.995, 0.2)])!.html;
  const cells = [...page.matchAll(/<div>(?:<strong>)?([^<]*)/g)].map(([, text]) => text);
  expect(cells).toEqual([...["3 of 3", "1 of 3", "2"], ...["2 of 3", "0 of 3", "2"], ...["1 of 3", "0 of 3", "1"]]);
  expect(page).toContain("likeness");
});

test("says nothing of attacks on gradients", () => {
  expect(memorisationSection([{} as ResultRecord])).toBeUndefined();
});
