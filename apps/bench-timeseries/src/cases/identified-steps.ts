import { type Attack, type EnergyPrior, type Metric, readableEntries } from "@recon/core";
import { rmse } from "@recon/timeseries";

/** Scores of the steps that the observation can tell at its precision, as forecast before the attack. */
export interface IdentifiedSteps {
  /** The attack, before which the forecast is made. */
  watched(attack: Attack, prior: EnergyPrior): Attack;
  /** RMSE over the steps of the forecast, how many they are, and on how many the attack reports a deviation below .05, its prior included. */
  readonly metrics: readonly Metric[];
}

/** Reported standard deviation below which the attack is sure of a step. */
const sureStd = 0.05;

/** Which steps these are is said without the truth, as the attack itself foresees them with this prior; one such object for one case. */
export function identifiedSteps(): IdentifiedSteps {
  let forecast: readonly number[] = [];
  let sure = 0;
  const { score } = rmse();
  const number = {
    of: "input",
    unit: "steps",
    better: "higher",
    invariances: [],
    perfect: Number.POSITIVE_INFINITY,
  } as const;
  return {
    watched: (attack, prior) => ({
      ...attack,
      async *run(problem, context) {
        const { executor, rng } = context;
        const options = { priors: [prior], rng: rng.split("forecast") };
        ({ readable: forecast } = await readableEntries(problem, executor, options));
        for await (const event of attack.run(problem, context)) {
          if (event.kind === "solution") {
            sure = Array.from(event.uncertainty?.input?.data ?? []).filter((std) => std < sureStd).length;
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
          if (forecast.length === 0) return Number.NaN;
          const [said, actual] = [estimate, truth].map(({ data }) => ({
            shape: [forecast.length],
            data: Float64Array.from(forecast, (step) => data[step]!),
          }));
          return score(said!, actual!);
        },
      },
      { ...number, name: "identified", score: () => forecast.length },
      { ...number, name: "sure", score: () => sure },
    ],
  };
}
