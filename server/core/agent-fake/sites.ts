import type { ActionParams, ActionResult } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import type { SiteSpec } from '#shared/agent/sites.ts';
import { AppError } from '#shared/errors.ts';
import { AgentCallError } from '../agent-client.ts';
import type { FakeActions, FakeCall } from '../agent-fake.ts';
import { fakeConfigText, fakeDiff, fakeDiffs, fakeFiles, sha256 } from './files.ts';
import { newId } from '../id.ts';
import { measureFakeSites } from './site-figures.ts';
import type { FakeRecycleBin } from './recycled-sites.ts';
import { readFakeLog } from './logs.ts';

type FileDiffs = ReturnType<typeof fakeDiffs>;

type Placed = {
  spec: SiteSpec;
  files: Map<string, string>;
  /** Text of somebody's editor in place of ours. */
  byHand: string | null;
  isAdopted: boolean;
  createdAt: number;
};

type Change = { readonly action: string; readonly files: FileDiffs };

type SiteActionName = Extract<keyof FakeActions, `sites.${string}` | `changes.${string}`>;

export type FakeSites = {
  readonly actions: Pick<FakeActions, SiteActionName>;
  readonly specs: () => SiteSpec[];
  /** Throws what would be wrong with a site that is still to be made. */
  readonly check: (spec: SiteSpec) => Promise<void>;
  /** A site that was allowed before its files were gathered, with the passwords of the one it was copied from. */
  readonly makeCopied: (
    spec: SiteSpec,
    changeId: string,
    sourceId: string,
  ) => Promise<ActionResult<AgentActions['sites.apply']>>;
};

const handMark = '    # changed by hand\n';

/**
 * The part of the fake agent that knows sites. `isServing` answers whether nginx runs, `hasPhp` whether a version is
 * installed. New custom directives, and a
 * folder that goes with its site, need a ticket.
 */
