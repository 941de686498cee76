// WordPress by hand on an installed server: PHP, MariaDB and HTTPS are real, and it answers again after a reboot.
import { expect } from 'vitest';
import { wordpressLike } from '#agent/testing/wordpress-like.ts';
import { must, until } from './host.ts';
import type { Server } from './installed.ts';
import { script } from './machine.ts';
import * as panel from './panel.ts';
import type { Step } from './steps.ts';
import { namespacePath } from './world.ts';

/** A name that the authority can look up; its address is the machine's own. */
export const pressHost = 'press.shop.test';

/** `afterReboot`: adds the step behind one that reboots the machine. */
export function wordpressSteps(step: Step, server: () => Server): { afterReboot(): void } {
  let siteId = '';
  let root = '';
  let user = '';
  /** The authority has another one after each start. */
  let roots = '';
  const call = <T>(method: string, path: string, body?: unknown, status?: number) =>
    panel.call<T>(server().owner, method, path, body, ...(status === undefined ? [] : [{ status }]));
  const ended = async (started: panel.Job): Promise<panel.Job> => {
    const { owner } = server();
    const job = await panel.endOfJob(owner, started.id);
    if (job.state !== 'succeeded')
      throw new Error(`${JSON.stringify(job.failure)}\n${await panel.jobLog(owner, job.id)}`);
    return job;
  };
  /** As a visitor in another namespace, who trusts nothing but the authority's own root. */
  const visit = async (path = '/'): Promise<string> => {
    const { machine } = server();
    const shell = `cat >/tmp/press-roots.$$ && curl -s -m 10 --cacert /tmp/press-roots.$$ --resolve ${pressHost}:443:${machine.address} https://${pressHost}${path}; rm -f /tmp/press-roots.$$`;
    return await must('nsenter', [`--net=${namespacePath(machine.world, 'client')}`, '--', 'bash', '-c', shell], {
      input: roots,
    });
  };

  step(
    'WP-1 PHP and MariaDB are installed, and an application as an archive answers over HTTPS from its database',
    async () => {
      const { machine, owner } = server();
      for (const name of ['php8.2', 'mariadb'])
        await ended(await call('POST', `/api/v1/software/${name}/install`, undefined, 202));
      await panel.createSite(owner, { kind: 'php', domains: [pressHost], php: { version: '8.2' } });
      siteId = (await panel.findSite(owner, pressHost))?.id ?? '';
      ({ root, linuxUser: user } = await call<{ root: string; linuxUser: string }>('GET', `/api/v1/sites/${siteId}`));
      const archive = wordpressLike();
      const path = `/api/v1/sites/${siteId}/archives`;
      const { id } = await call<{ id: string }>(
        'POST',
        path,
        { fileName: 'wordpress.tar.gz', sizeBytes: archive.length },
        201,
      );
      await call('PUT', `${path}/${id}/data`, { offset: 0, data: archive.toString('base64') });
      const source = { kind: 'archive', uploadId: id };
      await ended(await call('POST', `/api/v1/sites/${siteId}/wordpress`, { source }, 202));
      await ended(await call('POST', `/api/v1/sites/${siteId}/certificate`, {}));
      roots = await script(machine, 'curl -sk https://127.0.0.1:15000/roots/0');
      await until('the site to answer over HTTPS', async () => (await visit()).startsWith('visits ') || undefined);
      expect(await visit()).toMatch(/^visits \d+ مرحبا keyed$/);
      expect(await script(machine, `stat -c '%U %a' ${root}/wp-config.php ${root}/index.php`)).toBe(
        `${user} 640\n${user} 640\n`,
      );
      expect(await visit('/wp-content/uploads/shell.php')).not.toBe('run');
      expect(await visit('/wp-config.php')).not.toContain('DB_');
    },
  );

  step('WP-1 its password is in wp-config.php and nowhere else that could be read', async () => {
    const { machine } = server();
    const found = await script(
      machine,
      `word=$(sed -n "s/.*'DB_PASSWORD', '\\(.*\\)' );/\\1/p" ${root}/wp-config.php); test \${#word} -gt 20
journalctl --no-pager -q | grep -cF "$word" || true
grep -rlF -e "$word" /etc /var/lib/aapanel /var/lib/aapanel-agent /var/log /run /www 2>/dev/null || true`,
    );
    expect(found).toBe(`0\n${root}/wp-config.php\n`);
  });

  step('WP-1 what cannot be fetched leaves neither files nor a database, and says so', async () => {
    const { owner } = server();
    const { status, body } = await panel.request(owner, 'POST', `/api/v1/sites/${siteId}/wordpress`, {
      source: { kind: 'download', version: '0.1' },
    });
    expect([status >= 400, (body as { reason: string }).reason]).toEqual([true, expect.stringMatching(/^download_/)]);
    const { items } = await call<{ items: { siteId: string | null }[] }>('GET', '/api/v1/databases');
    expect(items.filter((each) => each.siteId === siteId)).toHaveLength(1);
  });

  return {
    afterReboot: () =>
      step('WP-1 ALL-6 after the reboot it answers over HTTPS from its database again', async () => {
        await until(
          'WordPress to answer after the reboot',
          async () => (await visit()).startsWith('visits ') || undefined,
          60_000,
        );
        expect(await visit()).toMatch(/ مرحبا keyed$/);
      }),
  };
}
