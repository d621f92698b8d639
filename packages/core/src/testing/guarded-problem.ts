import type { Arrays } from "@recon/engine";
import type { Problem } from "../problem.ts";
import { demand } from "./law.ts";
import { copyArrays, firstDifference } from "./snapshot.ts";

/** A problem that notices what is done to it. */
export interface GuardedProblem {
  readonly problem: Problem;
  /** @throws ReconError `law-broken` when something was read that is not the attacker's, or changed. */
  demandUntouched(): void;
}

/** Freezes a problem's records, watches for reads beyond the contract and remembers every number. */
export function guardProblem(problem: Problem): GuardedProblem {
  const known = new Set<PropertyKey>(Object.keys(problem));
  const strange = new Set<string>();
  const freeze = (arrays: Arrays): Arrays => Object.freeze({ ...arrays });
  const frozen: Problem = Object.freeze({
    ...problem,
    params: freeze(problem.params),
    observation: freeze(problem.observation),
    knowledge: Object.freeze({ ...problem.knowledge }),
    defences: Object.freeze([...problem.defences]),
  });
  const told = Object.entries(frozen.knowledge).filter(
    ([, value]) => typeof value === "object" && value !== null && "data" in value,
  );
  const watched = (): Record<string, Arrays> => ({
    weights: frozen.params,
    observation: frozen.observation,
    knowledge: Object.fromEntries(told) as Arrays,
  });
  const before = Object.entries(watched()).map(([what, arrays]) => [what, copyArrays(arrays)] as const);
  const proxy = new Proxy(frozen, {
    get: (target, key, receiver) => {
      if (typeof key === "string" && !known.has(key)) strange.add(key);
      return Reflect.get(target, key, receiver);
    },
    has: (target, key) => {
      if (typeof key === "string" && !known.has(key)) strange.add(key);
      return Reflect.has(target, key);
    },
  });
  return {
    problem: proxy,
    demandUntouched: () => {
      demand(strange.size === 0, `The attack looked for ${[...strange].join(", ")}, which no problem has.`);
      for (const [what, copy] of before) {
        const name = firstDifference(watched()[what]!, copy);
        demand(name === undefined, `The attack changed "${name}" of the ${what} it was given.`);
      }
    },
  };
}
