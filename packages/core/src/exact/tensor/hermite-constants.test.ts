import {
  add,
  elu,
  erf,
  gelu,
  leakyRelu,
  mul,
  onnxruntime,
  relu,
  sigmoid,
  silu,
  sin,
  softplus,
  square,
  type Tensor,
  tanh,
} from "@recon/engine";
import { expect, test } from "vitest";
import { functionOf } from "./fixtures/planted-block.ts";
import { hermiteConstants } from "./hermite-constants.ts";
import { momentOrders } from "./moment-orders.ts";

const selu = (z: Tensor): Tensor => mul(elu(z, 1.6732632423543772), 1.0507009873554805);

/** E s⁽ᵖ⁾(Z) for p = 0 … 4, and the orders that a tensor can be had from. */
const table: readonly (readonly [string, (z: Tensor) => Tensor, readonly number[], readonly number[]])[] = [
  ["x² + x³", (z) => add(square(z), mul(z, square(z))), [1, 3, 2, 6, 0], [3]],
  ["tanh", tanh, [0, 0.605706, 0, -0.363595, 0], [3]],
  ["sigmoid", sigmoid, [0.5, 0.206621, 0, -0.062396, 0], [3]],
  ["erf", erf, [0, 0.65147, 0, -0.434313, 0], [3]],
  ["sin", sin, [0, 0.606531, 0, -0.606531, 0], [3]],
  ["ReLU", relu, [0.398942, 0.5, 0.398942, 0, -0.398942], [4]],
  ["leaky ReLU", (z) => leakyRelu(z, 0.01), [0.394953, 0.505, 0.394953, 0, -0.394953], [4]],
  ["GELU", (z) => gelu(z), [0.282095, 0.5, 0.423142, 0, -0.352618], [4]],
  ["SiLU", silu, [0.206621, 0.5, 0.350845, 0, -0.185206], [4]],
  ["softplus", softplus, [0.806059, 0.5, 0.206621, 0, -0.062396], [4]],
  ["ELU", (z) => elu(z), [0.160521, 0.761578, 0.261578, -0.137364, -0.137364], [3, 4]],
  ["SELU", selu, [0, 0.985231, 0.17767, -0.2415, 0.040712], [3]],
  ["tanh(z + 1)", (z) => tanh(add(z, 1)), [0.5504, 0.4496, -0.266088, -0.100934, 0.388929], [3, 4]],
  ["sin(z + 0.8)", (z) => sin(add(z, 0.8)), [0.435098, 0.422574, -0.435098, -0.422574, 0.435098], [3, 4]],
];

const executor = onnxruntime();

test.each(table)("the Hermite constants of %s are those of the table to 1e-5", async (_name, s, expected, orders) => {
  const constants = await hermiteConstants(functionOf(s, executor));
  constants.derivatives.forEach((value, p) => {
    expect(Math.abs(value - expected[p]!)).toBeLessThan(1e-5);
  });
  expect(momentOrders(constants)).toEqual({ orders });
});

test("they follow the scale of the pre-activation: tanh at 0.5, 0.8, 1.5 and 2", async () => {
  const expected = {
    0.5: [0.826484, -0.998344],
    0.8: [0.685015, -0.537235],
    1.5: [0.459352, -0.154657],
    2: [0.364739, -0.076748],
  };
  for (const [scale, [first, third]] of Object.entries(expected)) {
    const { derivatives } = await hermiteConstants(functionOf(tanh, executor), { scale: Number(scale) });
    expect(Math.abs(derivatives[1]! - first!)).toBeLessThan(1e-5);
    expect(Math.abs(derivatives[3]! - third!)).toBeLessThan(1e-5);
  }
  const { slope } = await hermiteConstants(functionOf(tanh, executor));
  expect(slope ** 2).toBeCloseTo(0.464403, 5);
});

test("a vanishing moment is named with the order to use instead", async () => {
  const straight = await hermiteConstants(functionOf(relu, executor));
  expect(momentOrders(straight, 3)).toMatchObject({ reason: expect.stringMatching(/order 3 vanishes.*use order 4/) });
  const odd = await hermiteConstants(functionOf(tanh, executor));
  expect(momentOrders(odd, 4)).toMatchObject({ reason: expect.stringMatching(/order 4 vanishes.*use order 3/) });
  expect(momentOrders(odd, 3)).toEqual({ orders: [3] });
  const quadratic = await hermiteConstants(functionOf(square, executor));
  expect(momentOrders(quadratic)).toMatchObject({
    reason: expect.stringMatching(/span of the samples but not the samples/),
  });
});
