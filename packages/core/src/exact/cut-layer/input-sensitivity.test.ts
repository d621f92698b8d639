import { expect, test } from "vitest";
import { block, identityMatrix, matrix, transposed } from "../../linear-algebra/matrix.ts";
import { multiply } from "../../linear-algebra/multiply.ts";
import { qr } from "../../linear-algebra/qr.ts";
import { svd } from "../../linear-algebra/svd.ts";
import { rng } from "../../random.ts";
import { plantedCut } from "./fixtures/planted-cut.ts";
import { inputEquations } from "./input-equations.ts";
import { inputSensitivity } from "./input-sensitivity.ts";
import { spanCoordinates } from "./span-coordinates.ts";

test.each([1, 2, 3, 4])("1 / gain bounds the least singular value of the whole Jacobian, seed %i", async (seed) => {
  const { cut, layer, inputs } = plantedCut(rng(seed));
  const whole = inputEquations(layer);
  // All six entries of every input move; the seventh is 1.
  const { turned } = await whole.linearise(inputs, block(identityMatrix(7), 0, 0, 7, 6));
  const least = svd(transposed(turned)).values.at(-1)!;

  const basis = qr(transposed(inputs)).q;
  const equations = inputEquations({
    ...layer,
    weights: multiply(cut.weight, basis),
    gradient: multiply(cut.gradient, basis),
  });
  const { gain, spread } = await inputSensitivity({
    equations,
    coordinates: spanCoordinates(basis, true),
    inputs: multiply(inputs, basis),
    basis,
    weight: cut.weight,
    biased: true,
    rng: rng("sensitivity"),
  });
  // The gain is that of one left inverse, the least singular value's that of the best one; the power iteration is within some percent.
  expect(gain).toBeGreaterThan(0.95 / least);
  expect(gain).toBeLessThan(30 / least);
  expect(spread).toBeGreaterThan(0);
});

test("equal inputs are not determined", async () => {
  const { cut, layer, inputs } = plantedCut(rng("equal"));
  const same = matrix(3, 7, inputs.data.slice());
  same.data.copyWithin(7, 0, 7);
  same.data.copyWithin(14, 0, 7);
  const basis = block(qr(transposed(same)).q, 0, 0, 7, 1);
  const equations = inputEquations({
    ...layer,
    weights: multiply(cut.weight, basis),
    gradient: multiply(cut.gradient, basis),
    target: { shape: [3, 3], data: Float64Array.from([1, 0, 0, 1, 0, 0, 1, 0, 0]) },
  });
  const { gain } = await inputSensitivity({
    equations,
    coordinates: spanCoordinates(basis, true),
    inputs: multiply(same, basis),
    basis,
    weight: cut.weight,
    biased: true,
    rng: rng("sensitivity"),
  });
  expect(gain).toBeGreaterThan(1e12);
});
