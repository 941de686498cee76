import { AppError } from '#shared/errors.ts';
import type { DnsAccountRecord } from '#shared/dns-accounts.ts';
import { putFile, removeFile, Unsynced } from '../../core/files.ts';
import { findProgram, startProgram } from '../../core/run.ts';
import type { DnsRecord } from './records.ts';

/*
 * Dynamic updates (RFC 2136) by nsupdate of BIND, signed with a key (TSIG). The key stands in a file of root's for the time of
 * one call: in no argument and no environment.
 */

type Primary = Extract<DnsAccountRecord, { kind: 'rfc2136' }>;

const patienceSeconds = 20;
const ttl = 60;

export const nsupdate = (): string | undefined => findProgram('nsupdate');

/** `change`: adding is repeatable, and removing takes just this record. */
export async function updateByRfc2136(
  change: 'add' | 'delete',
  { server, port, keyName, algorithm, secret }: Primary,
  { name, value }: DnsRecord,
  keyPath: string,
): Promise<void> {
  const program = nsupdate();
  if (program === undefined) throw new AppError('in_use', 'nsupdate is missing.', { reason: 'dns_tool_missing' });
  const unsynced = new Unsynced();
  const key = `key "${keyName}" {\n  algorithm ${algorithm};\n  secret "${secret}";\n};\n`;
  putFile(keyPath, Buffer.from(key), { mode: 0o600 }, 'key', unsynced);
  unsynced.drop();
  try {
    const args = ['-v', '-t', String(patienceSeconds), '-k', keyPath];
    const running = startProgram(program, args, { stdin: 'pipe', timeoutMs: (patienceSeconds + 10) * 1000 });
    running.stdout.resume();
    const rest = change === 'add' ? `${ttl} IN TXT "${value}"` : `IN TXT "${value}"`;
    running.stdin.end(`server ${server} ${port}\nupdate ${change} ${name}. ${rest}\nsend\n`);
    const { code, stderr } = await running.ended;
    if (code !== 0) throw refusal(stderr, name);
  } finally {
    removeFile(keyPath);
  }
}

function refusal(words: string, name: string): AppError {
  if (/BADKEY|BADSIG|BADTIME|NOTAUTH|tsig|expected opcode/i.test(words))
    return new AppError('in_use', 'The server does not accept the key.', { reason: 'dns_credentials' });
  if (/could not reach any|Communication with|couldn't get address|timed out/i.test(words))
    return new AppError('in_use', 'The DNS server cannot be reached.', { reason: 'dns_unreachable' });
  if (/REFUSED|NOTZONE|NXDOMAIN|could not find enclosing zone/i.test(words))
    return new AppError('in_use', 'The server changes no zone of this name.', {
      reason: 'dns_zone_unknown',
      params: { host: name.replace(/^_acme-challenge\./, '') },
    });
  const message = words.trim().split('\n').at(-1) ?? '';
  return new AppError('in_use', 'The DNS server did not do it.', {
    reason: 'dns_failed',
    params: { message: message.replace(/[\u0000-\u001f\u007f]/g, ' ').slice(0, 300) },
  });
}