export function createFakeSites({
  isServing,
  hasPhp,
  requireTicket,
  checkTls,
  checkApp,
  bin,
}: {
  readonly isServing: () => boolean;
  readonly hasPhp: (version: string) => boolean;
  readonly requireTicket: (call: FakeCall) => void;
  readonly checkTls: (spec: SiteSpec) => void;
  readonly checkApp: (spec: SiteSpec) => void;
  readonly bin: Pick<FakeRecycleBin, 'add' | 'takeBack'>;
}): FakeSites {
  const sites = new Map<string, Placed>();
  const removed = new Map<string, { readonly placed: Placed; readonly isRecycled: boolean }>();
  const changes = new Map<string, Change>();
  /** Ids of the passwords that were kept, by site. */
  const passwords = new Map<string, Set<string>>();

  function driftOf(slug: string): 'in_sync' | 'changed' | 'missing' | 'adopted' {
    const placed = sites.get(slug);
    if (placed === undefined) return 'missing';
    if (placed.isAdopted) return 'adopted';
    return placed.byHand === null ? 'in_sync' : 'changed';
  }

  function place(spec: SiteSpec, changeId: string, action: string) {
    const before = sites.get(spec.slug);
    const files = fakeFiles(spec);
    const diffs = fakeDiffs(before?.files ?? new Map(), files);
    const isHandChanged = before === undefined && hasName(spec, 'drift.test');
    sites.set(spec.slug, {
      spec,
      files,
      byHand: isHandChanged ? fakeConfigText(spec).replace('{\n', `{\n${handMark}`) : null,
      isAdopted: false,
      createdAt: before?.createdAt ?? Date.now(),
    });
    changes.set(changeId, { action, files: diffs });
    return answer(spec, diffs);
  }

  function checkPasswords({ siteId, behaviour }: SiteSpec): void {
    const fields = behaviour.passwords.flatMap(({ users }, index) =>
      users.flatMap(({ passwordId }, at) => {
        const field = `behaviour.passwords.${index}.users.${at}.passwordId`;
        return passwords.get(siteId)?.has(passwordId) === true ? [] : [{ field, code: 'site_password_unknown' }];
      }),
    );
    if (fields.length > 0)
      throw new AppError('invalid_request', 'A password is not known on this machine: set it again.', { fields });
  }

  function checkKeys({ sftp }: SiteSpec, before: SiteSpec | undefined, call: FakeCall): void {
    const known = new Set(before?.sftp.keys.map(({ key }) => key));
    if (sftp.keys.some(({ key }) => !known.has(key))) requireTicket(call);
  }

  function checkPhp({ kind, php, isEnabled }: SiteSpec): void {
    if ((kind === 'php') !== (php !== null)) {
      const code = kind === 'php' ? 'required' : 'php_not_for_kind';
      throw new AppError('invalid_request', 'The PHP settings of the site are not allowed.', {
        fields: [{ field: 'php', code }],
      });
    }
    if (php === null || !isEnabled || hasPhp(php.version)) return;
    throw new AppError('in_use', `PHP ${php.version} is not installed on this machine.`, {
      reason: 'php_version_missing',
      params: { version: php.version },
    });
  }

  function answer(spec: SiteSpec, files: FileDiffs) {
    return { linuxUser: `site-${spec.siteId.slice(0, 8)}`, isServing: isServing(), files };
  }

  async function apply({ spec, changeId, onDrift }: ActionParams<AgentActions['sites.apply']>, call: FakeCall) {
    const done = changes.get(changeId);
    if (done !== undefined) return answer(spec, done.files);
    if (spec.customDirectives !== (sites.get(spec.slug)?.spec.customDirectives ?? '')) requireTicket(call);
    checkKeys(spec, sites.get(spec.slug)?.spec, call);
    await checkNames(spec);
    checkDirectives(spec);
    checkTls(spec);
    checkPhp(spec);
    checkPasswords(spec);
    checkApp(spec);
    if (onDrift === 'refuse' && ['changed', 'adopted'].includes(driftOf(spec.slug))) throw drifted(spec.slug);
    const result = place(spec, changeId, 'apply');
    if (hasName(spec, 'lost-agent.test')) throw lost();
    return result;
  }

  const actions: FakeSites['actions'] = {
    'sites.apply': apply,

    'sites.figures': (params) =>
      Promise.resolve(
        measureFakeSites(
          [...sites.values()].map(({ spec }) => spec),
          params,
        ),
      ),

    async 'sites.inspect'({ spec }) {
      await checkNames(spec, { isReading: true });
      const placed = sites.get(spec.slug);
      const path = `/etc/nginx/aapanel/sites/${spec.slug}.conf`;
      const expectedText = fakeConfigText(spec);
      const currentText = placed?.byHand ?? placed?.files.get(path) ?? null;
      return {
        drift: driftOf(spec.slug),
        configPath: path,
        currentText,
        expectedText,
        diff: fakeDiff(path, expectedText, currentText ?? undefined),
        isolatedReason: null,
        rootExists: placed !== undefined,
      };
    },

    async 'sites.adopt'({ spec, changeId }) {
      const done = changes.get(changeId);
      if (done !== undefined) return { files: done.files };
      await checkNames(spec);
      const placed = sites.get(spec.slug);
      if (placed === undefined || placed.byHand === null) throw nothingToAdopt(spec.slug);
      placed.isAdopted = true;
      changes.set(changeId, { action: 'adopt', files: [] });
      return { files: [] };
    },

    'sites.empty_cache'({ site }) {
      const placed = sites.get(site.slug);
      if (placed === undefined) throw new AppError('not_found', 'There is no such site.', { reason: 'site_unknown' });
      if (placed.spec.siteId !== site.siteId)
        throw new AppError('already_exists', 'Another site has this name.', {
          reason: 'slug_taken',
          params: { slug: site.slug },
        });
      return Promise.resolve({ fileCount: 0, sizeBytes: 0 });
    },

    'sites.keep_password'({ siteId }) {
      if (![...sites.values()].some(({ spec }) => spec.siteId === siteId))
        throw new AppError('not_found', 'There is no such site.', { reason: 'site_unknown' });
      const passwordId = newId();
      passwords.set(siteId, (passwords.get(siteId) ?? new Set()).add(passwordId));
      return Promise.resolve({ passwordId });
    },

    'sites.preview_removal'({ site }) {
      return Promise.resolve(previewOf(sites.get(site.slug), site.slug));
    },

    async 'sites.remove'({ site, changeId, files, logs = files, account = 'remove', confirm }, call) {
      const recycledTo = files === 'recycle' ? `/www/recycle_bin/${changeId}-${site.slug}` : null;
      const done = changes.get(changeId);
      if (done !== undefined) return { files: done.files, recycledTo };
      if (files !== 'keep' || logs !== 'keep') requireTicket(call);
      const placed = sites.get(site.slug);
      if (placed !== undefined) await checkNames(placed.spec);
      if (previewOf(placed, site.slug).confirm !== confirm) {
        throw new AppError('changed_meanwhile', 'The list of what would be removed has changed.', {
          reason: 'removal_list_changed',
        });
      }
      const diffs = fakeDiffs(placed?.files ?? new Map(), new Map());
      if (placed !== undefined) removed.set(changeId, { placed, isRecycled: files === 'recycle' });
      if (placed !== undefined) {
        const { slug, root } = placed.spec;
        const user = `site-${site.siteId.slice(0, 8)}`;
        bin.add({ id: changeId, slug, root, user, files, logs, account, by: call.actor.name });
      }
      sites.delete(site.slug);
      changes.set(changeId, { action: 'remove', files: diffs });
      return { files: diffs, recycledTo };
    },

    async 'sites.restore'({ spec, changeId, removalChangeId }, call) {
      const done = changes.get(changeId);
      if (done !== undefined) return answer(spec, done.files);
      const kept = removed.get(removalChangeId)?.placed.spec.customDirectives ?? '';
      if (spec.customDirectives !== '' && spec.customDirectives !== kept) requireTicket(call);
      checkKeys(spec, undefined, call);
      await checkNames(spec);
      if (!removed.delete(removalChangeId)) {
        throw new AppError('not_found', 'Nothing is kept of this deletion.', { reason: 'removal_unknown' });
      }
      bin.takeBack(removalChangeId);
      return place(spec, changeId, 'restore');
    },

    async 'sites.repair'({ site }) {
      const placed = sites.get(site.slug);
      if (placed === undefined) throw new AppError('not_found', 'There is no such site.', { reason: 'site_unknown' });
      await checkNames(placed.spec);
      const isConfigChecked = driftOf(site.slug) === 'in_sync';
      const paths = [placed.spec.root, `${placed.spec.root}/index.html`];
      return { checked: 12, repaired: paths.length, left: 0, paths, isWhole: true, isConfigChecked };
    },

    'sites.settle_end': () => Promise.resolve({}),

    async 'sites.read_log'({ site, kind, worker, instance, cursor, search }) {
      const placed = sites.get(site.slug);
      if (placed !== undefined) await checkNames(placed.spec, { isReading: true });
      return readFakeLog({
        kind,
        worker,
        instance,
        cursor,
        search,
        createdAt: placed?.createdAt,
        host: placed?.spec.domains[0]?.host ?? '',
      });
    },

    'changes.get'({ changeId }) {
      const done = changes.get(changeId);
      return Promise.resolve({ state: done === undefined ? 'none' : 'committed', files: done?.files ?? [] });
    },
  };
  return {
    actions,
    specs: () => [...sites.values()].map(({ spec }) => spec),
    async check(spec) {
      await checkNames(spec, { isReading: true });
      checkDirectives(spec);
      checkTls(spec);
      checkPhp(spec);
      checkApp(spec);
    },
    async makeCopied(spec, changeId, sourceId) {
      const done = changes.get(changeId);
      if (done !== undefined) return answer(spec, done.files);
      await checkNames(spec);
      passwords.set(spec.siteId, new Set(passwords.get(sourceId)));
      const result = place(spec, changeId, 'copy');
      if (hasName(spec, 'lost-agent.test')) throw lost();
      return result;
    },
  };
}

