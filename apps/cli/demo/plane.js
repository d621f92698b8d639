/**
 * Points in the plane, as a plugin of one file: data that a demonstration can show whole.
 *
 * Ten points lie around the unit circle, each up to a fifth of their spacing off its place, in two classes that alternate.
 */
import { definePlugin, rms, rng } from "@recon/core";

/** One number as bounds for both coordinates. */
const bound = (value) => ({ shape: [1], data: Float64Array.of(value) });

const domain = {
  name: "plane",
  options: {},
  lower: bound(-1.5),
  upper: bound(1.5),
  metrics: [rms()],
  blind: (shape) => ({ shape, data: new Float64Array(2) }),
  render: async ({ estimate, truth }) => [picture(estimate, truth)],
};

function picture(estimate, truth) {
  const at = ({ data }) => `cx="${(60 + 40 * data[0]).toFixed(2)}" cy="${(60 - 40 * data[1]).toFixed(2)}"`;
  const ring = truth ? `<circle ${at(truth)} r="6" fill="none" stroke="currentColor" stroke-width="1.5"/>` : "";
  const dot = estimate ? `<circle ${at(estimate)} r="3" fill="currentColor"/>` : "";
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 360 120" width="360" height="120" role="img" aria-label="A point in the plane">` +
    `<circle cx="60" cy="60" r="40" fill="none" stroke="currentColor" stroke-opacity=".25"/>` +
    `${ring}${dot}</svg>`;
  return {
    title: "Training point",
    caption: truth ? "ring: true, dot: found in the weights" : "found in the weights",
    svg,
  };
}

function circle({ points = 10, seed = 0 } = {}) {
  const random = rng(seed).split("circle");
  const items = Array.from({ length: points }, (_, i) => {
    const angle = (2 * Math.PI * (i + 0.4 * (random.uniform() - 0.5))) / points;
    return {
      id: `point ${i + 1}`,
      input: { shape: [2], data: Float64Array.of(Math.cos(angle), Math.sin(angle)) },
      target: { shape: [1], data: Float64Array.of(i % 2) },
    };
  });
  return {
    name: "circle",
    options: { points, seed },
    card: { title: "Points around a circle", source: "drawn by seed", licence: "Apache-2.0" },
    domain,
    open: async () => ({ size: points, skipped: [], item: async (index) => items[index] }),
  };
}

export default definePlugin({ specVersion: 1, name: "plane", data: { circle } });
