/** An error a user can act on: what happened, where, and what to do. `code` is stable; the message is for people. */
export class ReconError extends Error {
  readonly code: string;
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "ReconError";
    this.code = code;
  }
}
