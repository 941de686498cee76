import { hostname } from 'node:os';
import { readText } from '../core/files.ts';
import type { Machine } from '../core/machine.ts';

/** The name for the next start where it is known: what the kernel says to our own unit is that of the unit's start. */
export function nameNow({ prefix, hasSystemd }: Pick<Machine, 'prefix' | 'hasSystemd'>): string {
  const text = prefix !== '' || hasSystemd ? (readText(`${prefix}/etc/hostname`) ?? '').trim() : '';
  return text === '' && prefix === '' ? hostname() : text;
}
