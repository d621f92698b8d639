/** What the command's exit code says; documented in the README of this package and in `recon --help`. */
export const exitCodes = {
  /** Everything that was asked for was done. */
  ok: 0,
  /** Something failed that no change of the arguments or files explains. */
  failed: 1,
  /** The arguments or files given are wrong; the message says which and how. */
  userError: 2,
  /** The audit ran to its end, but at least one trial could not be run or judged; or laws were tried and one is broken. */
  trialsFailed: 3,
  /** Stopped by Ctrl-C or by a request to terminate; what was done is kept. */
  interrupted: 130,
} as const;
