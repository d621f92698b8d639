import { add, constant, linear, matmul, mean, relu, type Tensor } from "@recon/engine";
import { classifier, declarations, type Network } from "../network.ts";
import { uniformStream } from "../random.ts";

/** D^(−1/2) (A + I) D^(−1/2) of a ring with as many random chords as it has nodes (Kipf and Welling 2017). */
function propagation(nodes: number): Tensor {
  const uniform = uniformStream(7);
  const linked = Array.from({ length: nodes }, (_, i) =>
    Array.from({ length: nodes }, (_, j) => i === j || (i - j + nodes) % nodes === 1 || (j - i + nodes) % nodes === 1),
  );
  for (let chord = 0; chord < nodes; chord++) {
    const [i, j] = [Math.floor(uniform() * nodes), Math.floor(uniform() * nodes)];
    linked[i]![j] = true;
    linked[j]![i] = true;
  }
  const degree = linked.map((row) => row.filter(Boolean).length);
  const values = linked.flatMap((row, i) => row.map((link, j) => (link ? 1 / Math.sqrt(degree[i]! * degree[j]!) : 0)));
  return constant(values, [nodes, nodes]);
}

/** Two graph convolutions with ReLU over x [1, nodes, features], mean over the nodes, one linear layer to two classes. */
export function graphConvolution(nodes: number, features: number, width: number): Network {
  const declared = declarations();
  const links = propagation(nodes);
  const first = declared.layer("1", [width, features]);
  const second = declared.layer("2", [width, width]);
  const head = declared.layer("head", [2, width]);
  return classifier(declared, [1, nodes, features], 2, (x) => {
    const h = [first, second].reduce(
      (state, { weight, bias }) => relu(add(matmul(links, linear(state, weight)), bias)),
      x,
    );
    return linear(mean(h, [1]), head.weight, head.bias);
  });
}
