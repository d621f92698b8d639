import type { ResultRecord } from "@recon/core";

/** A sentence that a result carries. */
export type Sentence = "reason" | "certificateReason" | "chosen";

/** Results with the same verdict and certificate. */
export interface VerdictGroup {
  readonly verdict: ResultRecord["verdict"];
  readonly certificate: ResultRecord["certificate"];
  readonly results: readonly ResultRecord[];
  /** Sentences that are not the same for all of them. */
  readonly differing: readonly Sentence[];
}

const sentences: readonly Sentence[] = ["reason", "certificateReason", "chosen"];

/** Groups results by verdict and certificate, in the order in which these first occur. */
export function verdictGroups(results: readonly ResultRecord[]): readonly VerdictGroup[] {
  const kind = (result: ResultRecord): string => `${result.verdict}/${result.certificate}`;
  return results.flatMap((first, index) => {
    if (results.findIndex((result) => kind(result) === kind(first)) !== index) return [];
    const group = results.filter((result) => kind(result) === kind(first));
    const differing = sentences.filter((sentence) => group.some((result) => result[sentence] !== first[sentence]));
    return [{ verdict: first.verdict, certificate: first.certificate, results: group, differing }];
  });
}
