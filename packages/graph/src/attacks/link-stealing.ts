import type { Attack, AttackContext, Problem, Solution } from "@recon/core";
import { type Checks, checkOptions, oneOf } from "@recon/core/options";
import { input as symbol } from "@recon/engine";
import {
  type ClassifiedNodes,
  classifiedNodes,
  compileForEdges,
  correlationOf,
  cosineOf,
  modelOfEdges,
  nodeNeeds,
  pairScores,
} from "./edges/classified-nodes.ts";
import { rankedEdges } from "./edges/ranked-edges.ts";

export interface LinkStealingOptions {
  /** How alike two rows are: by their correlation unless said, or their cosine. */
  readonly similarity?: "correlation" | "cosine";
  /** Rows of a node: its posteriors unless said, or what the last layer reads. */
  readonly of?: "posteriors" | "embeddings";
}

const checks: Checks<LinkStealingOptions> = {
  similarity: oneOf(["correlation", "cosine"]),
  of: oneOf(["posteriors", "embeddings"]),
};
const similarities = { correlation: correlationOf, cosine: cosineOf };

/**
 * Link stealing without anything but the model: nodes that are linked were trained on together, so that what the model says of them is alike.
 *
 * The published attack asks a service that knows the edges. Here the model is run on the nodes without edges, for whoever has the weights but not the graph: a weaker attacker.
 *
 * @throws ReconError `bad-option`.
 * @see X. He et al., "Stealing links from graph neural networks", USENIX Security 2021, attack 0.
 */
export function linkStealing(options: LinkStealingOptions = {}): Attack {
  checkOptions("link-stealing", options, checks);
  const { similarity = "correlation", of = "posteriors" } = options;
  return {
    name: "link-stealing",
    options: { similarity, of },
    cite: "He et al., Stealing links from graph neural networks, USENIX Security 2021",
    needs: nodeNeeds,
    applies: (problem) => {
      const told = classifiedNodes(problem);
      return "reason" in told ? told : true;
    },
    run: async function* (problem, context) {
      yield await ranked(problem, context, { similarity, of });
    },
  };
}

async function ranked(
  problem: Problem,
  context: AttackContext,
  { similarity, of }: Required<LinkStealingOptions>,
): Promise<Solution> {
  const nodes = classifiedNodes(problem) as ClassifiedNodes;
  const { size } = nodes;
  const adjacency = symbol("adjacency", [size, size]);
  const model = modelOfEdges(problem, nodes, adjacency);
  const program = await compileForEdges(problem, context.executor, adjacency, model, { rows: model[of] });
  try {
    const { rows } = await program.run(new Float64Array(size * size));
    return await rankedEdges(problem, context, nodes, {
      scores: pairScores(rows!, similarities[similarity]),
      given: nodeNeeds,
      evaluations: 1,
      trace: [],
      reason: `Pairs are ranked by the ${similarity} of their ${of}; which of them are edges is not claimed.`,
    });
  } finally {
    await program.dispose();
  }
}
