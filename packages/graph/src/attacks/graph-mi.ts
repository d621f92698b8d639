import {
  type Applicability,
  type Attack,
  type AttackContext,
  givenTargets,
  type Problem,
  type Progress,
  type Solution,
  startTrace,
} from "@recon/core";
import { type Checks, checkOptions, integer, oneOf, positive, real } from "@recon/core/options";
import { add, constant, grad, mul, square, sum, input as symbol } from "@recon/engine";
import {
  type ClassifiedNodes,
  classifiedNodes,
  compileForEdges,
  cosineOf,
  modelOfEdges,
  nodeNeeds,
  pairScores,
} from "./edges/classified-nodes.ts";
import { projectEdges } from "./edges/project-edges.ts";
import { rankedEdges } from "./edges/ranked-edges.ts";

export interface GraphMiOptions {
  /** Projected gradient steps, 100 unless said. */
  readonly steps?: number;
  /** Length of a step in edges, .1 unless said. */
  readonly rate?: number;
  /** Weight of ‖a‖², .001 unless said. */
  readonly shrinkage?: number;
  /** What ranks pairs: by how alike the embeddings of two nodes are under the edges found unless said, or the edges themselves. */
  readonly score?: "embeddings" | "edges";
}

const checks: Checks<GraphMiOptions> = {
  steps: integer(1),
  rate: positive(),
  shrinkage: real(0),
  score: oneOf(["embeddings", "edges"]),
};

/**
 * GraphMI: which edges did a graph network learn from? Those with which its loss is small, on the nodes and classes that it was trained on:
 *
 *     min over a of  −log p(classes | X, a) + c ‖a‖²,   0 ≤ a ≤ 1,  Σ a ≤ number of edges
 *
 * by projected gradient from a = 0. It reads the trained weights alone, and no gradient. Pairs are then ranked by the cosine of the embeddings that the model gives their nodes.
 *
 * Of the published attack, the smoothness of features, which says nothing of nodes that are all different, and the graph auto-encoder are left out.
 *
 * @throws ReconError `bad-option`.
 * @see Z. Zhang et al., "GraphMI: extracting private graph data from graph neural networks", IJCAI 2021, eq. 2–8.
 */
export function graphMi(options: GraphMiOptions = {}): Attack {
  checkOptions("graph-mi", options, checks);
  const { steps = 100, rate = 0.1, shrinkage = 0.001, score = "embeddings" } = options;
  const filled = { steps, rate, shrinkage, score };
  return {
    name: "graph-mi",
    options: filled,
    cite: "Zhang et al., GraphMI: extracting private graph data from graph neural networks, IJCAI 2021",
    needs: [...nodeNeeds, "labels", "edgeDensity"],
    applies,
    run: (problem, context) => run(problem, context, filled),
  };
}

function applies(problem: Problem): Applicability {
  const told = classifiedNodes(problem);
  if ("reason" in told) return told;
  const targets = givenTargets(problem, 1);
  return "reason" in targets ? targets : true;
}

async function* run(
  problem: Problem,
  context: AttackContext,
  { steps, rate, shrinkage, score }: Required<GraphMiOptions>,
): AsyncGenerator<Progress | Solution, void> {
  const nodes = classifiedNodes(problem) as ClassifiedNodes;
  const { size } = nodes;
  const density = (problem.knowledge.edgeDensity as readonly number[])[0]!;
  const edges = (density * size * (size - 1)) / 2;
  const adjacency = symbol("adjacency", [size, size]);
  const model = modelOfEdges(problem, nodes, adjacency);
  const targets = givenTargets(problem, 1);
  if ("reason" in targets) throw new TypeError(targets.reason);
  const target = constant(targets.value.data, targets.value.shape);
  const value = add(problem.model.loss(model.logits, { target }), mul(sum(square(adjacency)), shrinkage / 2));
  const [gradient] = grad(value, [adjacency]);
  const outputs = { value, gradient: gradient!, embeddings: model.embeddings };
  const program = await compileForEdges(problem, context.executor, adjacency, model, outputs);
  const most = Math.min(steps, context.budget.evaluations - 1);
  const trace = startTrace();
  try {
    const found = new Float64Array(size * size);
    let step = 0;
    for (; step < most && !context.signal.aborted; step++) {
      const { value: loss, gradient: slope } = await program.run(found);
      trace.add(step + 1, loss!.data[0]!);
      yield { kind: "progress", evaluations: step + 1, fraction: (step + 1) / (most + 1), objective: loss!.data[0]! };
      // The loss is a mean over nodes: steps are taken in that of their sum, as published.
      for (let i = 0; i < found.length; i++) found[i]! -= rate * size * slope!.data[i]!;
      projectEdges(found, size, edges);
    }
    const { embeddings } = await program.run(found);
    const alike = pairScores(embeddings!, cosineOf);
    const scores = score === "edges" ? found : alike;
    yield await rankedEdges(problem, context, nodes, {
      scores,
      given: [...nodeNeeds, "labels", "edgeDensity"],
      evaluations: step + 1,
      trace: trace.points(),
      reason: `Pairs are ranked after ${step} steps; which of them are edges is not claimed.`,
    });
  } finally {
    await program.dispose();
  }
}
