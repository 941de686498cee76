import type { SiteSpec } from '#shared/agent/sites.ts';
import type { Want } from '../core/steps.ts';
import type { SiteUser } from '../unix-users/users.ts';
import type { SiteRecord } from './site-records.ts';

/**
 * What serves a site beside nginx, in the same transaction: its files are checked, written, taken up, asked and taken
 * back together with nginx's. nginx is told only after `activate` of each has ended, so what its new text points to
 * answers already.
 */
export type Companion = {
  readonly wants: readonly Want[];
  /** SHA-256 of each file as we write it, by its path without prefix. */
  readonly files: Readonly<Record<string, string>>;
  /** Asks the real tool about the candidate; nothing has been written yet. */
  validate(): Promise<void>;
  /** Called again when the change is taken back, with the old files in place. */
  activate(): Promise<void>;
  probe(): Promise<void>;
  /** After the commit: work that waits until nginx has let go of the old state. */
  settle(hasLetGo: () => boolean): void;
};

export type CompanionInput = {
  readonly spec: SiteSpec;
  readonly user: SiteUser;
  readonly existing: SiteRecord | undefined;
  /** Somebody's own texts stay as they are. */
  readonly isKept: boolean;
  /** The time of the site is over: no program runs for it. */
  readonly isEnded: boolean;
  /** What does not answer takes the change back; false where files may still be missing. */
  readonly isGated: boolean;
  readonly deadlineAt: number;
};
