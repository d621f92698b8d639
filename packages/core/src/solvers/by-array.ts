import { ReconError } from "../errors.ts";
import type { Transform } from "./transform.ts";

/**
 * A transform for each named array of the unknowns, such as the sign of the gradient for one and Adam for another. Of arrays without one the plain gradient is subtracted.
 *
 * @throws ReconError `bad-option` at the start of a run for a name that is no unknown of it.
 */
export function byArray(transforms: Readonly<Record<string, Transform>>): Transform {
  const rules = Object.entries(transforms);
  return {
    name: rules.map(([name, { name: rule }]) => `${name}: ${rule}`).join(", "),
    options: Object.fromEntries(rules.map(([name, { options }]) => [name, options])),
    init: (_, layout) => {
      const places = rules.map(([name]) => {
        const place = layout?.parts.find((part) => part.name === name);
        if (place !== undefined) return place;
        const known = layout?.parts.map((part) => part.name).join(", ") ?? "not named";
        throw new ReconError("bad-option", `byArray: "${name}" is no unknown. The unknowns are: ${known}.`);
      });
      return {
        vectors: { places: Float64Array.from(places.flatMap(({ offset, size }) => [offset, offset + size])) },
        parts: rules.map(([, transform], i) => transform.init(places[i]!.size)),
      };
    },
    update: (direction, { vectors, parts }, at) => {
      const places = vectors.places!;
      rules.forEach(([, transform], i) => {
        transform.update(direction.subarray(places[2 * i], places[2 * i + 1]), parts[i]!, at);
      });
    },
  };
}
