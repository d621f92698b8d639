import { definePlugin } from "@recon/core";
import { checkOptions, positive, real } from "@recon/core/options";
import { add, mean, mul, power, square } from "@recon/engine";

/** Most values are near 0, as most of a page is blank: R(x) = weight · mean √(x² + softness²), a smooth |x|. */
export function mostlyBlank(options = {}) {
  checkOptions("mostly-blank", options, { weight: real(0), softness: positive() });
  const { weight = 1, softness = 0.01 } = options;
  return {
    kind: "energy",
    name: "mostly-blank",
    options: { weight, softness },
    energy: (x) => mul(mean(power(add(square(x), softness ** 2), 0.5)), weight),
    // What someone would say who has this prior and no observation: a blank page.
    blind: (shape) => ({ shape, data: new Float64Array(shape.reduce((size, extent) => size * extent, 1)) }),
  };
}

export default definePlugin({ specVersion: 1, name: "pages", priors: { "mostly-blank": mostlyBlank } });
