import type { SiteSpec } from '#shared/agent/sites.ts';
import { requireTicket, type Call } from '../core/call.ts';
import { sha256 } from '../core/files.ts';
import { listAccounts, type Machine } from '../core/machine.ts';
import type { Want } from '../core/steps.ts';
import type { Companion, CompanionInput } from '../sites/site-companion.ts';
import { selfOwner, type SiteRecord } from '../sites/site-records.ts';
import { checkEffective, checkSshd, endSessions, hasServer, reloadSshd } from './sftp.daemon.ts';
import {
  commonFile,
  dropIn,
  forceCommand,
  keysFile,
  keysFolder,
  renderCommonAccess,
  renderKeys,
  renderSiteAccess,
} from './sftp.render.ts';

/** Files of a site's access, by path without prefix; none where nobody has a key. */
export function sftpTexts({ sftp, root }: Pick<SiteSpec, 'sftp' | 'root'>, user: string): Record<string, string> {
  if (sftp.keys.length === 0) return {};
  return { [keysFile(user)]: renderKeys(sftp.keys), [dropIn(user)]: renderSiteAccess({ user, root }) };
}

/** Paths without prefix of those files that a site has, by its record. */
export function sftpFilesIn(record: Pick<SiteRecord, 'files' | 'linuxUser'> | undefined): string[] {
  if (record === undefined || record.linuxUser === '') return [];
  return [keysFile(record.linuxUser), dropIn(record.linuxUser)].filter((path) => Object.hasOwn(record.files, path));
}

/** Who gets a key gets all files of the site: another one than is in place needs a ticket. */
export function checkKeys({ sftp }: SiteSpec, existing: SiteRecord | undefined, call: Call): void {
  const known = new Set((existing?.settings?.sftp?.keys ?? []).map(({ key }) => key));
  if (sftp.keys.some(({ key }) => !known.has(key))) requireTicket(call);
}

export function sftpRemovals({ prefix }: Machine, record: SiteRecord | undefined): Want[] {
  return sftpFilesIn(record).map((path) => ({ kind: 'remove', path: prefix + path, shownAs: path }));
}

/** After a site is gone: nobody stays in its files. */
export async function dropAccess(machine: Machine, record: SiteRecord | undefined): Promise<void> {
  if (sftpFilesIn(record).length === 0) return;
  reloadSshd(machine.prefix);
  if (machine.isRoot && record !== undefined && record.uid !== null) await endSessions(record.uid);
}

export function createSftpCompanion(
  machine: Machine,
  { spec, user, existing, isKept, isGated }: CompanionInput,
): Companion {
  const { prefix } = machine;
  const texts = isKept ? {} : sftpTexts(spec, user.name);
  const hasKeys = Object.keys(texts).length > 0;
  const old = isKept ? [] : sftpFilesIn(existing).filter((path) => !Object.hasOwn(texts, path));
  const before = new Set((existing?.settings?.sftp?.keys ?? []).map(({ key }) => key));
  const isFewer = spec.sftp.keys.length < before.size || [...before].some((key) => !isIn(spec, key));
  const isOther =
    old.length > 0 || (hasKeys && existing?.files[dropIn(user.name)] !== sha256(texts[dropIn(user.name)] ?? ''));
  const isTouched =
    isOther || (hasKeys && existing?.files[keysFile(user.name)] !== sha256(texts[keysFile(user.name)] ?? ''));
  // A site that comes back to a machine without an SSH server comes back without its access.
  const isChecked = hasKeys && isTouched && isGated;
  let isBegun = false;
  const owner = selfOwner(machine);
  const group = listAccounts().find(({ name }) => name === user.name)?.gid ?? owner.gid;
  const file = (path: string, text: string, mode: number, gid: number): Want => ({
    kind: 'file',
    path: prefix + path,
    bytes: Buffer.from(text),
    mode,
    uid: owner.uid,
    gid,
    shownAs: path,
  });
  const folder = (path: string): Want => ({ kind: 'folder', path: prefix + path, mode: 0o755, ...owner });
  return {
    wants: [
      ...(hasKeys
        ? [
            folder('/etc/ssh'),
            folder('/etc/ssh/sshd_config.d'),
            folder(keysFolder),
            file(commonFile, renderCommonAccess(), 0o644, owner.gid),
          ]
        : []),
      // sshd reads keys as the user whom they let in.
      ...Object.entries(texts).map(([path, text]) =>
        path === keysFile(user.name) ? file(path, text, 0o640, group) : file(path, text, 0o644, owner.gid),
      ),
      ...old.map((path): Want => ({ kind: 'remove', path: prefix + path, shownAs: path })),
    ],
    files: Object.fromEntries(Object.entries(texts).map(([path, text]) => [path, sha256(text)])),
    async validate() {
      if (isChecked) await checkSshd(prefix, 'sftp_sshd_broken');
    },
    async activate() {
      const isForward = !isBegun;
      isBegun = true;
      if (!isOther || (isForward && !isChecked && hasKeys)) return;
      try {
        // A server that does not take its files would not come back from reading them again.
        if (hasServer(prefix)) await checkSshd(prefix, 'sftp_rejected');
      } catch (error) {
        if (isForward) throw error;
        return;
      }
      reloadSshd(prefix);
    },
    async probe() {
      if (!isChecked) return;
      const wanted = { authorizedkeysfile: keysFile(user.name), forcecommand: forceCommand(spec.root) };
      await checkEffective(prefix, user.name, wanted);
    },
    settle() {
      const { uid } = user;
      if (isFewer && !isKept && machine.isRoot && uid !== null) machine.later('sessions', () => endSessions(uid));
    },
  };
}

const isIn = ({ sftp }: SiteSpec, wanted: string): boolean => sftp.keys.some(({ key }) => key === wanted);
