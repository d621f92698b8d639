import { add, batchNormEval, conv, linear, mean, relu, type Tensor } from "@recon/engine";
import { classifier, type Declarations, declarations, type Network } from "../network.ts";

type Layer = (x: Tensor) => Tensor;

/** A convolution without bias and the batch normalisation after it, by stored statistics. */
function normalised(
  declared: Declarations,
  name: string,
  inputs: number,
  outputs: number,
  size: number,
  stride: number,
): Layer {
  const weight = declared.parameter(`${name}.conv`, [outputs, inputs, size, size]);
  const affine = declared.affine(`${name}.norm`, outputs);
  const average = declared.buffer(`${name}.average`, [outputs], { scale: 0.1 });
  const variance = declared.buffer(`${name}.variance`, [outputs], { center: 1, scale: 0.1 });
  return (x) => batchNormEval(conv(x, weight, { strides: stride, pads: (size - 1) / 2 }), average, variance, affine);
}

function block(declared: Declarations, name: string, inputs: number, outputs: number, stride: number): Layer {
  const first = normalised(declared, `${name}.1`, inputs, outputs, 3, stride);
  const second = normalised(declared, `${name}.2`, outputs, outputs, 3, 1);
  const shortcut: Layer =
    stride === 1 && inputs === outputs
      ? (x) => x
      : normalised(declared, `${name}.shortcut`, inputs, outputs, 1, stride);
  return (x) => relu(add(second(relu(first(x))), shortcut(x)));
}

/**
 * The residual network of He et al. 2016 for small inputs: a stem of stride one without pooling, stages of two blocks of two convolutions, every stage but the
 * first halving the extent, mean over positions, one linear layer to ten classes. Batch normalisation in eval mode.
 */
export function residual(batch: number, extent: number, widths: readonly number[]): Network {
  const declared = declarations();
  const layers: Layer[] = [];
  let channels = widths[0]!;
  const stem = normalised(declared, "stem", 3, channels, 3, 1);
  layers.push((x) => relu(stem(x)));
  widths.forEach((width, stage) => {
    for (let i = 0; i < 2; i++) {
      layers.push(block(declared, `stage${stage + 1}.${i + 1}`, channels, width, stage > 0 && i === 0 ? 2 : 1));
      channels = width;
    }
  });
  const head = declared.layer("head", [10, channels]);
  return classifier(declared, [batch, 3, extent, extent], 10, (x) =>
    linear(
      mean(
        layers.reduce((h, layer) => layer(h), x),
        [2, 3],
      ),
      head.weight,
      head.bias,
    ),
  );
}
