import type { Attack } from "@recon/core";

/** The flag of an attacker who has other windows of the series. */
export const auxiliaryData = "auxiliaryData";

/** An attack with a prior that was fitted to other windows of the series: it needs them and says so. */
export function withAuxiliaryData(attack: Attack): Attack {
  return {
    ...attack,
    needs: [...attack.needs, auxiliaryData],
    async *run(problem, context) {
      for await (const event of attack.run(problem, context)) {
        yield event.kind === "solution" ? { ...event, given: [...event.given, auxiliaryData] } : event;
      }
    },
  };
}
