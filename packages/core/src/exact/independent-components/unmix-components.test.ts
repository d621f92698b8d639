import { describe, expect, it } from "vitest";
import { assign } from "../../judge/match.ts";
import { type Matrix, matrix } from "../../linear-algebra/matrix.ts";
import { multiply } from "../../linear-algebra/multiply.ts";
import { innerProduct, norm } from "../../linear-algebra/vector.ts";
import { rng } from "../../random.ts";
import { unmixComponents } from "./unmix-components.ts";

const normals = (rows: number, cols: number, seed: string): Matrix => {
  const random = rng(seed);
  return matrix(
    rows,
    cols,
    Float64Array.from({ length: rows * cols }, () => random.normal()),
  );
};
/** Inputs with heavy tails, each with a mean of its own. */
const heavy = (rows: number, cols: number, seed: string): Matrix => {
  const drawn = normals(rows, cols, seed);
  return matrix(
    rows,
    cols,
    drawn.data.map((value, at) => value ** 3 + 1 + (Math.floor(at / cols) % 3)),
  );
};
function gradients(x: Matrix, neurons: number, seed: string) {
  const delta = normals(x.rows, neurons, `${seed} errors`);
  const ones = matrix(1, x.rows, new Float64Array(x.rows).fill(1));
  return { dw: multiply(delta, x, { transposeA: true }), db: multiply(ones, delta).data, delta };
}
const rowsOf = ({ rows, cols, data }: Matrix): Float64Array[] =>
  Array.from({ length: rows }, (_, i) => data.subarray(i * cols, (i + 1) * cols));
/** |cos| of the best pairing, ascending. */
function cosines(found: Matrix, truth: Matrix): number[] {
  const [a, b] = [rowsOf(truth), rowsOf(found)];
  const all = a.map((x) => b.map((y) => Math.abs(innerProduct(x, y)) / (norm(x) * norm(y))));
  const places = assign(
    matrix(
      a.length,
      b.length,
      all.flat().map((value) => 1 - value),
    ),
  );
  return Array.from(places, (place, i) => all[i]![place]!).sort((x, y) => x - y);
}

describe("unmixComponents", () => {
  it("tells apart inputs that are independent and far from Gaussian, with their scale and sign", async () => {
    for (const seed of ["1", "2"]) {
      const x = heavy(5, 1200, seed);
      const { dw, db } = gradients(x, 30, seed);
      const { value, reason } = await unmixComponents(dw, db, { samples: 5, precision: "float64" });
      expect(value, reason).toBeDefined();
      expect(cosines(value!.inputs, x)[0]).toBeGreaterThan(0.95);
      for (const row of rowsOf(value!.inputs)) {
        const nearest = rowsOf(x).reduce((best, other) =>
          Math.abs(innerProduct(row, other)) / norm(other) > Math.abs(innerProduct(row, best)) / norm(best)
            ? other
            : best,
        );
        expect(innerProduct(row, nearest) / innerProduct(nearest, nearest)).toBeCloseTo(1, 0);
      }
    }
  });

  it("has errors that give back the gradient", async () => {
    const x = heavy(5, 1500, "errors");
    const { dw, db } = gradients(x, 40, "errors");
    const { value } = await unmixComponents(dw, db, { samples: 5, precision: "float64" });
    const again = multiply(value!.errors!, value!.inputs, { transposeA: true });
    // Of the centred rows to rounding; the mean of a row follows because all of dW is in the span.
    expect(norm(again.data.map((entry, at) => entry - dw.data[at]!)) / norm(dw.data)).toBeLessThan(1e-9);
  });

  it("does not without the non-Gaussianity, nor with Gaussian inputs", async () => {
    const x = heavy(5, 1000, "off");
    const { dw, db } = gradients(x, 30, "off");
    const off = await unmixComponents(dw, db, { samples: 5, precision: "float64", nonGaussianity: 0 });
    expect(cosines(off.value!.inputs, x)[0]).toBeLessThan(0.9);
    const plain = normals(5, 1000, "gaussian");
    const gaussian = gradients(plain, 30, "gaussian");
    const found = await unmixComponents(gaussian.dw, gaussian.db, { samples: 5, precision: "float64" });
    expect(cosines(found.value!.inputs, plain)[0]).toBeLessThan(0.9);
  });

  it("says why where there are fewer directions than samples", async () => {
    const x = heavy(4, 300, "few");
    x.data.copyWithin(300, 0, 300);
    const { dw, db } = gradients(x, 30, "few");
    const options = { precision: "float64" } as const;
    expect((await unmixComponents(dw, db, { ...options, samples: 4 })).reason).toMatch(/rank 3 for 4 samples/);
    expect((await unmixComponents(dw, db, { ...options, samples: 31 })).reason).toMatch(/at most 30 independent rows/);
    expect(
      (await unmixComponents(matrix(5, 9), new Float64Array(5), { ...options, samples: 2 })).value,
    ).toBeUndefined();
  });
});
