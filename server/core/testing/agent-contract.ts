import { beforeAll, describe, expect, it } from 'vitest';
import type { SiteSpec } from '#shared/agent/sites.ts';
import { siteApp } from '#shared/site-app.ts';
import { defaultSettings } from '#shared/site-defaults.ts';
import type { AgentCallOptions, AgentClient } from '../agent-client.ts';
import { newId } from '../id.ts';
import { backupsContract } from './agent-backups-contract.ts';
import { peopleContract } from './agent-people-contract.ts';
import { foundTestOwner, type TestOwner } from './owner.ts';

/*
 * For tests: what every agent must do, said once. The fake one is held to it, so that it cannot drift from the real one.
 */

export function specFor(name: string, more: Partial<SiteSpec> = {}): SiteSpec {
  return {
    siteId: newId(),
    slug: name,
    kind: 'static',
    domains: [{ host: name, port: 80 }],
    isEnabled: true,
    root: `/www/wwwroot/${name}`,
    upstream: null,
    customDirectives: '',
    ...defaultSettings,
    ...more,
  };
}

/** Declares the contract's tests; call it inside a test file. `makeAgent` is called once. */
export function agentContract(name: string, makeAgent: () => Promise<AgentClient>): void {
  describe(`the contract of the agent: ${name}`, () => {
    let agent: AgentClient;
    let owner: TestOwner;
    let options: AgentCallOptions;
    beforeAll(async () => {
      agent = await makeAgent();
      owner = await foundTestOwner(agent);
      options = { actor: owner, requestId: 'contract' };
    });
    backupsContract(
      () => agent,
      () => owner,
    );
    peopleContract(
      () => agent,
      () => owner,
    );

    const apply = (spec: SiteSpec, changeId = newId(), isNew = true, onDrift: 'refuse' | 'overwrite' = 'refuse') =>
      agent.call('sites.apply', { spec, changeId, isNew, onDrift }, options);

    it('says who it is', async () => {
      expect(await agent.call('agent.info', {}, options)).toMatchObject({ protocol: 1 });
      expect(agent.state).toBe('up');
    });

    it('an applied site is in sync, has a user, and its change is committed with its diffs', async () => {
      const spec = specFor('contract-new.test');
      const changeId = newId();
      const result = await apply(spec, changeId);
      expect(result.linuxUser).toMatch(/^site-[a-z2-7]{8}$/);
      const config = result.files.find(({ path }) => path.endsWith('/sites/contract-new.test.conf'));
      expect(config?.diff).toContain('contract-new.test');
      expect(await agent.call('sites.inspect', { spec }, options)).toMatchObject({
        drift: 'in_sync',
        diff: '',
        isolatedReason: null,
        rootExists: true,
      });
      const change = await agent.call('changes.get', { changeId }, options);
      expect(change.state).toBe('committed');
      expect(change.files.map(({ path }) => path)).toContain(config?.path);
    });

    it('a directive that reads other files is refused with its line, and the site stays as it was', async () => {
      const spec = specFor('contract-directives.test');
      await apply(spec);
      const customDirectives = '# one\ninclude /etc/passwd;\n';
      await expect(apply({ ...spec, customDirectives }, newId(), false)).rejects.toMatchObject({
        code: 'invalid_request',
        reason: 'directive_not_allowed',
        params: { directive: 'include', line: 2 },
      });
      expect(await agent.call('sites.inspect', { spec }, options)).toMatchObject({ drift: 'in_sync', diff: '' });
    });

    it('S-5 other directives and moving files away need a fresh factor, also of the panel itself', async () => {
      const spec = specFor('contract-ticket.test');
      await apply(spec);
      const panel = { actor: { id: 'panel', name: 'panel' }, requestId: 'contract' };
      const dangerous = { ...spec, customDirectives: 'add_header X-A b;\n' };
      const params = { spec: dangerous, changeId: newId(), isNew: false, onDrift: 'refuse' } as const;
      const refused = { code: 'elevation_required' };
      await expect(agent.call('sites.apply', params, panel)).rejects.toMatchObject(refused);
      await agent.call('sites.apply', params, options);
      await agent.call('sites.apply', { ...params, changeId: newId() }, panel);
      const site = { siteId: spec.siteId, slug: spec.slug };
      const { confirm } = await agent.call('sites.preview_removal', { site, root: spec.root }, panel);
      const removal = { site, root: spec.root, changeId: newId(), files: 'recycle', confirm } as const;
      await expect(agent.call('sites.remove', removal, panel)).rejects.toMatchObject(refused);
      await agent.call('sites.remove', { ...removal, files: 'keep' }, panel);
    });

    it('RUN-4 an application waits for its files, and its secrets are known by their ids alone', async () => {
      const secretId = newId();
      const app = siteApp.parse({ program: './server', environment: [{ name: 'TOKEN', secretId }] });
      const spec = specFor('contract-app.test', { kind: 'app', app: { ...app, environment: [] } });
      const site = { siteId: spec.siteId, slug: spec.slug };
      await expect(agent.call('apps.status', { site }, options)).rejects.toMatchObject({ code: 'not_found' });
      const other = specFor('contract-app.test', { app });
      await expect(apply(other)).rejects.toMatchObject({ fields: [{ field: 'app', code: 'app_not_for_kind' }] });
      const { files } = await apply(spec);
      expect(files.map(({ path }) => path)).not.toContain(
        '/etc/systemd/system/aapanel-app-contract-app.test-a.service',
      );
      const waits = { state: 'stopped', isOn: false, pid: null, missingSecrets: [] };
      expect(await agent.call('apps.status', { site }, options)).toMatchObject(waits);
      await agent.call('apps.keep_secrets', { site, secrets: [{ secretId, value: 'open sesame' }] }, options);
      const timedRestart = { every: 'hours', hours: 6, timeZone: 'Asia/Riyadh' } as const;
      const worker = { name: 'queue', program: './work', arguments: ['{port}'] };
      const listens = { ...spec, app: { ...app, workers: [worker] } };
      await expect(apply(listens, newId(), false)).rejects.toMatchObject({
        fields: [{ field: 'app.workers.0.arguments.0', code: 'app_worker_placeholder' }],
      });
      const workers = [{ ...worker, arguments: ['--all'] }];
      const changed = await apply({ ...spec, app: { ...app, instances: 2, workers, timedRestart } }, newId(), false);
      const seen = [changed, await agent.call('apps.status', { site }, options)];
      expect(JSON.stringify(seen)).not.toContain('open sesame');
      expect(seen[1]).toMatchObject({
        ...waits,
        instances: [1, 2].map((number) => ({ number, state: 'stopped', pid: null })),
        workers: [{ name: 'queue', state: 'stopped' }],
        nextRestartAt: null,
      });
      const log = { site, kind: 'app', instance: 2, cursor: null, search: '' } as const;
      expect((await agent.call('sites.read_log', log, options)).isTruncated).toBe(false);
      const stranger = { siteId: newId(), slug: spec.slug };
      await expect(agent.call('apps.status', { site: stranger }, options)).rejects.toMatchObject({ status: 409 });
    });

    it('the authority is named as CAA records name it', async () => {
      const said = await agent.call('certificates.authority', { certificateId: null }, options);
      expect(said.identities).toEqual(['letsencrypt.org']);
      expect(said.accounts.every((each) => each.startsWith('https://'))).toBe(true);
    });

    it('kept answers are removed of a site that is there, and of no stranger', async () => {
      const spec = specFor('contract-kept.test');
      await apply(spec);
      const { siteId, slug } = spec;
      const emptied = await agent.call('sites.empty_cache', { site: { siteId, slug } }, options);
      expect(emptied).toEqual({ fileCount: 0, sizeBytes: 0 });
      const stranger = { site: { siteId: newId(), slug } };
      await expect(agent.call('sites.empty_cache', stranger, options)).rejects.toMatchObject({ status: 409 });
      const nobody = { site: { siteId, slug: 'contract-nobody.test' } };
      await expect(agent.call('sites.empty_cache', nobody, options)).rejects.toMatchObject({ status: 404 });
    });

    it('a password is known by its id alone, for its site only', async () => {
      const spec = specFor('contract-password.test');
      await apply(spec);
      const { siteId } = spec;
      const { passwordId } = await agent.call('sites.keep_password', { siteId, password: 'open sesame' }, options);
      const locked = (id: string): SiteSpec => {
        const rule = { path: '/', realm: '', users: [{ name: 'ali', passwordId: id }], addresses: [], paths: [] };
        return { ...spec, behaviour: { ...spec.behaviour, passwords: [rule] } };
      };
      const shown = JSON.stringify([
        await apply(locked(passwordId), newId(), false),
        await agent.call('sites.inspect', { spec: locked(passwordId) }, options),
      ]);
      expect(shown).not.toMatch(/\$6\$|open sesame/);
      await expect(apply(locked(newId()), newId(), false)).rejects.toMatchObject({
        code: 'invalid_request',
        fields: [{ field: 'behaviour.passwords.0.users.0.passwordId', code: 'site_password_unknown' }],
      });
      const other = specFor('contract-password-other.test', { behaviour: locked(passwordId).behaviour });
      await expect(apply(other)).rejects.toMatchObject({ code: 'invalid_request' });
      const unknown = { siteId: newId(), password: 'open sesame' };
      await expect(agent.call('sites.keep_password', unknown, options)).rejects.toMatchObject({ code: 'not_found' });
    });

    it('the same change asked twice is done once and answered twice', async () => {
      const spec = specFor('contract-twice.test');
      const changeId = newId();
      const first = await apply(spec, changeId);
      const second = await apply(spec, changeId);
      expect(second.linuxUser).toBe(first.linuxUser);
    });

    it('has never heard of a change that was not asked for', async () => {
      expect(await agent.call('changes.get', { changeId: newId() }, options)).toMatchObject({ state: 'none' });
    });

    it('a site that was never applied is missing', async () => {
      const spec = specFor('contract-never.test');
      expect(await agent.call('sites.inspect', { spec }, options)).toMatchObject({
        drift: 'missing',
        currentText: null,
      });
    });

    it('parameters that do not fit the schema are refused by the agent itself', async () => {
      const hostile = specFor('contract-bad.test', { domains: [{ host: 'a.test;', port: 80 }] });
      await expect(apply(hostile)).rejects.toMatchObject({ code: 'invalid_request' });
      const outside = specFor('contract-bad.test', { root: '/www/wwwroot/../../etc' });
      await expect(apply(outside)).rejects.toMatchObject({ code: 'invalid_request' });
    });

    it('removal needs the hash of the present list, removes, and can be taken back', async () => {
      const spec = specFor('contract-gone.test');
      await apply(spec);
      const site = { siteId: spec.siteId, slug: spec.slug };
      const preview = await agent.call('sites.preview_removal', { site, root: spec.root }, options);
      expect(preview.items.map(({ kind }) => kind)).toContain('config');
      const remove = (confirm: string, changeId: string) =>
        agent.call('sites.remove', { site, root: spec.root, changeId, files: 'recycle', confirm }, options);
      await expect(remove('0'.repeat(64), newId())).rejects.toMatchObject({
        code: 'changed_meanwhile',
        reason: 'removal_list_changed',
      });
      const removalChangeId = newId();
      expect((await remove(preview.confirm, removalChangeId)).recycledTo).not.toBeNull();
      expect(await agent.call('sites.inspect', { spec }, options)).toMatchObject({ drift: 'missing' });
      await agent.call('sites.restore', { spec, changeId: newId(), removalChangeId }, options);
      expect(await agent.call('sites.inspect', { spec }, options)).toMatchObject({ drift: 'in_sync' });
    });

    it('a log is read from its cursor on', async () => {
      const spec = specFor('contract-log.test');
      await apply(spec);
      const site = { siteId: spec.siteId, slug: spec.slug };
      const read = (cursor: string | null) =>
        agent.call('sites.read_log', { site, kind: 'access', cursor, search: '' }, options);
      const first = await read(null);
      expect(first.cursor).toMatch(/^\d+:\d+$/);
      expect((await read(first.cursor)).lines.length).toBeLessThanOrEqual(1);
    });

    it('tells the state of nginx, and knows nothing of an operation that was never started', async () => {
      const { items } = await agent.call('software.status', {}, options);
      expect(items.map(({ name: software }) => software)).toEqual(['nginx']);
      const given = { operationId: newId(), step: 'install', offset: 0 } as const;
      expect(await agent.call('software.operation', given, options)).toMatchObject({ state: 'unknown', text: '' });
      expect(await agent.call('software.cancel', { operationId: newId() }, options)).toEqual({ wasRunning: false });
    });
  });
}
