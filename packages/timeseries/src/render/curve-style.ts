/**
 * Colours and strokes of charts on light and on dark. The truth is a broad pale line under the thin reconstruction, so that both are seen where they
 * agree; a floor is dashed. They differ in width and dashes too, for eyes and printers that see no colour.
 */
export const curveStyle: string = [
  "text{font:13px -apple-system,'Segoe UI',Roboto,'Liberation Sans',Arial,sans-serif;fill:#56606d}",
  ".end{text-anchor:end}.middle{text-anchor:middle}.strong{fill:#1b2430;font-weight:600}",
  ".grid{stroke:#dedbd3;fill:none}.now{stroke:#56606d;stroke-dasharray:2 3;fill:none}",
  ".truth,.estimate,.floor{fill:none;stroke-linejoin:round;stroke-linecap:round}",
  ".truth{stroke:#7fa6d1;stroke-width:5}.estimate{stroke:#9b1c22;stroke-width:1.7}",
  ".floor{stroke:#6b7480;stroke-width:1.5;stroke-dasharray:5 4;stroke-linecap:butt}.band{fill:#9b1c22;opacity:.17;stroke:none}",
  "@media (prefers-color-scheme:dark){text{fill:#a2acb8}.strong{fill:#e7e9ec}.grid{stroke:#343c46}.now{stroke:#a2acb8}",
  ".truth{stroke:#3f78b5}.estimate{stroke:#ff9d96}.floor{stroke:#9aa4b0}.band{fill:#ff9d96;opacity:.22}}",
].join("");
