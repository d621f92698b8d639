import {
  type Arrays,
  add,
  type Executor,
  grad,
  graph,
  hvp,
  input,
  jvp,
  mul,
  type NdArray,
  type Tensor,
  type Tensors,
  vjp,
} from "@recon/engine";
import { parameterInputs, parameterValues } from "../../operators/observation-graph.ts";
import type { GeneratorPrior, Problem } from "../../problem.ts";
import { flatten, layoutOf, unflatten } from "../../solvers/layout.ts";
import { expectedObservation } from "../forward.ts";

/** A generator that says how probable its free variables are. */
export type ProbableGenerator = GeneratorPrior & Required<Pick<GeneratorPrior, "latentEnergy">>;

/** Where the posterior is looked at. */
export interface LatentPoint {
  readonly z: Float64Array;
  readonly target: NdArray;
}

export interface LatentEvaluation {
  /** ½ Σ ((F(G(z)) − y) / σ)² − log p(z). */
  readonly cost: number;
  /** Root mean square of (F(G(z)) − y) / σ. */
  readonly misfit: number;
  readonly expected: Arrays;
}

/** What is left open by an observation whose arrays are off by σ, by name, over the free variables of a generator. */
export interface LatentPosterior {
  /** x = G(z). */
  decode(z: Float64Array): Promise<NdArray>;
  evaluate(point: LatentPoint, accuracies: Readonly<Record<string, number>>): Promise<LatentEvaluation>;
  /** Of the cost, in z. */
  gradient(
    point: LatentPoint,
    accuracies: Readonly<Record<string, number>>,
    at: LatentEvaluation,
  ): Promise<Float64Array>;
  /** v ↦ (Jᵀ σ⁻² J + ∂²(−log p)/∂z²) v, Gauss and Newton's curvature of the cost. */
  curvature(
    point: LatentPoint,
    accuracies: Readonly<Record<string, number>>,
  ): (v: Float64Array) => Promise<Float64Array>;
  /** Evaluations of the forward operator and products with its Jacobian so far. */
  evaluations(): number;
  dispose(): Promise<void>;
}

/**
 * Compiles the posterior for batches of one shape: values and gradients in float64, products with the curvature in float32, since a direction need not be exact.
 *
 * @param like free variables of the generator, for their shapes.
 */
export async function latentPosterior(
  problem: Problem,
  executor: Executor,
  generator: ProbableGenerator,
  like: Arrays,
): Promise<LatentPosterior> {
  const { model, observation } = problem;
  const batch = problem.knowledge.batchSize as number;
  const shape = [batch, ...model.input.shape];
  const layout = layoutOf(like);
  const parameters = parameterInputs(model);
  const latent = inputsLike(like, "latent");
  const inputs = {
    ...parameters,
    ...prefixed("latent", latent),
    target: input("target", [batch, ...model.target.shape]),
  };
  const decoded = generator.decode(latent, shape);
  const expected = expectedObservation(problem, parameters, { input: decoded, target: inputs.target! });
  const names = Object.keys(expected);
  const energy = generator.latentEnergy(latent);
  const free = Object.values(latent);
  const [data, directions, factors] = [
    inputsLike(observation, "cotangent"),
    inputsLike(like, "direction"),
    Object.fromEntries(names.map((name) => [name, input(`factor ${name}`, [])])),
  ];
  const outputs = Object.values(expected);
  const summed = (one: readonly Tensor[], other: readonly Tensor[]): Tensors =>
    Object.fromEntries(Object.keys(latent).map((name, i) => [name, add(one[i]!, other[i]!)]));
  const along = jvp(outputs, free, Object.values(directions));
  const weighted = along.map((tangent, i) => mul(tangent, factors[names[i]!]!));
  const programs = {
    decode: await executor.compile(graph(prefixed("latent", latent), { decoded }), { precision: "float64" }),
    evaluate: await executor.compile(graph(inputs, { ...prefixed("expected", expected), energy }), {
      precision: "float64",
    }),
    gradient: await executor.compile(
      graph(
        { ...inputs, ...prefixed("cotangent", data) },
        summed(
          vjp(
            outputs,
            names.map((name) => data[name]!),
            free,
          ),
          grad(energy, free),
        ),
      ),
      { precision: "float64" },
    ),
    curvature: await executor.compile(
      graph(
        { ...inputs, ...prefixed("direction", directions), ...prefixed("factor", factors) },
        summed(vjp(outputs, weighted, free), hvp(energy, free, Object.values(directions))),
      ),
      { precision: "float32" },
    ),
  };
  let evaluations = 0;
  const valuesAt = ({ z, target }: LatentPoint): Arrays => ({
    ...parameterValues(problem.params),
    ...prefixed("latent", unflatten(z, layout)),
    target,
  });

  return {
    decode: async (z) => (await programs.decode.run(prefixed("latent", unflatten(z, layout)))).decoded!,
    async evaluate(point, accuracies) {
      evaluations++;
      const { energy: nats, ...values } = await programs.evaluate.run(valuesAt(point));
      let squares = 0;
      let entries = 0;
      for (const name of names) {
        const [ours, sent] = [values[`expected ${name}`]!.data, observation[name]!.data];
        for (let i = 0; i < sent.length; i++) squares += ((ours[i]! - sent[i]!) / accuracies[name]!) ** 2;
        entries += sent.length;
      }
      return {
        cost: squares / 2 + nats!.data[0]!,
        misfit: Math.sqrt(squares / entries),
        expected: Object.fromEntries(names.map((name) => [name, values[`expected ${name}`]!])),
      };
    },
    async gradient(point, accuracies, at) {
      evaluations++;
      const cotangents = Object.fromEntries(
        names.map((name) => {
          const [ours, sent] = [at.expected[name]!.data, observation[name]!];
          const own = Float64Array.from(sent.data, (value, i) => (ours[i]! - value) / accuracies[name]! ** 2);
          return [name, { shape: sent.shape, data: own }];
        }),
      );
      return flatten(await programs.gradient.run({ ...valuesAt(point), ...prefixed("cotangent", cotangents) }), layout);
    },
    curvature(point, accuracies) {
      const factorValues = names.map((name) => [name, scalarOf(1 / accuracies[name]! ** 2)] as const);
      const fixed = { ...valuesAt(point), ...prefixed("factor", Object.fromEntries(factorValues)) };
      return async (v) => {
        evaluations++;
        const along = prefixed("direction", unflatten(v, layout));
        return flatten(await programs.curvature.run({ ...fixed, ...along }), layout);
      };
    },
    evaluations: () => evaluations,
    dispose: async () => {
      for (const program of Object.values(programs)) await program.dispose();
    },
  };
}

const scalarOf = (value: number): NdArray => ({ shape: [], data: Float64Array.of(value) });

const inputsLike = (arrays: Arrays, prefix: string): Tensors =>
  Object.fromEntries(Object.entries(arrays).map(([name, { shape }]) => [name, input(`${prefix} ${name}`, shape)]));

const prefixed = <T>(prefix: string, of: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(of).map(([name, value]) => [`${prefix} ${name}`, value]));
