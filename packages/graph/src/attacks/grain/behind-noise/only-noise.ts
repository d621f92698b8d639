import { composeDefences, knownNoise, type Problem } from "@recon/core";
import { input } from "@recon/engine";

/** Whether the observation is the gradient and known noise, with nothing else done to it. */
export function onlyNoise(problem: Problem): boolean {
  if (!(knownNoise(problem) > 0)) return false;
  const { observation, defences } = problem;
  const clean = Object.fromEntries(Object.entries(observation).map(([name, { shape }]) => [name, input(name, shape)]));
  const known = composeDefences(defences).channel?.known(clean, observation) ?? clean;
  return Object.entries(clean).every(([name, tensor]) => known[name] === tensor);
}
