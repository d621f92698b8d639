import { gaussianNoise } from "../../defences/channel/noise.ts";
import type { Rng } from "../../random.ts";
import { attackMutants } from "../mutants/attack.ts";
import { expectCaught } from "../mutants/expect-caught.ts";
import { type PlantedCase, plantCase } from "../planted-case.ts";
import { referenceAttack } from "../reference-attack.ts";
import { referenceModel } from "../reference-model.ts";
import { testAttack } from "../test-attack.ts";
import { type AttackLawOptions, attackLaws } from "./attack.ts";

const oneSample = { known: { batchSize: 1 } };

const options: AttackLawOptions = {
  reference: (rng) => plantCase(rng, oneSample),
  tolerance: 1e-9,
  // Half of them are clean, half are noisy, and every third batch is larger than the attacker believes.
  drawn: (rng: Rng): PlantedCase =>
    plantCase(rng, {
      ...oneSample,
      batch: rng.integer(3) === 0 ? 2 : 1,
      defences: rng.integer(2) === 0 ? [] : [gaussianNoise({ rel_noise: 0.5 })],
    }),
  refused: (rng) => plantCase(rng, { batch: 2, known: { batchSize: 2 } }).problem,
  unidentifiable: (rng) => {
    const model = referenceModel();
    const params = model.init(rng.split("weights"));
    // Nothing flows back through a head of zeros.
    const w2 = { shape: params.w2!.shape, data: new Float64Array(params.w2!.data.length) };
    return plantCase(rng, { ...oneSample, model, params: { ...params, w2 } }).problem;
  },
};

testAttack(referenceAttack, options);

expectCaught(attackLaws, attackMutants, options);
