import { type GeneratorPrior, ReconError } from "@recon/core";
import { checkOptions, listOf, positive, real } from "@recon/core/options";
import { add, constant, matmul, mul, reshape, type Shape, sizeOf, square, sum, type Tensor } from "@recon/engine";

export interface PowerSpectrumOptions {
  /** How the unknown relates to pixels on [0, 1], a channel: value = (pixel − mean) / std. CIFAR-10's usual numbers unless said. */
  readonly mean?: readonly number[];
  readonly std?: readonly number[];
}

/** Mean red, green and blue on [0, 1]. */
const meanColour = [0.526, 0.486, 0.427];

/**
 * The three uncorrelated directions of colour, the brightness first, [R, G, B] by direction, and the variance of the cosine coefficient with index (u, v) of each
 * in a square of 32 × 32: scale / (knee + u² + v²)^fall. Fitted to crops of five photographs of 1865 to 1940.
 */
const colours = [
  { direction: [-0.149, -0.15, -0.132], scale: 7190, knee: 18.7, fall: 1.77 },
  { direction: [-0.18, 0.0436, 0.172], scale: 0.101, knee: 0.0161, fall: 1.08 },
  { direction: [0.0783, -0.187, 0.146], scale: 0.0633, knee: 0.0954, fall: 1.07 },
];
const fittedPixels = 32 * 32;

/**
 * Photographs [B, 3, H, W] as a stationary Gaussian process: independent normal cosine coefficients whose variance falls with the frequency, in three uncorrelated
 * directions of colour,
 *
 *     x = m + A Dᵀ(s ∘ z),  z ~ N(0, I)
 *
 * with D the orthonormal cosine transform. The free variables z are as many as x has entries, so that nothing is ruled out. The spectrum of a scene does not depend on
 * its scale, so it holds for any size.
 *
 * @throws ReconError `bad-option`; `shape` in use for anything but three channels.
 * @see D. J. Field, "Relations between the statistics of natural images and the response properties of cortical cells", JOSA A 4 (1987).
 */
export function powerSpectrum(options: PowerSpectrumOptions = {}): GeneratorPrior {
  checkOptions("powerSpectrum", options, { mean: listOf(real(0, 1)), std: listOf(positive()) });
  const { mean = [0.4915, 0.4823, 0.4468], std = [0.247, 0.2435, 0.2616] } = options;
  const centre = meanColour.map((value, c) => (value - mean[c]!) / std[c]!);
  const mixing = std.flatMap((width, c) => colours.map(({ direction }) => direction[c]! / width));
  const blind = (shape: Shape) => {
    const [, , height, width] = threeChannels(shape);
    const plane = height * width;
    return { shape, data: Float64Array.from({ length: sizeOf(shape) }, (_, i) => centre[Math.floor(i / plane) % 3]!) };
  };
  return {
    kind: "generator",
    name: "power-spectrum",
    options: { mean: [...mean], std: [...std] },
    init: (shape, rng) => ({
      spectrum: { shape: threeChannels(shape), data: Float64Array.from({ length: sizeOf(shape) }, () => rng.normal()) },
    }),
    decode: ({ spectrum }, shape) => {
      const [batch, , height, width] = threeChannels(shape);
      const scaled = mul(spectrum!, constant(deviations(height, width), [1, 3, height, width]));
      const [rows, columns] = [cosines(height), cosines(width)];
      const planes = matmul(matmul(rows, scaled, { transposeA: true }), columns);
      const mixed = matmul(constant(mixing, [1, 3, 3]), reshape(planes, [batch, 3, height * width]));
      return add(reshape(mixed, shape), constant(centre, [1, 3, 1, 1]));
    },
    latentEnergy: ({ spectrum }): Tensor => mul(sum(square(spectrum!)), 0.5),
    blind,
  };
}

function threeChannels(shape: Shape): [number, number, number, number] {
  const [batch, channels, height, width] = shape;
  if (shape.length === 4 && channels === 3) return [batch!, channels, height!, width!];
  throw new ReconError("shape", `powerSpectrum needs colour images [B, 3, H, W], not [${shape.join(", ")}].`);
}

/** s [3, H, W]. */
function deviations(height: number, width: number): Float64Array {
  const larger = (height * width) / fittedPixels;
  return Float64Array.from({ length: 3 * height * width }, (_, i) => {
    const { scale, knee, fall } = colours[Math.floor(i / (height * width))]!;
    const [u, v] = [Math.floor(i / width) % height, i % width];
    return Math.sqrt((larger * scale) / (knee + u * u + v * v) ** fall);
  });
}

/** D [1, 1, n, n], a row a frequency. */
function cosines(n: number): Tensor {
  const data = Float64Array.from({ length: n * n }, (_, at) => {
    const [k, i] = [Math.floor(at / n), at % n];
    return Math.sqrt((k === 0 ? 1 : 2) / n) * Math.cos((Math.PI * (i + 0.5) * k) / n);
  });
  return constant(data, [1, 1, n, n]);
}
