import { type AuditCaseOptions, auditCase, type BenchCase } from "@recon/bench";
import type { Model } from "@recon/core";
import { leNetZhu, photographs } from "@recon/vision";

/** What a victim of photographs of 32 × 32 is told of its data. */
export const photographData: { readonly input: readonly number[]; readonly classes: number } = {
  input: [3, 32, 32],
  classes: 10,
};

export const lenet = (): Model => leNetZhu({}, photographData);

/** Photographs, one a gradient and float32 unless said. */
export function photographCase(options: Omit<AuditCaseOptions, "suite" | "source">): BenchCase {
  return auditCase({
    suite: "core",
    source: () => photographs({ size: 32 }),
    derived: (metric, floor) => ({ psnr_gain_db: (metric.psnr_db ?? Number.NaN) - (floor.psnr_db ?? Number.NaN) }),
    ...options,
  });
}
