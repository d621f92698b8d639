import { expect, it } from "vitest";
import { matrix, transposed } from "../../linear-algebra/matrix.ts";
import { multiply, plainProduct } from "../../linear-algebra/multiply.ts";
import { qr } from "../../linear-algebra/qr.ts";
import { svd } from "../../linear-algebra/svd.ts";
import { rng } from "../../random.ts";
import { momentSpan } from "./moment-span.ts";

const [m, d, size] = [3000, 20, 2];
const random = rng("moment span");
const normals = (n: number): Float64Array => Float64Array.from({ length: n }, () => random.normal());
const weights = matrix(m, d, normals(m * d));
const inputs = transposed(qr(transposed(matrix(size, d, normals(size * d)))).q);
const slopes = multiply(weights, inputs, { transposeB: true }).data.map((z) => 1 - Math.tanh(z) ** 2);
const gradient = multiply(matrix(m, size, slopes), inputs);

/** Smallest cosine between a span and that of the inputs. */
const alignment = (basis: ReturnType<typeof matrix>): number => svd(multiply(inputs, basis)).values.at(-1)!;

const largest = Float64Array.from(gradient.data, Math.abs)
  .sort()
  .at(-Math.round(0.02 * m * d))!;

it.each<[string, (g: number) => number]>([
  ["as it is", (g) => g],
  ["reduced to its signs", Math.sign],
  ["without all but its largest fiftieth", (g) => (Math.abs(g) >= largest ? g : 0)],
])("finds the span of the inputs from a gradient %s", async (_name, channel) => {
  const seen = matrix(m, d, gradient.data.map(channel));
  // The sampling error of a moment is about √(d / m) = 0.08 of its size, so that the cosine misses 1 by well under 0.1.
  expect(alignment(await momentSpan(weights, seen, size, plainProduct))).toBeGreaterThan(0.9);
});

it("where pruning has turned the rows of the gradient away from it", () => {
  const seen = matrix(
    m,
    d,
    gradient.data.map((g) => (Math.abs(g) >= largest ? g : 0)),
  );
  const { right } = svd(seen);
  const rows = matrix(
    d,
    size,
    Float64Array.from({ length: d * size }, (_, at) => right.data[Math.floor(at / size) * d + (at % size)]!),
  );
  expect(alignment(rows)).toBeLessThan(0.9);
});
