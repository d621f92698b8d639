import { type Attack, type Metric, readableEntries } from "@recon/core";
import { rmse } from "@recon/timeseries";

/** Below this reported standard deviation a step counts as identified: the observation speaks of it, and not the prior. */
const identifiedStd = 0.05;

/** Scores of the steps that an attack reports to be sure of. */
export interface IdentifiedSteps {
  /** The attack, whose reported deviations the metrics then go by. */
  watched(attack: Attack): Attack;
  /** RMSE over the identified steps, how many they are, and how many were forecast before the attack from the observation's precision alone. */
  readonly metrics: readonly Metric[];
}

/** Which steps these are, the attack says without the truth; one such object for one case. */
export function identifiedSteps(): IdentifiedSteps {
  let identified: readonly number[] = [];
  let forecast: readonly number[] = [];
  const { score } = rmse();
  const number = { of: "input", unit: "steps", better: "higher", invariances: [] } as const;
  return {
    watched: (attack) => ({
      ...attack,
      async *run(problem, context) {
        const { executor, rng } = context;
        ({ readable: forecast } = await readableEntries(problem, executor, { rng: rng.split("forecast") }));
        for await (const event of attack.run(problem, context)) {
          if (event.kind === "solution") {
            const stds = Array.from(event.uncertainty?.input?.data ?? []);
            identified = Array.from(stds.keys()).filter((step) => stds[step]! < identifiedStd);
          }
          yield event;
        }
      },
    }),
    metrics: [
      {
        ...rmse(),
        name: "rmse_identified",
        score: (estimate, truth) => {
          if (identified.length === 0) return Number.NaN;
          const [said, actual] = [estimate, truth].map(({ data }) => ({
            shape: [identified.length],
            data: Float64Array.from(identified, (step) => data[step]!),
          }));
          return score(said!, actual!);
        },
      },
      { ...number, name: "identified", perfect: Number.POSITIVE_INFINITY, score: () => identified.length },
      { ...number, name: "forecast", perfect: Number.POSITIVE_INFINITY, score: () => forecast.length },
    ],
  };
}
