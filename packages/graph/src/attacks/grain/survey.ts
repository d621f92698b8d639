import type { ExecutorProduct, Problem } from "@recon/core";
import { isGraphDomain } from "../../domain.ts";
import { type FeatureNodes, featureNodes } from "./atoms.ts";
import { type StageTest, stageTest } from "./stage-test.ts";
import { type Stages, stagesOf } from "./stages.ts";

/** What the row spaces of the gradients say before anything is searched. */
export interface Survey {
  readonly stages: Stages;
  readonly features: number;
  /** Of every stage that layers read. */
  readonly tests: readonly Required<StageTest>[];
  /** What the first test admits. */
  readonly atoms: FeatureNodes;
}

/** Row spaces of all stages and the nodes that the first admits, or why there are none. */
export async function surveyOf(
  problem: Problem,
  noiseStd: number,
  { product }: ExecutorProduct,
): Promise<Survey | { readonly reason: string }> {
  const { model, domain } = problem;
  if (!isGraphDomain(domain)) return { reason: `The data is of the domain ${domain.name} and not graphs.` };
  const { features } = domain;
  const stages = stagesOf(model, features, 3, 7);
  if ("reason" in stages) return stages;
  const tests: Required<StageTest>[] = [];
  for (const stage of stages.nodes.slice(0, -1)) {
    const test = await stageTest(problem, stage, noiseStd, product);
    if ("reason" in test) return test;
    tests.push(test);
  }
  const atoms = await featureNodes(domain, tests[0]!, product);
  return "reason" in atoms ? atoms : { stages, features, tests, atoms };
}

/** The survey in words: ranks against widths, and how many nodes the first layer admits. */
export function outlookOf({ tests, atoms }: Survey): string {
  const spaces = tests.map(({ space }) => space);
  const ranks = spaces.map(({ rank, width }) => `${rank} of ${width}`).join(", then ");
  const full = spaces.findIndex(({ rank, width }) => rank >= width);
  const saturated =
    full < 0
      ? ""
      : ` Layer ${full + 1} spans everything, so that it admits any row: the graph has as many different surroundings as the layer is wide, or more.`;
  return `The gradients span ${ranks} dimensions, a lower bound on how many different nodes and surroundings of nodes there are; of ${atoms.combinations} combinations of features ${atoms.choices.length} fit the first.${saturated}`;
}
