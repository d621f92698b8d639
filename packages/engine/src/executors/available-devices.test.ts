import { expect, test } from "vitest";
import { availableDevices } from "./available-devices.ts";

test("the processor is available, and every device that is not says why", async () => {
  const devices = await availableDevices();
  expect(devices.find(({ device }) => device === "cpu")).toEqual({ device: "cpu", available: true });
  for (const { available, reason } of devices) {
    if (available) expect(reason).toBeUndefined();
    else expect(reason).toMatch(/^\S.{5,}/);
  }
}, 60_000);
