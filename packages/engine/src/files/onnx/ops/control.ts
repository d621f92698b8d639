/** Control flow that is decided at import. */
import type { Call, OpEntry } from "../call.ts";

/** One of two graphs, by a condition that shapes decide, as exporters write it for axes that may be of extent 1. */
export const control: readonly OpEntry[] = [
  {
    name: "If",
    since: 1,
    limits: "conditions known at import",
    translate: (call: Call) => call.branch(call.numbers(0, "the condition")[0] ? "then_branch" : "else_branch"),
  },
];
