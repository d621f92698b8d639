import type { Problem } from "@recon/core";

/** The lengths of the batch's texts as told under the flag `sequenceLengths`, or a clause that says why they are of no use. */
export function toldLengths({ model, knowledge }: Problem): readonly number[] | { readonly reason: string } {
  const { sequenceLengths: told, batchSize } = knowledge;
  if (told === undefined) return { reason: "it needs to be told sequenceLengths" };
  const most = model.input.shape[0]!;
  const lengths = Array.isArray(told) ? (told as readonly unknown[]) : [];
  const sound = lengths.every(
    (length) => Number.isSafeInteger(length) && (length as number) >= 1 && (length as number) <= most,
  );
  if (sound && lengths.length === batchSize) return lengths as readonly number[];
  return {
    reason: `sequenceLengths must hold ${String(batchSize)} whole numbers from 1 to ${most}, not ${JSON.stringify(told)}`,
  };
}
