import type { Finding } from "./finding.ts";
import { type Leak, leakOf } from "./leak.ts";
import { formatCount } from "./number-format.ts";

/** What a finding means to the owner of the data. There is no tone for "safe": no attack can show that. */
export interface Meaning {
  readonly tone: "exposed" | "leaking" | "open";
  readonly headline: string;
  readonly sentences: readonly string[];
}

const caution =
  "An attack that fails is not proof of safety: it shows what this attack reached with this knowledge and this budget. A stronger attack, more knowledge or more observations of the same data may reach further.";

const oracle =
  "The attack was shown the originals, to match its reconstructions with them. Its scores say nothing about a real attacker.";

/** Says in plain words what follows from a finding, and what does not. */
export function meaning(finding: Finding): Meaning {
  const { results, attempted, recovered } = finding;
  if (results.length === 0) {
    const why =
      finding.failures.length > 0 ? "Every trial of this attack failed before it had a result." : "No item was done.";
    return { tone: "open", headline: "Nothing was measured.", sentences: [why, caution] };
  }
  if (results.some((result) => result.given.includes("trueMatching")))
    return { tone: "open", headline: "A debugging run.", sentences: [oracle] };
  if (recovered > 0) return proven(finding, recovered === attempted);
  return unproven(finding);
}

function proven(finding: Finding, all: boolean): Meaning {
  const { results, attempted, recovered } = finding;
  const done = results.filter((result) => result.verdict === "recovered");
  const exact = done.every((result) => result.certificate === "exact");
  const proof = exact
    ? "The proof needs no access to the originals: an algebraic identity leaves no other answer, apart from the order of the examples and symmetries of the model."
    : "The proof needs no access to the originals: the reconstruction explains the whole observation, and no other answer nearby does.";
  if (all) {
    return {
      tone: "exposed",
      headline: "The data can be read back.",
      sentences: [
        `${attempted === 1 ? "The one item was" : `All ${items(attempted)} were`} reconstructed, with proof. ${proof}`,
        "Whoever sees this observation holds the data. Sharing it is sharing the data itself.",
      ],
    };
  }
  const rest = leakOf(finding);
  return {
    tone: "exposed",
    headline: "Part of the data can be read back.",
    sentences: [
      `${formatCount(recovered)} of ${formatCount(attempted)} items were reconstructed with proof. ${proof}`,
      "For their owners, sharing this observation is sharing the data. That the others were not proven is no promise for them.",
      ...(rest === undefined ? [] : [rest.sentence]),
    ],
  };
}

function unproven(finding: Finding): Meaning {
  const { results } = finding;
  const undetermined = results.every((result) => result.verdict === "not identifiable");
  const consistent = results.filter((result) => result.certificate === "consistent").length;
  const measured = leakOf(finding);
  const explains =
    consistent > 0
      ? [
          `${formatCount(consistent)} of ${formatCount(results.length)} reconstructions reproduce the observation to its precision, so that an attacker has good reason to believe them, though not proof that no other answer fits.`,
        ]
      : ["No reconstruction proves itself: an attacker without the originals cannot tell how good it is."];
  const undeterminedSentence = undetermined
    ? [
        "By the diagnosis, the observation does not determine the data for someone who knows what this attacker knew. More knowledge can change that.",
      ]
    : [];
  if (measured === undefined) {
    const headline = consistent > 0 ? "The observation may give the data away." : "No leak was shown.";
    const missing = "There were no originals, or no floor, to compare with, so that the leak could not be measured.";
    return {
      tone: consistent > 0 ? "leaking" : "open",
      headline,
      sentences: [...explains, ...undeterminedSentence, missing, caution],
    };
  }
  const { level, sentence } = measured;
  const [tone, headline] = unprovenHeadlines[level];
  const after = consequences[level] ?? caution;
  return { tone, headline, sentences: [sentence, ...explains, ...undeterminedSentence, after] };
}

const unprovenHeadlines: Readonly<Record<Leak["level"], readonly [Meaning["tone"], string]>> = {
  complete: ["exposed", "The data comes back, equal up to rounding."],
  established: ["leaking", "The observation leaks."],
  likely: ["leaking", "The observation seems to leak."],
  possible: ["open", "A leak was not established."],
  none: ["open", "This attack found no leak."],
};

const exceeding = "What exceeds the floor came out of the observation. A stronger attack can only find more.";

const consequences: Readonly<Partial<Record<Leak["level"], string>>> = {
  complete: "Sharing this observation is, in effect, sharing the data itself.",
  established: exceeding,
  likely: exceeding,
};

function items(n: number): string {
  return n === 1 ? "1 item" : `${formatCount(n)} items`;
}
