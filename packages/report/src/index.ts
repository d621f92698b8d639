export { renderReport } from "./render-report.ts";
export { writeReport } from "./write-report.ts";
