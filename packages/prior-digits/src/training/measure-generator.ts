import {
  chain,
  cosineDecay,
  descent,
  executorProduct,
  finish,
  matrix,
  scale,
  scaleByAdam,
  topSingular,
} from "@recon/core";
import { type Arrays, type Executor, grad, graph, input, mean, type NdArray, square, sub } from "@recon/engine";
import { digitsGenerator } from "../generator.ts";
import { latentSize, pixelCount } from "../generator-network.ts";

export interface GeneratorMeasurement {
  /** Mean squared error a pixel of the nearest G(z), found by search from z = 0. */
  readonly generator: number;
  /** That of as many principal components of the training digits. */
  readonly components: number;
}

/** How near digits that were not trained on lie to what the generator can make, beside principal components; images are pixels on [0, 1]. */
export async function measureGenerator(
  { training, audit }: Readonly<Record<"training" | "audit", readonly Float32Array[]>>,
  executor: Executor,
): Promise<GeneratorMeasurement> {
  return { generator: await nearest(audit, executor), components: await components(training, audit, executor) };
}

async function nearest(audit: readonly Float32Array[], executor: Executor): Promise<number> {
  const shape = [audit.length, 1, 28, 28];
  const [z, x] = [input("z", [audit.length, latentSize]), input("x", shape)];
  const made = digitsGenerator({ mean: [0], std: [1] }).decode({ z }, shape);
  const error = mean(square(sub(made, x)));
  const program = await executor.compile(graph({ z, x }, { error, slope: grad(error, [z])[0]! }));
  const truth: NdArray = { shape, data: Float32Array.from(audit.flatMap((image) => Array.from(image))) };
  const objective = async (point: Arrays) => {
    const { error: value, slope } = await program.run({ x: truth, z: point.z! });
    return { value: value!.data[0]!, gradient: { z: slope! } };
  };
  const start = { z: { shape: z.shape, data: new Float64Array(audit.length * latentSize) } };
  const solver = descent({ update: chain(scaleByAdam(), scale(cosineDecay({ rate: 0.1 }))) });
  const { value } = await finish(solver.minimise({ objective, start, evaluations: 600 }));
  await program.dispose();
  return value;
}

async function components(
  training: readonly Float32Array[],
  audit: readonly Float32Array[],
  executor: Executor,
): Promise<number> {
  const centre = new Float64Array(pixelCount);
  for (const image of training)
    image.forEach((value, i) => {
      centre[i] = centre[i]! + value / training.length;
    });
  const rows = matrix(training.length, pixelCount);
  training.forEach((image, row) => {
    image.forEach((value, i) => {
      rows.data[row * pixelCount + i] = value - centre[i]!;
    });
  });
  const { right } = await topSingular(rows, latentSize, executorProduct(executor).product);
  let error = 0;
  for (const image of audit) {
    const centred = Float64Array.from(image, (value, i) => value - centre[i]!);
    let rest = centred.reduce((sum, value) => sum + value * value, 0);
    for (let k = 0; k < latentSize; k++) {
      rest -= centred.reduce((sum, value, i) => sum + value * right.data[i * latentSize + k]!, 0) ** 2;
    }
    error += rest / pixelCount / audit.length;
  }
  return error;
}
