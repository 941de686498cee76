import { createReadStream } from 'node:fs';
import { AppError } from '#shared/errors.ts';
import { treeMember, type TreeMember } from '../manifest.ts';

/*
 * Reading a list of members: one line at a time, so that a list of any length costs the memory of one.
 */

export type Member = TreeMember & {
  /** Raw bytes of the path, one per character: for comparing and as a key. */
  readonly key: string;
};

const longestLine = 64 * 1024;

/** What stands in a backup is not what its signed manifest says. `subject` is shown. */
export function mismatch(subject: string, cause: string): AppError {
  return new AppError('internal', 'The backup is not what its manifest says.', {
    reason: 'backup_mismatch',
    params: { subject: subject.slice(0, 300) },
    cause,
  });
}

/** Members in the order of the list. `only`: one path (UTF-8) and what lies below it. */
export async function* readMembers(path: string, only?: string): AsyncGenerator<Member> {
  const wanted = only === undefined ? undefined : Buffer.from(only, 'utf8').toString('latin1');
  for await (const line of linesOf(path)) {
    const member = parse(line);
    if (wanted === undefined || member.key === wanted || member.key.startsWith(`${wanted}/`)) yield member;
  }
}

async function* linesOf(path: string): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of createReadStream(path, { encoding: 'utf8', highWaterMark: 256 * 1024 })) {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > longestLine) throw mismatch('members', 'a line of the list is too long');
    yield* lines;
  }
  if (rest !== '') throw mismatch('members', 'the list does not end with a line end');
}

function parse(line: string): Member {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    throw mismatch('members', 'a line of the list is no JSON');
  }
  const parsed = treeMember.safeParse(json);
  if (!parsed.success) throw mismatch('members', 'a line of the list has another form');
  const key = Buffer.from(parsed.data.path, 'base64').toString('latin1');
  if (!isPlainPath(key)) throw mismatch(shownPath(key), 'a path of the list leads elsewhere');
  return { ...parsed.data, key };
}

function isPlainPath(key: string): boolean {
  if (key === '' || key.includes('\0')) return false;
  return key.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

/** As text; bytes that are not UTF-8 as U+FFFD. */
export function shownPath(key: string): string {
  return Buffer.from(key, 'latin1').toString('utf8');
}

export type Totals = { readonly count: number; readonly bytes: number };

export async function totalsOf(path: string, only?: string): Promise<Totals> {
  let count = 0;
  let bytes = 0;
  for await (const member of readMembers(path, only)) {
    count++;
    bytes += member.size ?? 0;
  }
  return { count, bytes };
}

/** The member of this very path; undefined when the list has none. */
export async function findMember(path: string, wanted: string): Promise<Member | undefined> {
  for await (const member of readMembers(path, wanted)) return member;
  return undefined;
}
