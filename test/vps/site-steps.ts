// What people do with sites, on an installed server with nginx: each step against the real nginx, seen by a visitor.
import { join } from 'node:path';
import { expect } from 'vitest';
import { blockSumOf } from '#shared/block-sum.ts';
import { must, until } from './host.ts';
import type { Server } from './installed.ts';
import { exec, mustExec, script } from './machine.ts';
import * as panel from './panel.ts';
import type { Step } from './steps.ts';
import { inNamespace, namespacePath } from './world.ts';

/** Sites that later steps go on with. */
export type Sites = { fixed: panel.Site; proxied: panel.Site; other: panel.Site };

export async function createSites({ machine, owner }: Server): Promise<Sites> {
  const fixed = await panel.createSite(owner, { kind: 'static', domains: ['static.test', 'موقع.test'] });
  const proxied = await panel.createSite(owner, {
    kind: 'proxy',
    domains: ['proxy.test'],
    upstream: { url: 'http://127.0.0.1:9090' },
  });
  const other = await panel.createSite(owner, { kind: 'static', domains: ['other.test'] });
  await script(
    machine,
    `echo 'static content' > ${fixed.root}/index.html; echo 'other content' > ${other.root}/index.html`,
  );
  return { fixed, proxied, other };
}

export function siteSteps(step: Step, server: () => Server, sites: () => Sites): void {
  step('a static and a proxied site answer a visitor through nginx, also under an Arabic name', async () => {
    const { machine } = server();
    await panel.waitForText(machine, 'static.test', 'static content');
    await panel.waitForText(machine, 'xn--4gbrim.test', 'static content');
    await panel.waitForText(machine, 'proxy.test', 'upstream saw proxy.test from 10.77.0.250');
  });

  step('a WebSocket goes through the proxied site in both directions', async () => {
    const { machine } = server();
    const client = join(import.meta.dirname, 'inside', 'websocket-client.mjs');
    const namespace = namespacePath(machine.world, 'client');
    const args = [`--net=${namespace}`, '--', process.execPath, client, machine.address, 'proxy.test', 'مرحبا'];
    expect(await must('nsenter', args)).toBe('echo مرحبا\n');
  });

  step('SITE-2 the Linux user of one site can neither read nor write the files of another', async () => {
    const { machine } = server();
    const { fixed, other } = sites();
    const user = (await mustExec(machine, ['stat', '-c', '%U', fixed.root])).trim();
    expect(user).toMatch(/^site-/);
    const as = ['setpriv', `--reuid=${user}`, `--regid=${user}`, '--clear-groups'];
    expect((await exec(machine, [...as, 'touch', `${fixed.root}/mine`])).code).toBe(0);
    expect((await exec(machine, [...as, 'cat', `${other.root}/index.html`])).code).not.toBe(0);
    expect((await exec(machine, [...as, 'touch', `${other.root}/theirs`])).code).not.toBe(0);
    await mustExec(machine, ['rm', `${fixed.root}/mine`]);
  });

  step('a visit is in the live log within two seconds, and in the log that is read later', async () => {
    const { machine, owner } = server();
    const path = `/api/v1/sites/${sites().fixed.id}/logs/access`;
    const args = ['-skN', '-m', '3', '-b', owner.cookieFile, `${owner.origin}${path}/stream`];
    const stream = inNamespace(machine.world, 'client', 'curl', args);
    await new Promise((resolve) => setTimeout(resolve, 500));
    await panel.visit(machine, 'static.test', '/seen-live');
    await until('the visit in the log', async () =>
      (await panel.request(owner, 'GET', path)).text.includes('/seen-live') ? true : undefined,
    );
    expect((await stream).stdout).toContain('/seen-live');
  });

  step(
    'FILE-1 FILE-2 files of a site are made, listed, closed to others and taken to its bin by its own Linux user',
    async () => {
      const { machine, owner } = server();
      const path = `/api/v1/sites/${sites().fixed.id}`;
      const root = '/www/wwwroot/static.test';
      const user = (await script(machine, `stat -c %U ${root}`)).trim();
      expect(user).not.toBe('root');
      const ask = (what: string, body: object) =>
        panel.call<{ paths: string[] }>(owner, 'POST', `${path}/${what}`, body);
      await ask('files', { folder: '', name: 'تقارير', type: 'folder' });
      await ask('files', { folder: 'تقارير', name: 'new.txt', type: 'file' });
      await ask('files/mode', { paths: ['تقارير/new.txt'], mode: 0o600 });
      expect(await script(machine, `stat -c '%U %a %s' ${root}/تقارير/new.txt`)).toBe(`${user} 600 0\n`);
      // A way out that somebody made is shown, and nothing behind it is.
      await script(machine, `ln -s /etc ${root}/out`);
      const list = await panel.call<{ entries: { name: string; type: string }[] }>(owner, 'GET', `${path}/files`);
      expect(list.entries).toContainEqual(expect.objectContaining({ name: 'out', type: 'link' }));
      expect((await panel.request(owner, 'GET', `${path}/files?path=out`)).status).toBe(404);
      await ask('files/remove', { paths: ['تقارير', 'out'] });
      expect(await script(machine, `ls ${root}`)).not.toMatch(/تقارير|out/);
      const { items } = await panel.call<{ items: { id: string; path: string }[] }>(owner, 'GET', `${path}/file-bin`);
      await ask('file-bin/restore', { ids: items.filter((each) => each.path === 'تقارير').map((each) => each.id) });
      expect(await script(machine, `stat -c %U ${root}/تقارير/new.txt`)).toBe(`${user}\n`);
      await ask('files/remove', { paths: ['تقارير'] });
      const rest = await panel.call<{ items: { id: string }[] }>(owner, 'GET', `${path}/file-bin`);
      await ask('file-bin/discard', { ids: rest.items.map((each) => each.id) });
    },
  );

  step(
    'FILE-4 the web process writes an upload from its sandbox, and the file is the site’s own at the end',
    async () => {
      const { machine, owner } = server();
      const [root, door] = ['/www/wwwroot/static.test', '/www/wwwroot/.uploads'];
      const user = (await script(machine, `stat -c %U ${root}`)).trim();
      // As it goes over the wire here: with its quotes.
      const half = 'half of what is sent';
      const bytes = JSON.stringify(half);
      const base = `/api/v1/sites/${sites().fixed.id}/file-uploads`;
      const wish = { path: 'sent.txt', sizeBytes: 2 * bytes.length, onConflict: 'refuse' };
      const upload = `${base}/${(await panel.call<{ id: string }>(owner, 'POST', base, wish)).id}`;
      const headers = { 'Content-Type': 'application/octet-stream' };
      await panel.call(owner, 'PUT', `${upload}?offset=0`, half, { headers });
      expect(await script(machine, `stat -c '%U:%G %a' ${door}; stat -c '%U:%G %a %h' ${door}/*`)).toBe(
        `root:aapanel 710\n${user}:aapanel 620 2\n`,
      );
      const open = await script(machine, 'ls -l /proc/$(systemctl show -P MainPID aapanel.service)/fd');
      expect(open).toContain(`${door}/`);
      await panel.call(owner, 'PUT', `${upload}?offset=${bytes.length}`, half, { headers });
      const sum = blockSumOf(Buffer.from(bytes + bytes));
      await panel.call(owner, 'POST', `${upload}/finish`, { sum, onConflict: 'refuse' });
      expect(await script(machine, `stat -c '%U:%G %a %h' ${root}/sent.txt; ls -A ${door}`)).toBe(
        `${user}:${(await script(machine, `id -gn ${user}`)).trim()} 644 1\n`,
      );
      expect(await script(machine, `cat ${root}/sent.txt; rm ${root}/sent.txt`)).toBe(bytes + bytes);
    },
  );

  step(
    'FILE-2 a file is fetched by the site’s own user from the agent’s sandbox, and this machine’s inside is not asked',
    async () => {
      const { machine, owner } = server();
      const root = '/www/wwwroot/static.test';
      const user = (await script(machine, `stat -c %U ${root}`)).trim();
      const path = `/api/v1/sites/${sites().fixed.id}/file-fetches`;
      const fetching = async (address: string): Promise<panel.Job> => {
        const wish = { address, into: '', name: 'fetched.txt', sha256: null, onConflict: 'refuse' };
        return await panel.endOfJob(owner, (await panel.call<{ id: string }>(owner, 'POST', path, wish)).id);
      };
      // An address of the public internet that this machine has for itself: what visitors see may be fetched.
      await script(machine, `ip addr add 11.22.33.44/32 dev lo; echo '11.22.33.44 other.test' >> /etc/hosts`);
      expect(await fetching('http://other.test/index.html')).toMatchObject({ state: 'succeeded' });
      expect(await script(machine, `stat -c '%U %a' ${root}/fetched.txt; cat ${root}/fetched.txt`)).toBe(
        `${user} 644\nother content\n`,
      );
      await script(machine, `rm ${root}/fetched.txt; sed -i /11.22.33.44/d /etc/hosts`);
      for (const address of ['http://localhost/', 'https://11.22.33.44:5000/'])
        expect(await fetching(address)).toMatchObject({ state: 'failed', failure: { reason: 'file_fetch_address' } });
      await script(machine, `ip addr del 11.22.33.44/32 dev lo; test ! -e ${root}/fetched.txt`);
      expect(await script(machine, `ls ${root}/.aapanel-bin/fetched`)).toBe('');
    },
  );

  step('SITE-5 the third last change of a site can be taken back, and the later ones stay', async () => {
    const { machine, owner } = server();
    const { id } = sites().fixed;
    panel.mustBe(await panel.updateSite(owner, id, { domains: ['static.test', 'موقع.test', 'third.test'] }), 200);
    await panel.waitForText(machine, 'third.test', 'static content');
    const { revision } = await panel.getSite(owner, id);
    const directives = { text: 'add_header X-Own yes;' };
    const ifMatch = { 'If-Match': `"${revision}"` };
    panel.mustBe(await panel.request(owner, 'PUT', `/api/v1/sites/${id}/custom-directives`, directives, ifMatch), 200);
    panel.mustBe(await panel.updateSite(owner, id, { category: 'shops' }), 200);
    const changes = await panel.changesOf(owner, id);
    expect(changes.slice(0, 3).map(({ action }) => action)).toEqual(['update', 'custom_directives', 'update']);
    expect(changes.every(({ actor, at }) => actor.name === 'owner' && !Number.isNaN(Date.parse(at)))).toBe(true);
    await panel.call(owner, 'POST', `/api/v1/site-changes/${changes[2]?.id}/undo`, {});
    await panel.waitForNoText(machine, 'third.test', 'static content');
    const answer = await panel.visit(machine, 'static.test');
    expect(answer.text).toContain('static content');
    expect(answer.headers).toMatch(/^x-own: yes/im);
  });

  step('a directive that nginx refuses changes nothing, and the answer has its words', async () => {
    const { machine, owner } = server();
    const { id } = sites().fixed;
    const { revision } = await panel.getSite(owner, id);
    const refused = await panel.request(
      owner,
      'PUT',
      `/api/v1/sites/${id}/custom-directives`,
      { text: 'add_header;' },
      { 'If-Match': `"${revision}"` },
    );
    panel.mustBe(refused, 422);
    expect(refused.text).toMatch(/add_header/);
    expect((await panel.visit(machine, 'static.test')).headers).toMatch(/^x-own: yes/im);
  });

  step('a disabled site stops answering, an enabled one is back', async () => {
    const { machine, owner } = server();
    const { id } = sites().other;
    panel.mustBe(await panel.updateSite(owner, id, { isEnabled: false }), 200);
    await panel.waitForNoText(machine, 'other.test', 'other content');
    panel.mustBe(await panel.updateSite(owner, id, { isEnabled: true }), 200);
    await panel.waitForText(machine, 'other.test', 'other content');
  });

  step('ALL-6 deleting shows what goes, is refused when that changed, and can be undone with its files', async () => {
    const { machine, owner } = server();
    const doomed = await panel.createSite(owner, { kind: 'static', domains: ['doomed.test'] });
    await script(machine, `echo 'doomed content' > ${doomed.root}/index.html`);
    const path = `/api/v1/sites/${doomed.id}/removal`;
    const first = await panel.call<{ confirm: string; items: { kind: string }[] }>(owner, 'GET', path);
    expect(first.items.map(({ kind }) => kind)).toContain('files');
    await script(machine, `echo more > ${doomed.root}/more.html`);
    panel.mustBe(await panel.request(owner, 'POST', path, { confirm: first.confirm, files: 'recycle' }), 412);
    await panel.waitForText(machine, 'doomed.test', 'doomed content');
    const { confirm } = await panel.call<{ confirm: string }>(owner, 'GET', path);
    const removed = await panel.call<{ changeId: string }>(owner, 'POST', path, { confirm, files: 'recycle' });
    expect((await exec(machine, ['test', '-e', doomed.root])).code).toBe(1);
    await panel.waitForNoText(machine, 'doomed.test', 'doomed content');
    await panel.call(owner, 'POST', `/api/v1/site-changes/${removed.changeId}/undo`, {});
    await panel.waitForText(machine, 'doomed.test', 'doomed content');
    const again = await panel.call<{ confirm: string }>(owner, 'GET', path);
    await panel.call(owner, 'POST', path, { confirm: again.confirm, files: 'keep' });
    expect((await exec(machine, ['test', '-e', `${doomed.root}/more.html`])).code).toBe(0);
  });

  step('SITE-4 a file changed by hand is shown with its difference and only overwritten when told to', async () => {
    const { machine, owner } = server();
    const { id, slug } = sites().fixed;
    const file = `/etc/nginx/aapanel/sites/${slug}.conf`;
    await script(machine, `echo '# by hand' >> ${file}`);
    const seen = await panel.inspect(owner, id);
    expect(seen.drift).toBe('changed');
    expect(seen.diff).toMatch(/^\+# by hand$/m);
    const domains = ['static.test', 'موقع.test', 'new.test'];
    panel.mustBe(await panel.updateSite(owner, id, { domains }), 412);
    expect(await mustExec(machine, ['tail', '-n', '1', file])).toBe('# by hand\n');
    panel.mustBe(await panel.updateSite(owner, id, { domains, overwrite: true }), 200);
    await panel.waitForText(machine, 'new.test', 'static content');
    expect((await panel.inspect(owner, id)).drift).toBe('in_sync');
  });

  step('SITE-4 a text that somebody adopted is kept, and stays when other sites change', async () => {
    const { machine, owner } = server();
    const { id, slug } = sites().other;
    const file = `/etc/nginx/aapanel/sites/${slug}.conf`;
    await script(machine, `sed -i 's/^}/  add_header X-Hand yes;\\n}/' ${file}`);
    await panel.call(owner, 'POST', `/api/v1/sites/${id}/drift`, { choice: 'adopt' });
    expect((await panel.inspect(owner, id)).drift).toBe('adopted');
    panel.mustBe(await panel.updateSite(owner, sites().proxied.id, { domains: ['proxy.test', 'proxy1.test'] }), 200);
    await until('the header by hand', async () =>
      /^x-hand: yes/im.test((await panel.visit(machine, 'other.test')).headers) ? true : undefined,
    );
    panel.mustBe(await panel.request(owner, 'POST', `/api/v1/sites/${id}/drift`, { choice: 'overwrite' }), 200);
    await until('the header to be gone', async () =>
      /^x-hand/im.test((await panel.visit(machine, 'other.test')).headers) ? undefined : true,
    );
  });

  step('SITE-1 a site broken by hand is set aside and named at the next change, and the others go on', async () => {
    const { machine, owner } = server();
    const { id, slug } = sites().other;
    await script(machine, `echo 'this is no directive;' >> /etc/nginx/aapanel/sites/${slug}.conf`);
    const change = await panel.updateSite(owner, sites().proxied.id, { domains: ['proxy.test', 'proxy2.test'] });
    panel.mustBe(change, 200);
    await panel.waitForText(machine, 'proxy2.test', 'upstream saw proxy2.test');
    await panel.waitForText(machine, 'static.test', 'static content');
    const seen = await panel.inspect(owner, id);
    expect(seen.drift).toBe('isolated');
    expect(seen.isolatedReason).toMatch(/unknown directive/);
    panel.mustBe(await panel.request(owner, 'POST', `/api/v1/sites/${id}/drift`, { choice: 'overwrite' }), 200);
    await panel.waitForText(machine, 'other.test', 'other content');
  });
}
