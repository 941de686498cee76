import type { Readable } from 'node:stream';
import type { Permission } from '#shared/access.ts';
import { AppError } from '#shared/errors.ts';

/** Who asks, and until when the answer is of use. */
export type Call = {
  readonly actor: { readonly id: string; readonly name: string };
  readonly requestId: string;
  /** Epoch ms. */
  readonly deadlineAt: number;
  /** A ticket for exactly this action with exactly these parameters came with it, and is used up now. */
  readonly isElevated: boolean;
  /** Whoever asked has gone away: for work that is of no use without them. Absent: nobody can tell. */
  readonly signal?: AbortSignal;
  /** What the register says of the acting person, and of the token they act with. True for the panel itself. */
  readonly may: (permission: Permission) => boolean;
  /** Of an action that takes bytes. It need not be read to its end. */
  readonly bytes?: Readable;
  /** Of an action that gives bytes: they follow its answer. */
  readonly giveBytes?: (bytes: Readable) => void;
};

/**
 * For actions whose danger depends on what they would change. Throws `elevation_required` without a ticket, and
 * `not_allowed` when the person lacks the further permission that this change needs.
 */
export function requireTicket({ isElevated, may }: Call, permission?: Permission): void {
  if (!isElevated) throw new AppError('elevation_required', 'This needs a fresh factor.');
  if (permission !== undefined && !may(permission))
    throw new AppError('not_allowed', `This needs the permission ${permission}.`);
}
