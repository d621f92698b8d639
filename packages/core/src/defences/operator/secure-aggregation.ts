import { add, mul, type Tensor } from "@recon/engine";
import { ReconError } from "../../errors.ts";
import type { Defence, Operator } from "../../problem.ts";
import { refuseOtherOptions } from "../options.ts";
import { partOfBatch, withoutLocalTraining } from "./per-sample.ts";

export interface SecureAggregationOptions {
  /** n, the number of clients whose contributions are added before the server sees them. */
  readonly clients: number;
}

/**
 * The server sees only the mean over n clients, each of which trained on its own part of the batch: y = (1/n) Σ_c F(S_c).
 *
 * To the attacker it is one batch of all clients' samples: it dilutes, and hides only who sent what.
 *
 * @throws ReconError `bad-option`; `uneven-batch` when the batch cannot be shared out evenly.
 * @see Bonawitz et al., Practical Secure Aggregation for Privacy-Preserving Machine Learning, CCS 2017.
 */
export function secureAggregation(options: SecureAggregationOptions): Defence {
  refuseOtherOptions("secure-aggregation", options, ["clients"]);
  const { clients } = options;
  if (!Number.isSafeInteger(clients) || clients < 1) {
    throw new ReconError(
      "bad-option",
      `Option "clients" of defence "secure-aggregation" must be a whole number of at least 1, not ${String(clients)}.`,
    );
  }
  return {
    name: "secure-aggregation",
    options: { clients },
    operator: (operator: Operator): Operator => ({
      // Every client goes a way of its own, so that no sequence of weights has all of the gradients.
      ...(clients === 1 ? operator : withoutLocalTraining(operator)),
      observe(model, parameters, data) {
        const batch = data.input!.shape[0]!;
        if (batch % clients !== 0) {
          throw new ReconError(
            "uneven-batch",
            `A batch of ${batch} cannot be shared out evenly among ${clients} clients. Make it a multiple of ${clients}.`,
          );
        }
        const sent = Array.from({ length: clients }, (_, c) =>
          operator.observe(model, parameters, partOfBatch(data, c, clients)),
        );
        return Object.fromEntries(
          Object.keys(sent[0]!).map((name) => {
            const total = sent.map((u): Tensor => u[name]!).reduce((sum, part) => add(sum, part));
            return [name, mul(total, 1 / clients)];
          }),
        );
      },
    }),
  };
}