function previewOf(placed: Placed | undefined, slug: string) {
  const path = `/etc/nginx/aapanel/sites/${slug}.conf`;
  const newestAt = placed === undefined ? null : new Date(placed.createdAt).toISOString();
  const item = (
    kind: 'config' | 'files' | 'logs' | 'linux_user',
    itemPath: string,
    sizeBytes: number,
    fileCount: number,
  ) => ({
    kind,
    path: itemPath,
    sizeBytes,
    fileCount,
    newestAt: kind === 'linux_user' ? null : newestAt,
    isTruncated: false,
  });
  const items =
    placed === undefined
      ? []
      : [
          item('config', path, placed.files.get(path)?.length ?? 0, 1),
          item('files', placed.spec.root, 1_284, 1),
          item('logs', `/www/wwwlogs/${slug}.access.log`, 0, 2),
          item('linux_user', `site-${placed.spec.siteId.slice(0, 8)}`, 0, 0),
        ];
  return { items, confirm: sha256(JSON.stringify(items)) };
}

function hasName(spec: SiteSpec, name: string): boolean {
  return spec.domains.some(({ host }) => host === name);
}

async function checkNames(spec: SiteSpec, { isReading = false } = {}): Promise<void> {
  if (hasName(spec, 'slow.test')) await new Promise((resolve) => setTimeout(resolve, 2_000));
  if (hasName(spec, 'fail-agent.test')) {
    throw new AgentCallError('agent_unavailable', 'The agent of the panel does not answer.', {
      reason: 'agent_not_running',
      isOutcomeKnown: true,
    });
  }
  if (!isReading && hasName(spec, 'fail-nginx.test')) {
    throw new AppError('config_rejected', 'nginx refused the configuration; the old one is still running.', {
      reason: 'nginx_rejected',
      params: { message: 'nginx: [emerg] unexpected end of file, expecting ";" or "}"' },
    });
  }
}

/** One example of what the real agent refuses: whatever reads other files. */
function checkDirectives({ customDirectives }: SiteSpec): void {
  const lines = customDirectives.split('\n');
  const index = lines.findIndex((line) => /^\s*include\b/.test(line));
  if (index === -1) return;
  throw new AppError('invalid_request', `The directive include (line ${index + 1}) is not allowed here.`, {
    reason: 'directive_not_allowed',
    params: { directive: 'include', line: index + 1 },
  });
}

function drifted(slug: string): AppError {
  return new AppError('changed_meanwhile', 'A file of this site was changed by hand.', {
    reason: 'site_drift',
    params: { path: `/etc/nginx/aapanel/sites/${slug}.conf` },
  });
}

function nothingToAdopt(slug: string): AppError {
  return new AppError('changed_meanwhile', 'The file is as the panel wrote it: there is nothing to adopt.', {
    reason: 'nothing_to_adopt',
    params: { path: `/etc/nginx/aapanel/sites/${slug}.conf` },
  });
}

function lost(): AgentCallError {
  return new AgentCallError('agent_unavailable', 'The agent of the panel does not answer.', {
    reason: 'agent_connection_lost',
    isOutcomeKnown: false,
  });
}
