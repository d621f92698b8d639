import { linear, relu, reshape, type Shape } from "@recon/engine";
import { classifier, declarations, type Network } from "../network.ts";

/** Linear layers joined by ReLU, sizes[0] → sizes[1] → …, on x that is made flat. */
export function perceptron(inputShape: Shape, sizes: readonly number[]): Network {
  const declared = declarations();
  const layers = sizes.slice(1).map((units, i) => declared.layer(`${i + 1}`, [units, sizes[i]!]));
  return classifier(declared, inputShape, sizes.at(-1)!, (x) =>
    layers.reduce(
      (h, { weight, bias }, i) => linear(i === 0 ? h : relu(h), weight, bias),
      reshape(x, [inputShape[0]!, sizes[0]!]),
    ),
  );
}
