import type { Diagnosis } from "./diagnosis.ts";

/** What a diagnosis says, in a few sentences. */
export function summaryOf(diagnosis: Omit<Diagnosis, "summary">): string {
  const parts = [aboutBatch(diagnosis), aboutDetermination(diagnosis), aboutSolvers(diagnosis)];
  return parts.filter((part) => part !== undefined).join(" ");
}

/** Why the observation does not determine the data, as a clause for a verdict; undefined where the count does not exclude it. */
export function undeterminedClause({ determined, count, largestCountedBatch }: Diagnosis): string | undefined {
  if (determined !== "no") return undefined;
  const { batch, bound, unknowns } = count;
  const most =
    largestCountedBatch === 0
      ? "even a single sample has more"
      : `it could determine ${largestCountedBatch === 1 ? "a single sample" : `batches of ${largestCountedBatch}`} at most`;
  return `at batch size ${batch} it holds at most ${number(bound)} independent numbers about ${number(unknowns)} unknowns; ${most}`;
}

function aboutBatch({ batch: { size, source, finding } }: Omit<Diagnosis, "summary">): string | undefined {
  if (source === "told") {
    return finding.atLeast > size
      ? `The ranks show ${finding.atLeast} distinct inputs, more than the batch size of ${size} that was told.`
      : undefined;
  }
  if (source === "assumed") return "No rank shows how many samples there are; this is for one.";
  const samples = `${size} distinct sample${size === 1 ? "" : "s"}`;
  return finding.established
    ? `The ranks show ${samples}, and could have shown more.`
    : `The ranks show ${samples} at least; they cannot show more, so a mixture is not excluded.`;
}

function aboutDetermination(diagnosis: Omit<Diagnosis, "summary">): string {
  if (diagnosis.discrete === true) {
    return "The data are names from a list, so that counting numbers excludes nothing: what is determined shows in which names the ranks leave possible.";
  }
  const { count, determined, largestCountedBatch } = diagnosis;
  const { batch, bound, unknowns, losesAt } = count;
  const size = `B = ${batch}`;
  if (determined === "open") {
    const more = largestCountedBatch > batch ? `, and would up to B = ${largestCountedBatch}${atCap(diagnosis)}` : "";
    return `At ${size} the count allows the observation to determine all ${number(unknowns)} unknowns${more}.`;
  }
  const lost =
    losesAt === undefined ? "" : ` Going back from the loss, layer ${losesAt} is the first that loses information.`;
  const most =
    largestCountedBatch === 0 ? " Not even B = 1 is determined." : ` At most B = ${largestCountedBatch} could be.`;
  return `Not determined at ${size}: the observation holds at most ${number(bound)} independent numbers about ${number(unknowns)} unknowns, so that for almost every batch a surface of others, of dimension ${number(unknowns - bound)} or more, gives the same one.${lost}${most}`;
}

/** The search for the largest batch stops at 64. */
function atCap({ largestCountedBatch }: Omit<Diagnosis, "summary">): string {
  return largestCountedBatch === 64 ? " at least" : "";
}

function aboutSolvers({ solvers, determined }: Omit<Diagnosis, "summary">): string | undefined {
  if (solvers.length === 0) return undefined;
  const able = solvers.filter(({ applies }) => applies).map(({ solver }) => solver);
  if (able.length > 0 && determined === "no") return `${able.join(", ")} could start, but no solution can be exact.`;
  if (able.length > 0) return `Exact solvers that apply: ${able.join(", ")}.`;
  const would = solvers.filter((outlook) => outlook.would !== undefined);
  const hints = would.map((outlook) => `${outlook.solver} ${outlook.would}`).join("; ");
  return hints === "" ? "No exact solver applies." : `No exact solver applies; one would: ${hints}.`;
}

function number(value: number): string {
  return value.toLocaleString("en-US");
}
