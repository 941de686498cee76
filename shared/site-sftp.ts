import { z } from 'zod';
import { line } from './http.ts';

/** Public keys at most of one site. */
export const maxSshKeys = 20;

/** Kinds of keys with the length of what follows the kind; `sk-`: kept in a security key. */
const curves: Readonly<Record<string, number>> = { nistp256: 65, nistp384: 97, nistp521: 133 };
const leastRsaBits = 3_072;
const mostRsaBits = 16_384;

export type ParsedSshKey = { readonly ok: true; readonly key: string } | { readonly ok: false; readonly code: string };

/**
 * Reads one line of a public key as `ssh-keygen` writes it, without the name behind it: `<kind> <base64>`. What stands before
 * the kind are options of an authorized_keys file: refused. The code is one of `errors.fields`.
 */
export function parseSshKey(input: string): ParsedSshKey {
  const text = input.trim();
  if (text.includes('PRIVATE KEY')) return { ok: false, code: 'ssh_key_private' };
  const [kind = '', data = ''] = text.split(/[ \t]+/);
  const bytes = /[\r\n\0]/.test(text) ? undefined : bytesOf(data);
  if (bytes === undefined) return { ok: false, code: 'ssh_key_invalid' };
  const parts = partsOf(bytes);
  if (parts === undefined || textOf(parts[0]) !== kind) return { ok: false, code: 'ssh_key_invalid' };
  const code = faultOf(kind, parts.slice(1));
  return code === undefined ? { ok: true, key: `${kind} ${data}` } : { ok: false, code };
}

function bytesOf(data: string): Uint8Array | undefined {
  if (!/^[A-Za-z0-9+/]{16,6000}={0,2}$/.test(data)) return undefined;
  try {
    const bytes = Uint8Array.from(atob(data), (char) => char.charCodeAt(0));
    // The one way to write these bytes: two texts are never one key.
    return btoa(String.fromCharCode(...bytes)) === data ? bytes : undefined;
  } catch {
    return undefined;
  }
}

/** Each with four bytes of length before it; undefined when that does not come out even. */
function partsOf(bytes: Uint8Array): Uint8Array[] | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (at + 4 > bytes.length) return undefined;
    const end = at + 4 + view.getUint32(at);
    if (end > bytes.length) return undefined;
    parts.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return parts;
}

const textOf = (bytes: Uint8Array | undefined): string => String.fromCharCode(...(bytes ?? []));

function faultOf(kind: string, parts: readonly Uint8Array[]): string | undefined {
  const [first, second, third] = parts;
  const curve = /^ecdsa-sha2-(nistp\d{3})$/.exec(kind)?.[1];
  const isPoint = (bytes: Uint8Array | undefined, name: string): boolean =>
    bytes?.length === curves[name] && bytes?.[0] === 4;
  if (kind === 'ssh-ed25519') return parts.length === 1 && first?.length === 32 ? undefined : 'ssh_key_invalid';
  if (curve !== undefined)
    return parts.length === 2 && textOf(first) === curve && isPoint(second, curve) ? undefined : 'ssh_key_invalid';
  if (kind === 'sk-ssh-ed25519@openssh.com')
    return parts.length === 2 && first?.length === 32 && isApplication(second) ? undefined : 'ssh_key_invalid';
  if (kind === 'sk-ecdsa-sha2-nistp256@openssh.com')
    return parts.length === 3 && textOf(first) === 'nistp256' && isPoint(second, 'nistp256') && isApplication(third)
      ? undefined
      : 'ssh_key_invalid';
  if (kind !== 'ssh-rsa') return 'ssh_key_kind';
  if (parts.length !== 2 || first === undefined || second === undefined) return 'ssh_key_invalid';
  const bits = bitsOf(second);
  if (bitsOf(first) < 2 || bitsOf(first) > 64 || bits > mostRsaBits) return 'ssh_key_invalid';
  return bits < leastRsaBits ? 'ssh_key_weak' : undefined;
}

const isApplication = (bytes: Uint8Array | undefined): boolean => /^[\x21-\x7e]{1,255}$/.test(textOf(bytes));

/** Of a number as SSH writes it: a zero before a first bit that is set. */
function bitsOf(number: Uint8Array): number {
  const start = number.findIndex((byte) => byte !== 0);
  return start === -1 ? 0 : (number.length - start) * 8 - Math.clz32(number[start] ?? 0) + 24;
}

const sshKey = z
  .string()
  .max(6_100)
  .superRefine((text, context) => {
    const parsed = parseSshKey(text);
    if (!parsed.ok) context.addIssue({ code: 'custom', message: parsed.code });
    else if (parsed.key !== text) context.addIssue({ code: 'custom', message: 'ssh_key_invalid' });
  });

/** Who may come to the files of a site by SFTP: holders of these keys, and nobody by a password. */
export const siteSftp = z.strictObject({
  keys: z
    .array(z.strictObject({ name: line(60, 1), key: sshKey }))
    .max(maxSshKeys)
    .refine((keys) => new Set(keys.map(({ key }) => key)).size === keys.length, { error: 'ssh_key_twice' })
    .default([]),
});
export type SiteSftp = z.infer<typeof siteSftp>;
