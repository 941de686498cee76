import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { NginxSettings } from '#shared/nginx-settings.ts';
import { openMachine, type Machine } from '../core/machine.ts';
import { sitesHandlers } from '../sites/sites.actions.ts';
import { call, hasNginx, makeWorld, newChangeId, specOf, visitUntil, type World } from '../testing/world.ts';
import { nginxHandlers } from './nginx.actions.ts';
import { findMaster } from './nginx.process.ts';
import { withSettings } from './nginx.settings.ts';

describe('a directive of nginx.conf', () => {
  const text = `# worker_processes 9;\nuser www-data;\nevents {\n\t# worker_connections 9;\n}\nhttp {\n\tgzip on; # kept\n\tserver { gzip off; }\n}\n`;

  it('is written where it stands, or first in its block; comments and other blocks stay to the letter', () => {
    expect(
      withSettings(text, [
        ['main', 'worker_processes', 'auto'],
        ['events', 'worker_connections', '2048'],
        ['http', 'gzip', 'off'],
      ]),
    ).toBe(
      `worker_processes auto;\n# worker_processes 9;\nuser www-data;\nevents {\n\tworker_connections 2048;\n\t# worker_connections 9;\n}\nhttp {\n\tgzip off; # kept\n\tserver { gzip off; }\n}\n`,
    );
  });

  it('in a file that is none of nginx is refused', () => {
    for (const broken of ['http { gzip on;', 'user www-data;', 'http } {'])
      expect(() => withSettings(broken, [['http', 'gzip', 'on']]), broken).toThrow('cannot be read');
  });
});

describe.runIf(hasNginx)('a running nginx', () => {
  let world: World;
  let machine: Machine;
  const main = (): string => readFileSync(world.path('/etc/nginx/nginx.conf'), 'utf8');
  const read = (): Promise<NginxSettings> => nginxHandlers['nginx.read_settings'](machine, {}, call());
  const put = (part: Partial<NginxSettings>, now: NginxSettings): Promise<NginxSettings> =>
    nginxHandlers['nginx.put_settings'](machine, { ...now, ...part }, call());
  beforeEach(async () => {
    world = await makeWorld({ nginx: 'running' });
    machine = await openMachine(world.settings);
    const spec = specOf(world, 'shop.example.com');
    await sitesHandlers['sites.apply'](
      machine,
      { spec, changeId: newChangeId(), isNew: true, onDrift: 'refuse' },
      call(),
    );
  });
  afterEach(async () => {
    await machine.settled();
    machine.close();
    world.destroy();
  });

  it('works with what was set, sites answer, and lines of others stay', async () => {
    const before = main();
    const now = await read();
    const wanted = { workers: 3, connections: 1_500, keepaliveSeconds: 20, hidesVersion: true, gzip: true } as const;
    const set = await put(wanted, now);
    expect(set).toEqual({ ...now, ...wanted });
    expect(await read()).toEqual(set);
    expect(
      main().replaceAll(/^\s*(?:worker_processes|worker_connections|keepalive_timeout|server_tokens|gzip) .*\n/gm, ''),
    ).toBe(
      before.replaceAll(/^\s*(?:worker_processes|worker_connections|keepalive_timeout|server_tokens|gzip) .*\n/gm, ''),
    );
    const seen = await visitUntil(world.port, 'shop.example.com', ({ status }) => status === 200);
    expect(seen.status).toBe(200);
    const master = findMaster(world.prefix);
    const workers = (): number =>
      readFileSync(`/proc/${master}/task/${master}/children`, 'utf8').trim().split(' ').length;
    // Workers of before end when their last connection does.
    await expect.poll(workers, { timeout: 5_000 }).toBe(3);
    const answer = await fetch(`http://127.0.0.1:${world.port}/nothing`, { headers: { Connection: 'close' } });
    expect(answer.headers.get('server')).toBe('nginx');
    // What is so already is not written again.
    const text = main();
    await put({}, set);
    expect(main()).toBe(text);
  });

  it('that refuses it goes on with the old file, and says why', async () => {
    const now = await read();
    writeFileSync(world.path('/etc/nginx/conf.d/mine.conf'), 'gzip_comp_level 5;\n');
    const before = main();
    await expect(put({ gzipLevel: 7 }, now)).rejects.toMatchObject({
      reason: 'nginx_rejected',
      params: { message: expect.stringMatching(/"gzip_comp_level" directive is duplicate/) as string },
    });
    expect(main()).toBe(before);
    const seen = await visitUntil(world.port, 'shop.example.com', ({ status }) => status === 200);
    expect(seen.status).toBe(200);
  });
});
