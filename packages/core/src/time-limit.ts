/** A signal that fires when another one does or when the time is over. */
export interface TimeLimit {
  readonly signal: AbortSignal;
  /** Forgets the time; needed, so that nothing waits for it. */
  dispose(): void;
}

/**
 * A time limit in milliseconds beside a signal.
 *
 * `AbortSignal.any([signal, AbortSignal.timeout(ms)])` looks the same, but nothing holds on to the second of the two there: once it is collected as garbage, which long work
 * sees to, the limit never fires.
 */
export function timeLimit(signal: AbortSignal, milliseconds: number): TimeLimit {
  const controller = new AbortController();
  const stop = (): void => controller.abort(signal.reason);
  if (signal.aborted) stop();
  else signal.addEventListener("abort", stop, { once: true });
  const timer = setTimeout(() => {
    controller.abort(new DOMException(`The limit of ${milliseconds} ms is over.`, "TimeoutError"));
  }, milliseconds);
  return {
    signal: controller.signal,
    dispose: () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
    },
  };
}
