import { matrix } from "../linear-algebra/matrix.ts";
import type { AttackContext, Progress } from "../problem.ts";
import { effectiveSamples, splitRHat } from "../solvers/chain-diagnostics.ts";
import { hamiltonian } from "../solvers/hamiltonian.ts";
import { denseMass, diagonalMass, type Mass } from "../solvers/mass.ts";
import { type SampledChains, sampleChains } from "../solvers/sample-chains.ts";
import { inOrderOf, type Mode, precisionFactor } from "./posterior-modes.ts";
import type { WeightedDraw } from "./posterior-summary.ts";
import type { PosteriorSearch } from "./search-posterior.ts";

export interface SamplingPlan {
  readonly chains: number;
  readonly samples: number;
  readonly warmUp: number;
}

/** Draws, what can be said of them, and doubts in sentences. */
export interface PosteriorDraws {
  readonly draws: readonly WeightedDraw[];
  readonly diagnostics: Readonly<Record<string, number>>;
  readonly remarks: readonly string[];
  /** How it ended, a clause. */
  readonly ended: string;
}

/** Above it chains have not seen the same distribution. */
const largestRHat = 1.1;

/** A mode with its Laplace approximation. */
interface LaplaceMode {
  readonly mode: Mode;
  readonly mass: Mass;
  /** −f − ½ log |G|: log of its share of the posterior, up to what all share. */
  readonly logEvidence: number;
}

/** Runs chains around the modes and weighs what they bring. */
export async function* samplePosterior(
  search: PosteriorSearch,
  context: AttackContext,
  { chains: count, samples, warmUp }: SamplingPlan,
): AsyncGenerator<Progress, PosteriorDraws> {
  const { density, evaluations } = search;
  const weighed = await laplaceModes(search, count / 2);
  const best = weighed[0]!;
  const rng = context.rng.split("chains");
  // Chains by turns, so that every mode has at least two of them.
  const homes = Array.from({ length: count }, (_, c) => c % weighed.length);
  const starts = homes.map((home, c) => {
    const { mode, mass } = weighed[home]!;
    const step = mass.displacement(rng.split(`start ${c}`));
    return mode.x.map((value, i) => value + step[i]!);
  });
  const sampler = hamiltonian({
    mass: best.mass,
    density: async (points) => {
      if (context.signal.aborted || evaluations() + points.length > context.budget.evaluations) return undefined;
      return density.evaluate(points);
    },
  });
  let result: SampledChains | undefined;
  for await (const event of sampleChains({ sampler, starts, warmUp, draws: samples, rng })) {
    if (event.kind === "result") result = event;
    else {
      const at = { evaluations: evaluations(), fraction: 0.4 + 0.6 * event.fraction, objective: event.value };
      yield { kind: "progress", ...at, message: `transition ${event.transition} of ${warmUp + samples}` };
    }
  }
  return conclusion(result!, weighed, homes, search);
}

/** The best modes by evidence, those apart that hold less than a thousandth of the best one's. */
async function laplaceModes(
  { modes, curvature, precision }: PosteriorSearch,
  most: number,
): Promise<readonly LaplaceMode[]> {
  if (precision instanceof Float64Array) {
    // Without determinants modes cannot be weighed; the lowest stands for all.
    const middle = precision.reduce((total, value) => total + value / precision.length, 0);
    const floored = precision.map((value) => Math.max(value, 1e-6 * middle));
    return [{ mode: modes[0]!, mass: diagonalMass(floored), logEvidence: 0 }];
  }
  const all: LaplaceMode[] = [];
  for (const mode of modes.slice(0, 2 * most)) {
    const own = mode === modes[0] ? precision : await curvature.matrix(mode.x);
    const { factor, logDeterminant } = await precisionFactor(matrix(own.rows, own.cols, own.data));
    all.push({ mode, mass: denseMass(factor), logEvidence: -mode.value - 0.5 * logDeterminant });
  }
  all.sort((a, b) => b.logEvidence - a.logEvidence);
  return all.filter(({ logEvidence }) => logEvidence > all[0]!.logEvidence - Math.log(1000)).slice(0, most);
}

