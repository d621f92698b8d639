import { auditCase, type BenchCase, type Target } from "@recon/bench";
import { type Attack, type DataSource, defaultKnowledge, tensor } from "@recon/core";
import { unitDigits } from "../data/unit-digits.ts";
import { vectors } from "../data/vectors.ts";
import { type TwoLayerOptions, twoLayer } from "../victims/two-layer.ts";

interface TensorCase {
  readonly id: string;
  readonly batch: number;
  readonly victim: TwoLayerOptions;
  readonly source: () => DataSource;
  readonly attack?: () => Attack;
  readonly targets: Readonly<Record<string, Target>>;
}

const tanh = (inputs: TwoLayerOptions["inputs"], hidden: number): TwoLayerOptions => ({
  inputs,
  hidden,
  activation: "tanh",
});

const list: readonly TensorCase[] = [
  {
    id: "tensor-b8-d50-m5000",
    batch: 8,
    victim: tanh(50, 5000),
    source: () => vectors({ dimension: 50, sign: true }),
    targets: { rms: "<=1e-12", seconds: "<=2" },
  },
  {
    id: "tensor-b32-d100-m40000",
    batch: 32,
    victim: tanh(100, 40_000),
    source: () => vectors({ dimension: 100, sign: true }),
    targets: { rms: "<=1e-10", seconds: "<=10" },
  },
  {
    id: "tensor-mnist-b2",
    batch: 2,
    victim: tanh([1, 28, 28], 5000),
    source: unitDigits,
    targets: { rms: "<=1e-9", seconds: "<=10" },
  },
  {
    id: "tensor-mnist-b8",
    batch: 8,
    victim: tanh([1, 28, 28], 5000),
    source: unitDigits,
    targets: { rms: "<=1e-9", seconds: "<=10" },
  },
  {
    id: "bias-b8",
    batch: 8,
    victim: { ...tanh(50, 5000), bias: true },
    // Not modulo sign: the bias gradient shows signs and lengths.
    source: () => vectors({ dimension: 50, norms: [0.5, 2] }),
    targets: { rms: "<=1e-12", seconds: "<=3" },
  },
  {
    id: "relu-order4-b2",
    batch: 2,
    victim: { inputs: 50, hidden: 1000, activation: "relu" },
    source: () => vectors({ dimension: 50 }),
    // Without a bias, c x with r / c has the same gradients: the length is told.
    attack: () => tensor({ inputNorm: 1 }),
    targets: { rms: "<=1e-6", seconds: "<=3" },
  },
];

/** Whole batches behind one smooth layer whose weights the server drew at random. */
export const tensorCases: readonly BenchCase[] = list.map(({ id, batch, victim, source, attack = tensor, targets }) =>
  auditCase({
    id,
    suite: "exact",
    model: () => twoLayer(victim),
    source,
    batch,
    attack: () => attack(),
    targets,
    observation: "float64",
    known: [...defaultKnowledge, "activeServer"],
  }),
);
