import { onnxruntime } from "@recon/engine";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { rng } from "../random.ts";
import { cholesky, choleskySolve, inverseTrace, ridgedCholesky, smallestEigenvalue } from "./cholesky.ts";
import { leastSquares } from "./least-squares.ts";
import { appendColumn, block, identityMatrix, type Matrix, matrix, matrixOf, transposed } from "./matrix.ts";
import { executorProduct, multiply, plainProduct } from "./multiply.ts";
import { qr } from "./qr.ts";
import { addGram, sparseMatrix, sparseVector, transposedSparseProduct, transposedSparseVector } from "./sparse.ts";
import { svd, topSingular } from "./svd.ts";
import { inverseLower, solveLower, solveLowerTransposed, solveUpper } from "./triangular.ts";
import { matrixVector, norm, transposedMatrixVector } from "./vector.ts";

const executor = onnxruntime();
const compiled = executorProduct(executor);
afterAll(async () => {
  await compiled.dispose();
  await executor.dispose();
});

const random = (rows: number, cols: number, seed: number): Matrix => {
  const r = rng(seed);
  return matrix(
    rows,
    cols,
    Float64Array.from({ length: rows * cols }, () => r.normal()),
  );
};
const distance = (a: ArrayLike<number>, b: ArrayLike<number>): number => norm(Array.from(a, (x, i) => x - b[i]!));
/** The definition, entry by entry. */
const slowProduct = (a: Matrix, b: Matrix): Matrix =>
  matrix(
    a.rows,
    b.cols,
    Array.from({ length: a.rows * b.cols }, (_, at) => {
      const i = Math.floor(at / b.cols);
      const j = at % b.cols;
      return Array.from({ length: a.cols }, (_, k) => a.data[i * a.cols + k]! * b.data[k * b.cols + j]!).reduce(
        (s, x) => s + x,
        0,
      );
    }),
  );

describe("products", () => {
  it("agree with the definition for all shapes and transposes, in plain loops and through the executor", async () => {
    const extent = fc.integer({ min: 1, max: 7 });
    await fc.assert(
      fc.asyncProperty(
        extent,
        extent,
        extent,
        fc.integer(),
        fc.boolean(),
        fc.boolean(),
        async (m, k, n, seed, ta, tb) => {
          const a = random(m, k, seed);
          const b = random(k, n, seed + 1);
          const expected = slowProduct(a, b).data;
          const options = { transposeA: ta, transposeB: tb };
          const [left, right] = [ta ? transposed(a) : a, tb ? transposed(b) : b];
          expect(distance(multiply(left, right, options).data, expected)).toBeLessThan(1e-13);
          expect(distance((await compiled.product(left, right, options)).data, expected)).toBeLessThan(1e-13);
        },
      ),
      { numRuns: 25 },
    );
    const big = random(130, 300, 1);
    expect(
      distance(multiply(big, big, { transposeB: true }).data, (await compiled.product(big, transposed(big))).data),
    ).toBeLessThan(1e-10);
    expect(() => multiply(a23, a23)).toThrow(/Cannot multiply/);
    await expect(compiled.product(a23, a23)).rejects.toThrow(/Cannot multiply/);
  });
  const a23 = matrix(2, 3, [1, 2, 3, 4, 5, 6]);

  it("have the matrix pieces they need", () => {
    expect(Array.from(transposed(a23).data)).toEqual([1, 4, 2, 5, 3, 6]);
    expect(Array.from(block(a23, 0, 1, 2, 2).data)).toEqual([2, 3, 5, 6]);
    expect(Array.from(appendColumn(a23, [7, 8]).data)).toEqual([1, 2, 3, 7, 4, 5, 6, 8]);
    expect(matrixOf({ shape: [2, 3, 2], data: new Float32Array(12) })).toMatchObject({ rows: 2, cols: 6 });
    expect(Array.from(matrixVector(a23, [1, 0, -1]))).toEqual([-2, -2]);
    expect(Array.from(transposedMatrixVector(a23, [1, -1]))).toEqual([-3, -3, -3]);
    expect(norm([3e200, 4e200])).toBeCloseTo(5e200, -190);
    expect(() => matrix(2, 2, [1])).toThrow(/do not fill/);
  });
});

