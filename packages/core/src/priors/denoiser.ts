import { type Executor, grad, graph, input, mul, type NdArray, type Program, type Shape, sum } from "@recon/engine";
import { firstNonFinite } from "../arrays.ts";
import { ReconError } from "../errors.ts";
import type { DenoiserPrior } from "../problem.ts";

/** A denoiser as compiled programs, for a batch of one shape. */
export interface CompiledDenoiser {
  /** D(y, σ), with one σ or one an item. */
  denoise(y: NdArray, sigma: number | readonly number[]): Promise<NdArray>;
  /** D(y, σ) and (∂D/∂y)ᵀ c with c = `cotangent(D(y, σ))`. */
  pullback(
    y: NdArray,
    sigma: number,
    cotangent: (denoised: NdArray) => Promise<NdArray>,
  ): Promise<{ readonly denoised: NdArray; readonly pulled: NdArray }>;
  /** σ within what the denoiser was made for. */
  within(sigma: number): number;
  dispose(): Promise<void>;
}

/**
 * Compiles a denoiser for batches of a shape, its weights as constants of the program.
 *
 * @throws ReconError `shape` when it makes another shape than it was given, `prior-not-finite` in use, when it returns NaN or an infinity.
 */
export async function compileDenoiser(
  prior: DenoiserPrior,
  shape: Shape,
  executor: Executor,
): Promise<CompiledDenoiser> {
  const batch = shape[0]!;
  const [y, sigma, cotangent] = [input("y", shape), input("sigma", [batch]), input("cotangent", shape)];
  const denoised = prior.denoise(y, sigma);
  if (denoised.shape.join() !== shape.join()) {
    throw new ReconError(
      "shape",
      `The denoiser "${prior.name}" makes [${denoised.shape.join(", ")}] of [${shape.join(", ")}]; it must keep the shape.`,
    );
  }
  const forward = await executor.compile(graph({ y, sigma }, { denoised }));
  const pulled = grad(sum(mul(denoised, cotangent)), [y])[0]!;
  // Only walks that are guided through the denoiser pull back.
  let backward: Promise<Program> | undefined;
  const compiledBackward = (): Promise<Program> => {
    backward ??= executor.compile(graph({ y, sigma, cotangent }, { pulled }));
    return backward;
  };
  const level = (at: number | readonly number[]): NdArray => ({
    shape: [batch],
    data: Float32Array.from({ length: batch }, (_, b) => (typeof at === "number" ? at : at[b]!)),
  });
  const checked = (value: NdArray, at: number | readonly number[]): NdArray => {
    if (firstNonFinite({ value }) === undefined) return value;
    const advice = "Are its weights sound, and is the shape one it was made for? Try its laws: recon laws <package>";
    throw new ReconError(
      "prior-not-finite",
      `The denoiser "${prior.name}" returns NaN or an infinity at σ = ${String(at)}. ${advice}.`,
    );
  };
  const denoise = async (values: NdArray, at: number | readonly number[]): Promise<NdArray> =>
    checked((await forward.run({ y: values, sigma: level(at) })).denoised!, at);
  return {
    denoise,
    pullback: async (values, at, cotangentOf) => {
      const output = await denoise(values, at);
      const inputs = { y: values, sigma: level(at), cotangent: await cotangentOf(output) };
      return { denoised: output, pulled: checked((await (await compiledBackward()).run(inputs)).pulled!, at) };
    },
    within: (value) => Math.min(prior.sigmaRange[1], Math.max(prior.sigmaRange[0], value)),
    dispose: async () => {
      await forward.dispose();
      await (await backward)?.dispose();
    },
  };
}
