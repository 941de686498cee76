import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { AppError, type FieldError } from '#shared/errors.ts';
import type { SiteSpec } from '#shared/agent/sites.ts';
import { id, idPattern } from '#shared/http.ts';
import type { Call } from '../core/call.ts';
import { makeFolders, putFile, readText, removeFile, sha256, Unsynced } from '../core/files.ts';
import { findGroup, listAccounts, type Machine } from '../core/machine.ts';
import { hashPassword } from '../core/sha512-crypt.ts';
import type { Want } from '../core/steps.ts';
import { passwordFile } from '../nginx/nginx.behaviour-passwords.ts';
import { shownPath } from '../nginx/nginx.check.ts';
import { mainFacts, nginxPaths } from '../nginx/nginx.files.ts';
import { newChangeId } from '../nginx/nginx.isolate.ts';
import type { Companion, CompanionInput } from './site-companion.ts';
import { allRecords, selfOwner, type SiteRecord } from './site-records.ts';

/*
 * Passwords of visitors. A site's facts name them by id only; here is what each id stands for: a hash, never changed and
 * never told. So the history holds nothing that is worth stealing, and an older state still has its passwords.
 */

const keptForm = z.array(z.strictObject({ id, hash: z.string(), at: z.number() }));
type Kept = z.infer<typeof keptForm>;

/** So many of one site; beyond that the oldest go that the site does not use. */
const mostKept = 500;

export function passwordsFolder({ stateFolder }: Pick<Machine, 'stateFolder'>): string {
  return `${stateFolder}/site-passwords`;
}

function readKept(machine: Pick<Machine, 'stateFolder'>, siteId: string): Kept {
  if (!idPattern.test(siteId)) throw new TypeError('no id of a site');
  const text = readText(`${passwordsFolder(machine)}/${siteId}.json`);
  return text === undefined ? [] : keptForm.parse(JSON.parse(text));
}

/** Keeps a password of a site's visitors; answers the id that stands for it. */
export async function keepPassword(
  machine: Machine,
  { siteId, password }: { readonly siteId: string; readonly password: string },
  { deadlineAt }: Pick<Call, 'deadlineAt'>,
): Promise<{ passwordId: string }> {
  const record = [...allRecords(machine).values()].find((each) => each.siteId === siteId);
  if (record === undefined) throw new AppError('not_found', 'There is no such site.', { reason: 'site_unknown' });
  const hash = hashPassword(password);
  return await machine.locks.hold('site-passwords', deadlineAt, async () => {
    const fresh = { id: newChangeId(), hash, at: machine.now() };
    const used = new Set(idsIn(record.settings?.behaviour?.passwords ?? []));
    const all = [...readKept(machine, siteId), fresh];
    const spare = all
      .filter((each) => each !== fresh && !used.has(each.id))
      .slice(0, Math.max(0, all.length - mostKept));
    await writeKept(
      machine,
      siteId,
      all.filter((each) => !spare.includes(each)),
    );
    return { passwordId: fresh.id };
  });
}

async function writeKept(machine: Machine, siteId: string, kept: Kept): Promise<void> {
  makeFolders(passwordsFolder(machine));
  const unsynced = new Unsynced();
  const path = `${passwordsFolder(machine)}/${siteId}.json`;
  putFile(path, Buffer.from(JSON.stringify(kept)), { mode: 0o600 }, 'keep', unsynced);
  await unsynced.flush();
}

function idsIn(rules: SiteSpec['behaviour']['passwords']): string[] {
  return rules.flatMap(({ users }) => users.map(({ passwordId }) => passwordId));
}

/**
 * Before a site comes back on another machine: what this one does not know becomes a password that nobody knows. The path
 * stays locked until somebody sets a new one. Answers how many.
 */
export async function lockLostPasswords(machine: Machine, spec: SiteSpec): Promise<number> {
  const kept = readKept(machine, spec.siteId);
  const lost = new Set(idsIn(spec.behaviour.passwords)).difference(new Set(kept.map((each) => each.id)));
  if (lost.size === 0) return 0;
  const hash = hashPassword(randomBytes(32).toString('hex'));
  await writeKept(machine, spec.siteId, [...kept, ...[...lost].map((each) => ({ id: each, hash, at: machine.now() }))]);
  return lost.size;
}

