import { expect, test } from "vitest";
import { binaryNet } from "../fixtures/binary-net.ts";
import { referenceModel } from "../testing/index.ts";
import { homogeneity } from "./homogeneity.ts";

test("the degree of a ReLU net with biases in the first layer alone is its number of layers", () => {
  expect(homogeneity(binaryNet({ sizes: [3, 5, 1] }))).toEqual({ degree: 2 });
  expect(homogeneity(binaryNet({ sizes: [3, 5, 4, 1] }))).toEqual({ degree: 3 });
  expect(homogeneity(binaryNet({ sizes: [3, 5, 4, 1], biased: [] }))).toEqual({ degree: 3 });
});

test("the layer that breaks it is named, with the reason", () => {
  const inSecond = homogeneity(binaryNet({ sizes: [3, 5, 4, 1], biased: [0, 1] }));
  expect(inSecond).toMatchObject({
    layer: "b1",
    reason: expect.stringMatching(/its bias b1 grows like c .*first layer alone/),
  });
  const bent = homogeneity(binaryNet({ sizes: [3, 5, 1], activation: "tanh" }));
  expect(bent).toMatchObject({ layer: "b0", reason: "tanh is not homogeneous" });
  expect(homogeneity(referenceModel())).toHaveProperty("layer");
});
