import { slice, type Tensors } from "@recon/engine";
import { ReconError } from "../../errors.ts";
import type { Model, Operator } from "../../problem.ts";

/** Part `index` of a batch cut into `parts` of equal size. */
export function partOfBatch(data: Tensors, index: number, parts: number): Tensors {
  return Object.fromEntries(
    Object.entries(data).map(([name, x]) => {
      const [batch = 0, ...rest] = x.shape;
      const size = batch / parts;
      const starts = [index * size, ...rest.map(() => 0)];
      return [name, slice(x, starts, [size, ...rest])];
    }),
  );
}

/** What the operator observes of every sample by itself. @throws ReconError `empty-batch`, and `mixed-samples` for a model whose samples see each other in training. */
export function perSample(operator: Operator, model: Model, parameters: Tensors, data: Tensors): Tensors[] {
  if (model.buffers !== undefined && Object.keys(model.buffers).length > 0) {
    throw new ReconError(
      "mixed-samples",
      `${model.name} has batch normalisation, which mixes the samples of a batch: a per-sample gradient, and with it per-sample clipping, is not defined. Use group or layer normalisation.`,
    );
  }
  const batch = data.input!.shape[0]!;
  if (batch === 0)
    throw new ReconError("empty-batch", `${operator.name}: the batch holds no sample to observe by itself.`);
  return Array.from({ length: batch }, (_, i) => operator.observe(model, parameters, partOfBatch(data, i, batch)));
}

/** The operator for those who do not see its local steps add up to what is sent any more. */
export function withoutLocalTraining({ localTraining: _, ...operator }: Operator): Operator {
  return operator;
}
