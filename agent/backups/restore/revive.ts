import { AppError } from '#shared/errors.ts';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { findStored } from '../../certificates/shelf.ts';
import { askAgent } from '../../core/ask-agent.ts';
import { errnoOf, listNames, makeFolders, putFile, readText, removeFile, Unsynced } from '../../core/files.ts';
import type { Handlers } from '../../core/handlers.ts';
import { logLine, openMachine, type Machine } from '../../core/machine.ts';
import { nginxPaths } from '../../nginx/nginx.files.ts';
import { newChangeId } from '../../nginx/nginx.isolate.ts';
import { applySite, nginxLock } from '../../sites/sites.apply.ts';
import { adoptSite } from '../../sites/sites.inspect.ts';
import { lockLostPasswords } from '../../sites/site-passwords.ts';
import { findRecord } from '../../sites/site-records.ts';
import { siteFacts, type SiteFacts } from '../sources/site-facts.ts';
import type { BackupWork } from '../work.ts';

/*
 * A site that is gone comes back the way it was made: by the agent that serves, in its transaction and under its lock. The
 * run, which is another process, leaves the facts in a folder where only root writes and asks the agent to look there;
 * when none serves it does the same itself, as long as it holds the agent's lock.
 */

type Revived = Awaited<ReturnType<Handlers['backups.revive_sites']>>['sites'][number];

const folderOf = ({ stateFolder }: Pick<BackupWork, 'stateFolder'>): string => `${stateFolder}/backups/revive`;
const limitMs = 60_000;

export const reviveSites: Handlers['backups.revive_sites'] = async (machine) => {
  const sites: Revived[] = [];
  for (const name of listNames(folderOf(machine)).filter((each) => /^[^.].*\.json$/.test(each))) {
    const path = `${folderOf(machine)}/${name}`;
    const facts = siteFacts.parse(JSON.parse(readText(path) ?? ''));
    sites.push(await reviveSite(machine, facts));
    // Also when it could not be: the run tells why, and asks anew.
    removeFile(path);
  }
  return { sites };
};

async function reviveSite(machine: Machine, facts: SiteFacts): Promise<Revived> {
  const spec = withoutLostCertificate(machine, facts.spec);
  const deadlineAt = Date.now() + limitMs;
  const actor = { id: 'agent', name: 'agent' };
  const call = { actor, requestId: 'restore', deadlineAt, isElevated: true, may: () => true };
  try {
    await machine.locks.hold(nginxLock, deadlineAt, async () => {
      const changeId = newChangeId();
      if ((await lockLostPasswords(machine, spec)) > 0)
        logLine('error', 'passwords of a restored site are not on this machine', { slug: spec.slug });
      if (findRecord(machine, spec.slug)?.siteId !== spec.siteId)
        await applySite(
          machine,
          {
            spec,
            changeId,
            isNew: true,
            onDrift: 'overwrite',
            action: 'backups.revive_site',
            userName: facts.linuxUser,
            // Its files may come later: it is started anew then.
            ...(facts.isAppOn ? { appWish: 'start' } : {}),
          },
          call,
        );
      if (facts.adoptedText !== null) await adoptText(machine, facts, facts.adoptedText, call);
    });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { slug: spec.slug, linuxUser: '', uid: null, reason: error.reason ?? error.code };
  }
  const record = findRecord(machine, spec.slug);
  return { slug: spec.slug, linuxUser: record?.linuxUser ?? '', uid: record?.uid ?? null, reason: null };
}

/** A site whose certificate is not on this machine comes back over HTTP: better than not at all. */
function withoutLostCertificate(machine: Machine, spec: SiteFacts['spec']): SiteFacts['spec'] {
  if (spec.tls === null || findStored(machine, spec.tls.certificateId) !== undefined) return spec;
  logLine('error', 'the certificate of a restored site is not on this machine', { slug: spec.slug });
  return { ...spec, tls: null };
}

/** A text of somebody's own stands in the place of ours again, unless nginx refuses it here: then ours stays. */
async function adoptText(
  machine: Machine,
  { spec }: SiteFacts,
  text: string,
  call: Parameters<typeof adoptSite>[2],
): Promise<void> {
  const path = nginxPaths(machine.prefix).site(spec.slug);
  const ours = readText(path) ?? '';
  const put = async (content: string): Promise<void> => {
    const unsynced = new Unsynced();
    putFile(path, Buffer.from(content), { mode: 0o644 }, 'revive', unsynced);
    await unsynced.flush();
  };
  await put(text);
  try {
    await adoptSite(machine, { spec, changeId: newChangeId() }, call);
  } catch (error) {
    await put(ours);
    logLine('error', 'the own configuration of a restored site was refused', { slug: spec.slug, error: String(error) });
  }
}

const answer = z.object({
  sites: z.array(
    z.object({ slug: z.string(), linuxUser: z.string(), uid: z.int().nullable(), reason: z.string().nullable() }),
  ),
});

/** From a run: the site is there when it ends. Throws what the agent says of a site that cannot be made. */
export async function askForSite(work: BackupWork, facts: SiteFacts): Promise<Pick<Revived, 'linuxUser' | 'uid'>> {
  makeFolders(folderOf(work));
  const unsynced = new Unsynced();
  const path = `${folderOf(work)}/${facts.spec.slug}.json`;
  putFile(path, Buffer.from(JSON.stringify(facts)), { mode: 0o600 }, 'revive', unsynced);
  await unsynced.flush();
  const { sites } = answer.parse(await askOrDo(work));
  const revived = sites.find(({ slug }) => slug === facts.spec.slug);
  if (revived !== undefined && revived.reason === null) return revived;
  throw new AppError('config_rejected', 'The site could not be made again.', {
    reason: 'backup_site_refused',
    params: { site: facts.spec.slug, why: revived?.reason ?? 'internal' },
  });
}

async function askOrDo(work: BackupWork): Promise<unknown> {
  const endsAt = Date.now() + limitMs;
  for (;;) {
    try {
      return await askAgent(work.settings, 'backups.revive_sites', {}, 'agent');
    } catch (error) {
      // Nobody listens there, or it is just ending.
      if (!['ENOENT', 'ECONNREFUSED', 'ECONNRESET'].includes(errnoOf(error)) || Date.now() > endsAt) throw error;
    }
    const machine = await openMachine(work.settings, { lockPatienceMs: 0 }).catch(() => undefined);
    if (machine === undefined) {
      await wait(200);
      continue;
    }
    try {
      const done = await reviveSites(
        machine,
        {},
        { actor: { id: 'agent', name: 'agent' }, requestId: '', deadlineAt: endsAt, isElevated: true, may: () => true },
      );
      await machine.settled();
      return done;
    } finally {
      machine.close();
    }
  }
}
