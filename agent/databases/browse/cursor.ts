import { createHash } from 'node:crypto';
import { z } from 'zod';
import { AppError } from '#shared/errors.ts';
import type { Machine } from '../../core/machine.ts';
import { seal, unseal } from '../seal.ts';

type Where = Pick<Machine, 'stateFolder'>;

/* Where a page begins is a row's key, which may be anybody's address: it travels sealed, and only fits the same question. */

const purpose = (about: string): string => `cursor ${createHash('sha256').update(about).digest('hex')}`;

export function sealCursor(where: Where, about: string, key: readonly (string | null)[]): Promise<string> {
  return seal(where, purpose(about), JSON.stringify(key));
}

/** Throws `database_cursor_invalid` for one that was made up, or made for something else. */
export async function openCursor(where: Where, about: string, cursor: string): Promise<(string | null)[]> {
  try {
    return z.array(z.string().nullable()).parse(JSON.parse(await unseal(where, purpose(about), cursor)));
  } catch (cause) {
    throw new AppError('invalid_request', 'This page is not to be had any more.', {
      reason: 'database_cursor_invalid',
      cause,
    });
  }
}