/** The passwords that a site's rules name, from those of another: its copy asks for the same ones. */
export async function carryPasswords(machine: Machine, fromSiteId: string, spec: SiteSpec): Promise<void> {
  const wanted = new Set(idsIn(spec.behaviour.passwords));
  if (wanted.size === 0) return;
  const kept = readKept(machine, spec.siteId);
  const there = new Set(kept.map((each) => each.id));
  const carried = readKept(machine, fromSiteId).filter((each) => wanted.has(each.id) && !there.has(each.id));
  if (carried.length > 0) await writeKept(machine, spec.siteId, [...kept, ...carried]);
}

/** Of a site that was never made. */
export function dropPasswords(machine: Pick<Machine, 'stateFolder'>, siteId: string): void {
  if (!idPattern.test(siteId)) throw new TypeError('no id of a site');
  removeFile(`${passwordsFolder(machine)}/${siteId}.json`);
}

type PasswordFile = { readonly path: string; readonly shown: string; readonly text: string };

/** What nginx reads, a file for each locked path. Throws `invalid_request` for a password that nobody knows. */
function filesOf(machine: Machine, spec: SiteSpec): PasswordFile[] {
  const { passwords } = spec.behaviour;
  if (passwords.length === 0) return [];
  const hashes = new Map(readKept(machine, spec.siteId).map((each) => [each.id, each.hash]));
  const fields: FieldError[] = [];
  const files = passwords.map((rule, index) => {
    const lines = rule.users.map(({ name, passwordId }, at) => {
      const hash = hashes.get(passwordId);
      const field = `behaviour.passwords.${index}.users.${at}.passwordId`;
      if (hash === undefined) fields.push({ field, code: 'site_password_unknown' });
      return `${name}:${hash ?? ''}\n`;
    });
    const path = passwordFile(machine.prefix, spec, rule.path);
    return { path, shown: shownPath(path, machine.prefix), text: lines.join('') };
  });
  if (fields.length > 0)
    throw new AppError('invalid_request', 'A password is not known on this machine: set it again.', { fields });
  return files;
}

/** Everything of the files that counts for whether they are as we would write them. */
export function passwordTexts(machine: Machine, spec: SiteSpec): string {
  return filesOf(machine, spec)
    .map(({ shown, text }) => `${shown}\n${text}`)
    .join('');
}

/** Paths without prefix of the files that a site has on the machine, by its record. */
export function passwordFilesIn(record: Pick<SiteRecord, 'files' | 'siteId'> | undefined): string[] {
  if (record === undefined) return [];
  const begin = `${nginxPaths('').passwords}/`;
  return Object.keys(record.files).filter((path) => path.startsWith(begin));
}

/** What we would write into the file of this path without prefix. */
export function passwordText(machine: Machine, spec: SiteSpec, shown: string): string {
  return filesOf(machine, spec).find((file) => file.shown === shown)?.text ?? '';
}

/** A file of hashes as it may be shown: whose lines they are, and which of them are not among ours. */
export function maskPasswords(text: string, ourText: string): string {
  const ours = new Set(ourText.split('\n'));
  return text
    .split('\n')
    .map((line) => {
      if (line === '') return line;
      return `${line.replace(/:[\s\S]*$/, '').slice(0, 80)}:${ours.has(line) ? '***' : '*** (changed by hand)'}`;
    })
    .join('\n');
}

/** nginx reads these files anew with each request, as its own user; nobody else may. */
export function createPasswordCompanion(machine: Machine, { spec, existing, isKept }: CompanionInput): Companion {
  const files = isKept ? [] : filesOf(machine, spec);
  const old = passwordFilesIn(existing).filter((path) => !files.some(({ shown }) => shown === path));
  const looks = { uid: selfOwner(machine).uid, gid: nginxGroup(machine) };
  const { passwords } = nginxPaths(machine.prefix);
  const nothing = (): Promise<void> => Promise.resolve();
  return {
    wants: isKept
      ? []
      : [
          ...(files.length === 0 ? [] : [{ kind: 'folder', path: passwords, mode: 0o750, ...looks } as const]),
          ...files.map(
            ({ path, text }): Want => ({ kind: 'file', path, bytes: Buffer.from(text), mode: 0o640, ...looks }),
          ),
          ...old.map((path): Want => ({ kind: 'remove', path: machine.prefix + path })),
        ],
    files: Object.fromEntries(files.map(({ shown, text }) => [shown, sha256(text)])),
    validate: nothing,
    activate: nothing,
    probe: nothing,
    settle: () => undefined,
  };
}

function nginxGroup(machine: Machine): number {
  if (!machine.isRoot) return selfOwner(machine).gid;
  const name = mainFacts(machine.prefix).user;
  return listAccounts().find((account) => account.name === name)?.gid ?? findGroup('www-data') ?? 0;
}
