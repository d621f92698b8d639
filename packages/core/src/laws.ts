/** The laws of `@recon/core/testing` for whole plugins, without a test runner: what `recon laws` runs. */
export type { LawSetting } from "./testing/plugin/suite.ts";
export { type LawOutcome, type PieceOutcome, tryPlugin } from "./testing/plugin/try-plugin.ts";