describe("cholesky", () => {
  it("gives a factor known by hand", async () => {
    const l = await cholesky(matrix(3, 3, [4, 12, -16, 12, 37, -43, -16, -43, 98]), { product: plainProduct });
    expect(Array.from(l.data)).toEqual([2, 0, 0, 6, 1, 0, -8, 5, 3]);
  });

  it("reproduces positive definite matrices of any size and panel", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 25 }),
        fc.integer(),
        async (n, panel, seed) => {
          const a = multiply(random(n, n + 3, seed), random(n, n + 3, seed), { transposeB: true });
          const l = await cholesky(matrix(n, n, a.data.slice()), { product: plainProduct, panel });
          expect(distance(multiply(l, l, { transposeB: true }).data, a.data)).toBeLessThan(1e-13 * norm(a.data));
          const x = random(n, 1, seed + 1).data;
          const b = matrixVector(a, choleskySolve(l, x));
          expect(distance(b, x)).toBeLessThan(1e-6 * norm(x));
        },
      ),
    );
  });

  it("stays backward stable on a matrix of condition 1e12, and finds its smallest eigenvalue", async () => {
    const n = 200;
    const { q } = qr(random(n, n, 3));
    const scaled = matrix(
      n,
      n,
      q.data.map((x, at) => x * 10 ** ((-6 * (at % n)) / (n - 1))),
    );
    const a = multiply(scaled, scaled, { transposeB: true });
    const l = await cholesky(matrix(n, n, a.data.slice()), { product: plainProduct, panel: 32 });
    expect(distance(multiply(l, l, { transposeB: true }).data, a.data)).toBeLessThan(1e-14 * norm(a.data));
    const smallest = smallestEigenvalue(l, 30);
    expect(Math.abs(smallest / 1e-12 - 1)).toBeLessThan(0.01);
  });

  it("adds a ridge, gives up where even that is not enough, and estimates the trace of the inverse", async () => {
    const a = identityMatrix(6);
    for (let i = 0; i < 6; i++) a.data[i * 6 + i] = i + 1;
    const { factor, ridge, meanDiagonal } = (await ridgedCholesky(a, 0.1, { product: plainProduct }))!;
    expect(meanDiagonal).toBe(3.5);
    expect(ridge).toBeCloseTo(0.35, 14);
    // For a diagonal matrix every probe gives the trace itself.
    const exact = [1, 2, 3, 4, 5, 6].reduce((sum, d) => sum + 1 / (d + 0.35), 0);
    expect(inverseTrace((b) => choleskySolve(factor, b), 6)).toBeCloseTo(exact, 12);
    const negative = matrix(2, 2, [1, 0, 0, -1]);
    expect(await ridgedCholesky(negative, 0.1, { product: plainProduct })).toBeUndefined();
  });

  it("names the first pivot that is not positive and refuses other shapes", async () => {
    const a = identityMatrix(5);
    a.data[3 * 5 + 3] = -1;
    await expect(cholesky(a, { product: plainProduct, panel: 2 })).rejects.toThrow(/pivot 3 is -1/);
    await expect(cholesky(matrix(2, 3), { product: plainProduct })).rejects.toThrow(/2 x 3/);
  });

  it("factors n = 1536 through the executor", async () => {
    const n = 1536;
    const g = random(n, 200, 4);
    const a = await compiled.product(g, g, { transposeB: true });
    for (let i = 0; i < n; i++) a.data[i * n + i]! += 1;
    const l = await cholesky(matrix(n, n, a.data.slice()), { product: compiled.product });
    const back = await compiled.product(l, l, { transposeB: true });
    expect(distance(back.data, a.data)).toBeLessThan(1e-14 * norm(a.data));
  });
});

describe("triangular solves", () => {
  it.each([1, 3, 4, 6, 17])("invert what they should, n = %i", (n) => {
    const l = random(n, n, 5);
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) l.data[i * n + j] = j > i ? 0 : j === i ? 2 + j : l.data[i * n + j]!;
    const b = random(n, 1, 6).data;
    expect(distance(matrixVector(l, solveLower(l, b)), b)).toBeLessThan(1e-13);
    expect(distance(transposedMatrixVector(l, solveLowerTransposed(l, b)), b)).toBeLessThan(1e-13);
    expect(distance(matrixVector(transposed(l), solveUpper(transposed(l), b)), b)).toBeLessThan(1e-13);
    expect(distance(multiply(l, inverseLower(l)).data, identityMatrix(n).data)).toBeLessThan(1e-13);
  });
});

