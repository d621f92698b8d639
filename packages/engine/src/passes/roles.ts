import type { Tensor } from "../tensor.ts";

const mix = (a: number, b: number): number => {
  let z = Math.imul(a ^ (a >>> 15), 0x2c1b3c6d) ^ Math.imul(b ^ (b >>> 13), 0x297a2d39);
  z = Math.imul(z ^ (z >>> 12), 0x85ebca6b);
  return (z ^ (z >>> 16)) | 0;
};

function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}

/**
 * A number for every node that nodes share when their surroundings look alike: the op, the attributes and the shape of everything within `radius` edges,
 * in both directions. Steps of an unrolled loop play the same roles; different parts of one step do not.
 *
 * @param nodes every node after its inputs.
 * @see B. Weisfeiler and A. Leman 1968, the refinement of colours
 */
export function rolesOf(nodes: readonly Tensor[], radius: number): Int32Array {
  const index = new Map(nodes.map((node, i) => [node, i]));
  const inputs = nodes.map((node) => node.inputs.map((input) => index.get(input)!));
  // Where something is cut out or put in differs from step to step.
  const places = new Set(["starts", "before", "value", "name"]);
  let roles = Int32Array.from(nodes, ({ op, attributes, shape }) => {
    const listed = Object.entries(attributes).filter(([name]) => !places.has(name));
    return hashText(`${op.name}${JSON.stringify(listed)}[${shape}]`);
  });
  for (let round = 0; round < radius; round++) {
    const next = new Int32Array(nodes.length);
    const above = new Int32Array(nodes.length);
    inputs.forEach((operands, i) => {
      let hash = roles[i]!;
      const joins = nodes[i]!.op.name === "concat";
      operands.forEach((operand, slot) => {
        const side = joins ? 0 : slot + 1;
        hash = joins ? (hash + roles[operand]!) | 0 : mix(hash, roles[operand]!);
        // A sum, since the order of those who read a node means nothing; nor does which of many parts it is.
        above[operand] = (above[operand]! + mix(roles[i]!, side)) | 0;
      });
      next[i] = hash;
    });
    roles = next.map((hash, i) => mix(hash, above[i]!));
  }
  return roles;
}