function conclusion(
  { chains, acceptance, divergences, step, ended }: SampledChains,
  modes: readonly LaplaceMode[],
  homes: readonly number[],
  { density, modes: found }: PosteriorSearch,
): PosteriorDraws {
  const remarks: string[] = [];
  const length = chains[0]!.length;
  const finish = ended === "complete" ? "all draws were made" : "the budget or the time ended before the chains";
  const basic = { modes: found.length, acceptance, divergences, step, draws: length * chains.length };
  if (length < 4) {
    remarks.push("The chains had no budget for draws: the value is the mode, and nothing is said of its uncertainty.");
    return { draws: [{ x: modes[0]!.mode.x, weight: 1 }], diagnostics: basic, remarks, ended: finish };
  }
  const origin = modes[0]!.mode.x;
  const ordered = chains.map((chain) => chain.map((x) => inOrderOf(origin, x, density)));
  const together = agreement(ordered);
  let kept = ordered;
  let weights = ordered.map(() => 1);
  if (modes.length > 1 && together.rHat > largestRHat) {
    const evidence = modes.map(({ logEvidence }) => Math.exp(logEvidence - modes[0]!.logEvidence));
    const mirrored = evidence.map((value, k) => k > 0 && Math.abs(value - 1) < 1e-3);
    const share = evidence.map((value, k) => (mirrored[k] ? 0 : value));
    const total = share.reduce((sum, value) => sum + value, 0);
    weights = homes.map((home) => share[home]! / total / homes.filter((other) => other === home).length);
    if (mirrored.some(Boolean)) {
      remarks.push(
        `${mirrored.filter(Boolean).length + 1} mirror images explain the observation equally well; value and uncertainty are those of one of them.`,
      );
    }
    if (share.filter((value) => value > 0).length > 1) {
      const percent = share.filter((value) => value > 0).map((value) => `${((100 * value) / total).toFixed(1)} %`);
      remarks.push(
        `The posterior has separate modes, of weights ${percent.join(", ")} by their Laplace evidence; value and uncertainty are of all of them.`,
      );
    }
    kept = ordered.filter((_, c) => weights[c]! > 0);
  }
  const groups = modes.map((_, k) =>
    kept.length === ordered.length && weights.every((w) => w === 1)
      ? ordered
      : ordered.filter((__, c) => homes[c] === k && weights[c]! > 0),
  );
  const checked = groups.filter((group) => group.length > 0).map(agreement);
  const rHat = Math.max(...checked.map((a) => a.rHat));
  const effective = Math.min(...checked.map((a) => a.effective));
  if (!(rHat <= largestRHat)) {
    remarks.push(
      `The chains disagree (R-hat ${rHat.toFixed(2)}): there are modes that they do not move between, or they are too short.`,
    );
  }
  if (divergences > 0.02 * length * chains.length)
    remarks.push(`${divergences} trajectories diverged: the posterior has corners that the chains step over.`);
  const draws = ordered.flatMap((chain, c) => (weights[c]! > 0 ? chain.map((x) => ({ x, weight: weights[c]! })) : []));
  return { draws, diagnostics: { ...basic, rHat, effectiveSamples: effective }, remarks, ended: finish };
}

/** The worst split R̂ and the least effective sample size over the entries. */
function agreement(chains: readonly (readonly Float64Array[])[]): {
  readonly rHat: number;
  readonly effective: number;
} {
  const size = chains[0]![0]!.length;
  let [rHat, effective] = [1, Number.POSITIVE_INFINITY];
  for (let i = 0; i < size; i++) {
    const scalar = chains.map((chain) => chain.map((x) => x[i]!));
    const one = splitRHat(scalar);
    if (!(one <= rHat)) rHat = Number.isNaN(one) ? Number.POSITIVE_INFINITY : one;
    effective = Math.min(effective, effectiveSamples(scalar) || 0);
  }
  return { rHat, effective };
}
