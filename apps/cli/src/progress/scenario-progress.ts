import type { AuditEvent } from "@recon/core";

/** How far a scenario is, for a line that a person watches. */
export interface ScenarioProgress {
  readonly scenario: string;
  /** Share of all trials and attacks, in [0, 1]. */
  readonly fraction: number;
  /** Trials begun, counted from 1, and in all. */
  readonly trial: number;
  readonly trials: number;
  /** Attack in progress, and what it says of itself. */
  readonly attack: string;
  readonly message: string;
  /** Seconds left at the pace so far; absent until there is a pace. */
  readonly secondsLeft?: number;
}

/** Follows the events of an audit; returns the progress of the scenario at hand after each, once one has begun. */
export function followProgress(now: () => number): (event: AuditEvent) => ScenarioProgress | undefined {
  let state:
    | { scenario: string; attacks: number; trials: number; trial: number; seen: string[]; started: number }
    | undefined;
  let share = 0;
  let attack = "";
  let message = "";
  return (event) => {
    if (event.kind === "scenario") {
      const { id, trials, attacks } = event.record;
      state = { scenario: id, attacks: Math.max(1, attacks.length), trials, trial: 0, seen: [], started: now() };
      [share, attack, message] = [0, "", ""];
    }
    if (state === undefined) return undefined;
    if (event.kind === "trial") {
      state = { ...state, trial: event.trial, seen: [] };
      [share, attack, message] = [0, "", ""];
    }
    if (event.kind === "progress") {
      if (!state.seen.includes(event.attack)) state.seen.push(event.attack);
      [share, attack, message] = [event.fraction, event.attack, event.message];
    }
    const done = Math.min(state.attacks - 1, Math.max(0, state.seen.length - 1)) + Math.min(1, Math.max(0, share));
    const fraction = Math.min(1, (state.trial + done / state.attacks) / state.trials);
    const spent = (now() - state.started) / 1000;
    return {
      scenario: state.scenario,
      fraction,
      trial: Math.min(state.trials, state.trial + 1),
      trials: state.trials,
      attack,
      message,
      // A pace from a first instant would promise anything.
      ...(fraction > 0.02 && spent > 0.5 ? { secondsLeft: (spent * (1 - fraction)) / fraction } : {}),
    };
  };
}
