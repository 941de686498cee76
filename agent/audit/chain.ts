import { createHmac } from 'node:crypto';
import { z } from 'zod';
import { auditLine, type AuditLine } from '#shared/agent/audit.ts';
import { canonicalJson } from '#shared/agent/people.ts';

/*
 * The chain of the audit log: every line carries the HMAC of itself and of the line before. Pure functions.
 */

export type Unsealed = Omit<AuditLine, 'mac'>;

/** Before the first line. */
export const firstMac = '0'.repeat(64);

/** HMAC-SHA256 of the line (canonical JSON without `mac`) and of the MAC before it, hex. */
export function macOf(key: Buffer, line: Unsealed, before: string): string {
  return createHmac('sha256', key)
    .update(`line\n${before}\n${canonicalJson(line)}`)
    .digest('hex');
}

export function seal(key: Buffer, line: Unsealed, before: string): AuditLine {
  return { ...line, mac: macOf(key, line, before) };
}

/** One line of a file, without its end; undefined when it is none of ours. */
export function readLine(text: string): AuditLine | undefined {
  try {
    return auditLine.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

export function isSealed(key: Buffer, { mac, ...line }: AuditLine, before: string): boolean {
  return macOf(key, line, before) === mac;
}

/**
 * Where the chain ends, kept beside it so that a log whose end was cut off is found. `lostAt`: the head itself was gone
 * once, when the next line had this number.
 */
export type Head = { readonly sequence: number; readonly mac: string; readonly lostAt: number | null };

const headForm = z.object({
  sequence: z.int().min(0),
  mac: z.string(),
  lostAt: z.int().nullable(),
  check: z.string(),
});

const headBytes = 256;

/** Always of one length: written in place, so that a full disk or a power cut cannot make it shorter. */
export function renderHead(key: Buffer, head: Head): string {
  return `${JSON.stringify({ ...head, check: headCheck(key, head) }).padEnd(headBytes - 1)}\n`;
}

/** undefined when it is missing or not ours. */
export function readHead(key: Buffer, text: string | undefined): Head | undefined {
  try {
    const { check, ...head } = headForm.parse(JSON.parse(text ?? ''));
    return check === headCheck(key, head) ? head : undefined;
  } catch {
    return undefined;
  }
}

function headCheck(key: Buffer, { sequence, mac, lostAt }: Head): string {
  return createHmac('sha256', key)
    .update(`head\n${sequence}\n${mac}\n${lostAt ?? ''}`)
    .digest('hex');
}
