import { createHash } from "node:crypto";
import { type RunContents, type RunRecord, readRunFolder } from "@recon/core";
import { footerSection } from "./footer-section.ts";
import { type Html, html, trusted } from "./html.ts";
import { formatCount } from "./number-format.ts";
import { pageStyle } from "./page-style.ts";
import { scenarioSection } from "./scenario-section.ts";
import { summarySection } from "./summary-section.ts";

/**
 * A run folder as one HTML page that needs nothing else: pictures and style are inside, there are no scripts, and a content
 * security policy forbids everything but that style and those pictures. Unfinished runs are shown with what was done.
 * Throws `run-not-found` and `run-invalid` as `readRunFolder` does.
 */
export async function renderReport(folder: string): Promise<string> {
  const contents = readRunFolder(folder);
  const { run } = contents;
  const styleHash = createHash("sha256").update(pageStyle).digest("base64");
  const policy = `default-src 'none'; style-src 'sha256-${styleHash}'; img-src data:; base-uri 'none'; form-action 'none'`;
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><meta name="generator" content="recon"><meta name="referrer" content="no-referrer">
<title>${run.title} – reconstruction audit</title><link rel="icon" href="data:,"><style>${trusted(pageStyle)}</style></head>
<body><header class="page"><p class="kicker">Reconstruction audit</p><h1>${run.title}</h1>
<p class="quiet"><time datetime="${run.created}">${day(run.created)}</time> · ${run.scenarios.length === 1 ? "1 scenario" : `${formatCount(run.scenarios.length)} scenarios`} · seed ${run.seed}</p></header>
<main>${statusNotice(contents)}${summarySection(folder, contents)}
${run.scenarios.map((scenario, index) => scenarioSection(folder, contents, scenario, index + 1))}</main>
${footerSection(run)}</body></html>
`;
  return page.html;
}

const notices: Readonly<Record<RunRecord["status"], string | undefined>> = {
  finished: undefined,
  interrupted: "This run was interrupted. The page shows what was done until then.",
  failed: "This run ended with an error. The page shows what was done until then.",
  running: "This run has not ended, or its process was killed. The page shows what was done so far.",
};

function statusNotice({ run, results, failures }: RunContents): Html | undefined {
  const notice = notices[run.status];
  if (notice === undefined) return undefined;
  const planned = run.scenarios.reduce((sum, { trials, batch, attacks }) => sum + trials * batch * attacks.length, 0);
  const failed = failures.length > 0 ? `, ${formatCount(failures.length)} failed trials` : "";
  return html`<p class="notice" role="status"><b>${notice}</b> ${formatCount(results.length)} of ${formatCount(planned)} item results planned in the scenarios that were started${failed}.</p>`;
}

function day(iso: string): string {
  return new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeZone: "UTC" }).format(new Date(iso));
}
