import type { Slot } from './apps.paths.ts';

/** What the agent itself knows of an application, besides its facts. */
export type AppRecord = {
  readonly slot: Slot;
  /** Of both places, the first of a run where there are several instances; null: it listens on a port that was given, or on its socket. */
  readonly ports: { readonly a: number; readonly b: number } | null;
  /** It was started, and not stopped since. */
  readonly isOn: boolean;
  /** Another one each time that it is started anew. */
  readonly nonce: string;
  /** Of the facts with which it was started. */
  readonly sum: string;
};
