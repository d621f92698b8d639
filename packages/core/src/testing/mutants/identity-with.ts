import type { Op, Tensor } from "@recon/engine";

/** The identity with a wrong derivative: `wrong` of the cotangent instead of the cotangent. */
export const identityWith = (wrong: (cotangent: Tensor) => Tensor): ((x: Tensor) => Tensor) => {
  const op: Op = {
    name: "identity with a wrong derivative",
    vjp: (_node, cotangent) => [wrong(cotangent)],
    evaluate: (_node, [x]) => x!,
    lower: (_node, [x]) => x!,
  };
  return (x) => ({ op, inputs: [x], attributes: {}, shape: x.shape, dtype: x.dtype });
};