describe("qr and least squares", () => {
  it("is orthonormal even for nearly dependent columns (Laeuchli's matrix)", () => {
    const e = 1e-9;
    const { q, r } = qr(matrix(4, 3, [1, 1, 1, e, 0, 0, 0, e, 0, 0, 0, e]));
    expect(distance(multiply(q, q, { transposeA: true }).data, identityMatrix(3).data)).toBeLessThan(1e-14);
    expect(r.data[3]).toBe(0);
  });

  it("solves a regression known by hand and reports its residual", () => {
    // Points (0,1), (1,2), (2,4): intercept 5/6, slope 3/2, residuals (1/6, -1/3, 1/6).
    const { x, residual } = leastSquares(matrix(3, 2, [1, 0, 1, 1, 1, 2]), [1, 2, 4]);
    expect(x[0]).toBeCloseTo(5 / 6, 14);
    expect(x[1]).toBeCloseTo(3 / 2, 14);
    expect(residual).toBeCloseTo(Math.sqrt(1 / 6), 14);
    expect(() => leastSquares(matrix(3, 2, [1, 2, 1, 2, 1, 2]), [1, 2, 3])).toThrow(/column 1 depends/);
  });
});

describe("singular values", () => {
  it("are those of a matrix built from them, in every shape", async () => {
    for (const [rows, cols] of [
      [9, 4],
      [4, 9],
      [6, 6],
    ] as const) {
      const k = Math.min(rows, cols);
      const u = qr(random(rows, k, 7)).q;
      const v = qr(random(cols, k, 8)).q;
      const s = Float64Array.from({ length: k }, (_, i) => 10 ** -i);
      const a = multiply(
        matrix(
          rows,
          k,
          u.data.map((x, at) => x * s[at % k]!),
        ),
        v,
        { transposeB: true },
      );
      const found = svd(a);
      expect(distance(found.values, s)).toBeLessThan(1e-14);
      const scaledLeft = matrix(
        rows,
        k,
        found.left.data.map((x, at) => x * found.values[at % k]!),
      );
      expect(distance(multiply(scaledLeft, found.right, { transposeB: true }).data, a.data)).toBeLessThan(1e-14);
      expect(distance((await topSingular(a, 2, plainProduct)).values, s.slice(0, 2))).toBeLessThan(1e-14);
    }
  });

  it("come out of a large matrix of low rank one by one", async () => {
    const u = qr(random(300, 5, 9)).q;
    const v = qr(random(400, 5, 10)).q;
    const s = [3, 1, 1e-2, 1e-5, 1e-9];
    const a = multiply(
      matrix(
        300,
        5,
        u.data.map((x, at) => x * s[at % 5]!),
      ),
      v,
      { transposeB: true },
    );
    const { values, right } = await topSingular(a, 8, compiled.product);
    s.forEach((value, i) => {
      expect(Math.abs(values[i]! - value)).toBeLessThan(1e-14);
    });
    expect(values[5]!).toBeLessThan(1e-14);
    const first = Array.from({ length: 400 }, (_, i) => right.data[i * right.cols]!);
    const truth = Array.from({ length: 400 }, (_, i) => v.data[i * 5]!);
    expect(Math.abs(Math.abs(first.reduce((t, x, i) => t + x * truth[i]!, 0)) - 1)).toBeLessThan(1e-13);
  });
});

describe("sparse matrices", () => {
  it("agree with dense ones", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 9 }), fc.integer(), (rows, cols, seed) => {
        const r = rng(seed);
        const drawn = (): number[] => Array.from({ length: cols }, (_, j) => j).filter(() => r.uniform() < 0.5);
        // Many rows share their columns, which are then taken together, and some do not.
        const common = drawn();
        const kept = Array.from({ length: rows }, () => {
          const columns = r.uniform() < 0.7 ? common : drawn();
          return { columns, values: columns.map(() => r.normal()) };
        });
        const a = sparseMatrix(cols, kept);
        const dense = matrix(rows, cols);
        kept.forEach((row, i) => {
          row.columns.forEach((j, k) => {
            dense.data[i * cols + j] = row.values[k]!;
          });
        });
        const x = random(cols, 1, seed + 1).data;
        const y = random(rows, 1, seed + 2).data;
        expect(distance(sparseVector(a, x), matrixVector(dense, x))).toBeLessThan(1e-13);
        expect(distance(transposedSparseVector(a, y), transposedMatrixVector(dense, y))).toBeLessThan(1e-13);
        const other = random(rows, 5, seed + 3);
        const product = multiply(dense, other, { transposeA: true });
        expect(distance(transposedSparseProduct(a, other).data, product.data)).toBeLessThan(1e-13);
        const weights = y.map((w) => w * w);
        const target = matrix(cols, cols);
        addGram(target, a, weights);
        const weighted = matrix(
          rows,
          cols,
          dense.data.map((value, at) => value * weights[Math.floor(at / cols)]!),
        );
        const full = multiply(dense, weighted, { transposeA: true });
        for (let i = 0; i < cols; i++)
          for (let j = 0; j <= i; j++) expect(target.data[i * cols + j]).toBeCloseTo(full.data[i * cols + j]!, 12);
      }),
    );
  });
});
