import { avgPool, maxPool, mean } from "@recon/engine";
import { misfit, type Step, threeAxes, withoutParameters } from "./step.ts";

/** Mean over windows of size × size of [C, H, W]. */
export function averageStep(size: number): Step {
  return (input) => {
    const [channels, height, width] = threeAxes(input);
    if (height % size !== 0 || width % size !== 0) {
      throw misfit(`average pooling by ${size} needs sides that are multiples of ${size}, not ${height} × ${width}`);
    }
    return withoutParameters([channels, height / size, width / size], (x) => avgPool(x, size));
  };
}

/** Largest element of windows of size × size of [C, H, W]; rows and columns left over at the end are not read. */
export function maxStep(size: number): Step {
  return (input) => {
    const [channels, height, width] = threeAxes(input);
    if (height < size || width < size) throw misfit(`max pooling by ${size} does not fit into ${height} × ${width}`);
    return withoutParameters([channels, Math.floor(height / size), Math.floor(width / size)], (x) => maxPool(x, size));
  };
}

/** Mean of every channel of [C, H, W]. */
export function globalAverageStep(): Step {
  return (input) => withoutParameters([threeAxes(input)[0]], (x) => mean(x, [2, 3]));
}
