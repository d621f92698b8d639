/** Photographs of `photographs()` that the prior was trained on: crops of them say nothing of how it does on others. */
export const trainingPhotographs: readonly string[] = [
  "airplane-from-above",
  "black-canyon",
  "dust-bowl-home",
  "french-alpine-landscape",
  "nagasaki-boats",
];

/** Photographs that it has not seen: `photographs({ names: auditPhotographs })`. Drawn by the seed "prior-photos split". */
export const auditPhotographs: readonly string[] = ["acanthus-mollis", "allium-oreophilum", "locomotion-house-cat"];
