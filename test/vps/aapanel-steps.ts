import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { makeOldServer } from '../../agent/testing/aapanel.ts';
import type { Server } from './installed.ts';
import { mustExec, script } from './machine.ts';
import * as panel from './panel.ts';
import type { Step } from './steps.ts';

/** A site of another panel on an installed server with PHP; afterwards it is gone again. */
export function aapanelStep(step: Step, given: () => { readonly server: Server; readonly version: string }): void {
  step(
    'MIG-4 a PHP site of an aaPanel comes over with its files, runs as its own user, and the old ones stay',
    async () => {
      const { server, version } = given();
      const { machine, owner } = server;
      const folder = mkdtempSync(join(tmpdir(), 'aapanel-old-'));
      const old = makeOldServer(folder, 'split');
      old.site({ name: 'old.test', domains: ['old.test', 'www.old.test'], remark: 'From before' });
      old.vhost('old.test', 'wordpress.conf', (text) =>
        text
          .replaceAll('blog.example.com', 'old.test')
          .replace('/www/wwwroot/old.test;', '/www/wwwroot/old.test/public;'),
      );
      old.file(
        '/www/wwwroot/old.test/public/index.php',
        '<?php echo "old site as ", posix_getpwuid(posix_geteuid())["name"];',
      );
      old.file('/www/wwwroot/old.test/public/.user.ini', 'open_basedir=/www/wwwroot/old.test/:/tmp/');
      old.file('/www/wwwroot/old.test/config.php', '<?php $secret = 1;');
      old.close();
      const packed = spawnSync('tar', ['-C', folder, '-cz', '.']).stdout.toString('base64');
      rmSync(folder, { recursive: true });
      await mustExec(machine, ['bash', '-c', 'mkdir -p /srv/old-server && base64 -d | tar -C /srv/old-server -xz'], {
        input: packed,
      });
      const sums =
        'cd /srv/old-server && chown -R 1000:1000 www/wwwroot/old.test && find . -type f | sort | xargs sha256sum';
      const before = await script(machine, sums);
      const report = await panel.call<{ sites: { name: string; state: string; kind: string; phpVersion: string }[] }>(
        owner,
        'POST',
        '/api/v1/imports/aapanel/report',
        { base: '/srv/old-server' },
      );
      expect(report.sites).toMatchObject([
        { name: 'old.test', kind: 'php', phpVersion: version, runFolder: '/public' },
      ]);
      const { id } = await panel.call<panel.Job>(
        owner,
        'POST',
        '/api/v1/imports/aapanel/sites',
        { base: '/srv/old-server', name: 'old.test' },
        { status: 202 },
      );
      const job = await panel.endOfJob(owner, id);
      if (job.state !== 'succeeded')
        throw new Error(`${JSON.stringify(job.failure)}\n${await panel.jobLog(owner, id)}`);
      const found = await panel.findSite(owner, 'old.test');
      const site = await panel.call<panel.Site & { linuxUser: string }>(owner, 'GET', `/api/v1/sites/${found?.id}`);
      await panel.waitForText(machine, 'old.test', `old site as ${site.linuxUser}`);
      expect(await script(machine, `cd ${site.root}; ls -A; stat -c %U index.php ../config.php`)).toBe(
        `index.php\n${site.linuxUser}\n${site.linuxUser}\n`,
      );
      expect(await script(machine, sums)).toBe(before);
      expect(await script(machine, 'aapanel import aapanel --dry-run --from /srv/old-server')).toContain('old.test');
      const { confirm } = await panel.call<{ confirm: string }>(owner, 'GET', `/api/v1/sites/${site.id}/removal`);
      panel.mustBe(
        await panel.request(owner, 'POST', `/api/v1/sites/${site.id}/removal`, { confirm, files: 'recycle' }),
        200,
      );
    },
  );
}
