import { type Attack, analytic, type Defence, gaussianNoise, layerRecursion, type Model } from "@recon/core";
import { idlg, invertingGradients, leNetZhu, maximumAPosteriori, mlp } from "@recon/vision";

/** What a metric, or `seconds`, must be: at least or at most a number. */
export type Target = `>=${number}` | `<=${number}`;

/** One victim and one attack; `id/name` is a baseline of the case `id` and is not judged. */
export interface BenchCase {
  readonly id: string;
  readonly suite: string;
  readonly model: () => Model;
  readonly attack: () => Attack;
  readonly defences: readonly Defence[];
  readonly evaluations: number;
  readonly targets: Readonly<Record<string, Target>>;
}

const data = { input: [3, 32, 32], classes: 10 };
const lenet = (): Model => leNetZhu({}, data);
const noise = [gaussianNoise({ rel_noise: 0.1 })];

/** Every case, in the order in which they run; photographs, one sample, float32 observations. */
export const cases: readonly BenchCase[] = [
  {
    id: "mlp-b1",
    suite: "core",
    model: () => mlp({ sizes: [3072, 1024, 1024, 10] }, data),
    attack: () => analytic(),
    defences: [],
    evaluations: 1,
    targets: { psnr_db: ">=100", seconds: "<=3" },
  },
  {
    id: "lenet-b1",
    suite: "core",
    model: lenet,
    attack: () => layerRecursion(),
    defences: [],
    evaluations: 1,
    targets: { psnr_db: ">=100", seconds: "<=3" },
  },
  {
    id: "lenet-b1/idlg",
    suite: "core",
    model: lenet,
    attack: () => idlg({ restarts: 1 }),
    defences: [],
    evaluations: 1500,
    targets: {},
  },
  {
    id: "lenet-b1/inverting-gradients",
    suite: "core",
    model: lenet,
    attack: () => invertingGradients(),
    defences: [],
    evaluations: 1500,
    targets: {},
  },
  {
    id: "lenet-noise",
    suite: "core",
    model: lenet,
    attack: () => maximumAPosteriori(),
    defences: noise,
    evaluations: 3000,
    targets: { psnr_gain_db: ">=3" },
  },
  {
    id: "lenet-noise/inverting-gradients",
    suite: "core",
    model: lenet,
    attack: () => invertingGradients(),
    defences: noise,
    evaluations: 3000,
    targets: {},
  },
];
