import type { Terminal } from "../terminal.ts";
import type { ScenarioProgress } from "./scenario-progress.ts";

/** A line that is drawn over itself. */
export interface LiveLine {
  /** Shows the progress, at most ten times a second. */
  show(progress: ScenarioProgress): void;
  /** Takes the line away, so that another can be written; the next `show` brings it back. */
  clear(): void;
}

/** Draws progress on a terminal that a person watches; does nothing elsewhere. */
export function liveLine(terminal: Terminal, now: () => number): LiveLine {
  let drawn = Number.NEGATIVE_INFINITY;
  let visible = false;
  if (!terminal.interactive) return { show: () => {}, clear: () => {} };
  return {
    show(progress) {
      if (now() - drawn < 100) return;
      drawn = now();
      visible = true;
      terminal.draw(`\r\x1b[K${progressWords(progress).slice(0, Math.max(20, terminal.columns() - 1))}`);
    },
    clear() {
      if (visible) terminal.draw("\r\x1b[K");
      visible = false;
      drawn = Number.NEGATIVE_INFINITY;
    },
  };
}

/** `lenet [########------------] 3/6 recursion, 0:12 left`. */
export function progressWords(progress: ScenarioProgress): string {
  const width = 20;
  const full = Math.round(progress.fraction * width);
  const bar = `${"#".repeat(full)}${"-".repeat(width - full)}`;
  const left = progress.secondsLeft === undefined ? "" : `, ${clock(progress.secondsLeft)} left`;
  const said = progress.message === "" || progress.message === progress.attack ? "" : ` (${progress.message})`;
  return `${progress.scenario} [${bar}] ${progress.trial}/${progress.trials} ${progress.attack}${said}${left}`;
}

/** Seconds as `m:ss`, or `h:mm:ss` where it takes longer. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (value: number): string => String(value).padStart(2, "0");
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}
