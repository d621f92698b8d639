import { describe, expect, it } from "vitest";
import { rng } from "../../random.ts";
import type { Law } from "../law.ts";
import type { Mutant } from "./mutant.ts";

/** Registers, for every mutant, that its law catches it on at least one of a few drawn cases; and that every law has a mutant. */
export function expectCaught<Subject, Options>(
  laws: readonly Law<Subject, Options>[],
  mutants: readonly Mutant<Subject>[],
  options: Options,
): void {
  describe("mutants", () => {
    for (const mutant of mutants) {
      it(`"${mutant.name}" is caught by "${mutant.law}"`, async () => {
        const law = laws.find((candidate) => candidate.name === mutant.law);
        expect(law, `there is no law "${mutant.law}"`).toBeDefined();
        const codes: string[] = [];
        for (let seed = 0; seed < 5; seed++) {
          await law!.check(mutant.make, options, rng(seed)).catch((error: Error & { code?: string }) => {
            codes.push(error.code ?? error.message);
          });
        }
        expect(codes).not.toEqual([]);
        expect(new Set(codes)).toEqual(new Set(["law-broken"]));
      });
    }

    it("every law has a mutant", () => {
      const caught = new Set(mutants.map((mutant) => mutant.law));
      expect(laws.map((law) => law.name).filter((name) => !caught.has(name))).toEqual([]);
    });
  });
}
