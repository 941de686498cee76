import type { Role } from '#shared/access.ts';

/** The signed-in person who asks. */
export type Actor = {
  readonly id: string;
  /** Sign-in name. */
  readonly name: string;
  readonly role: Role;
  readonly sessionId: string;
};
