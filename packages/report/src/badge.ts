import type { ResultRecord } from "@recon/core";
import { type Html, html } from "./html.ts";

/** A verdict as a badge; its class is the verdict with dashes. */
export function verdictBadge(verdict: ResultRecord["verdict"], count?: string): Html {
  const words = count === undefined ? verdict : `${count} ${verdict}`;
  return html`<span class="badge ${verdict.replaceAll(" ", "-")}">${words}</span>`;
}

/** The verdicts of several items: one badge where all agree, counts otherwise. */
export function verdictBadges(results: readonly ResultRecord[]): Html {
  const counts = new Map<ResultRecord["verdict"], number>();
  for (const { verdict } of results) counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  if (counts.size === 0) return html`<span class="badge none">no result</span>`;
  const single = counts.size === 1;
  return html`<span class="badges">${[...counts].map(([verdict, n]) => verdictBadge(verdict, single ? undefined : String(n)))}</span>`;
}

/** A certificate level in words. */
export function certificateWords(level: ResultRecord["certificate"]): string {
  return level === "none" ? "no certificate" : level;
}
