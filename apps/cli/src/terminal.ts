/** Where a command reads its surroundings and writes its words; a test passes its own. */
export interface Terminal {
  /** Working directory: files, packages and run folders are resolved from here. */
  readonly cwd: string;
  /** One line of results to standard output. */
  out(line: string): void;
  /** One line for people to standard error. */
  say(line: string): void;
  /** Text to standard error as it is, for a line that is drawn again and again. */
  draw(text: string): void;
  /** Whether a person watches standard error, so that lines may be drawn over. */
  readonly interactive: boolean;
  /** Width in characters. */
  columns(): number;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}
