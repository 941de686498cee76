import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { packagesFrom, readPlanOf } from './plan.ts';

let prefix: string;
beforeEach(() => {
  prefix = mkdtempSync(`${tmpdir()}/plan-`);
  mkdirSync(`${prefix}/usr/bin`, { recursive: true });
});
afterEach(() => rmSync(prefix, { recursive: true }));

function program(name: string, text: string): void {
  writeFileSync(`${prefix}/usr/bin/${name}`, `#!/bin/sh\n${text}\n`);
  chmodSync(`${prefix}/usr/bin/${name}`, 0o755);
}
const say = (text: string): string => `cat <<'END'\n${text}END`;

const records = `Package: redis-server
Version: 5:7.0.15-1
Installed-Size: 215
Size: 72212

Package: redis-tools
Version: 5:7.0.15-1
Installed-Size: 4000
Size: 988816

`;

it('SVC-2 of what is no program, a module of nginx, there is a plan too', async () => {
  const name = 'libnginx-mod-http-brotli-filter';
  program('apt-get', say(`Inst ${name} (1.0.0 Debian:12/stable [amd64])\n`));
  program('apt-cache', say(`Package: ${name}\nVersion: 1.0.0\nInstalled-Size: 10\nSize: 20\n\n`));
  const plan = () => readPlanOf({ prefix }, 'nginx-brotli');
  expect(await plan()).toMatchObject({ kind: 'install', services: [], packages: [{ name, from: null, to: '1.0.0' }] });
  mkdirSync(`${prefix}/usr/lib/nginx/modules`, { recursive: true });
  writeFileSync(`${prefix}/usr/lib/nginx/modules/ngx_http_brotli_filter_module.so`, '');
  program('apt-get', 'exit 0');
  program('dpkg-query', 'exit 0');
  expect(await plan()).toMatchObject({ kind: 'nothing', packages: [] });
});

it('SVC-2 what comes is named with its sizes, its service, its ports and what is there already, and APT only pretends', async () => {
  program(
    'apt-get',
    `case " $* " in *" --simulate "*) ;; *) exit 9;; esac\n${say(`Inst redis-tools (5:7.0.15-1 Debian:12/stable [amd64])
Inst redis-server (5:7.0.15-1 Debian:12/stable [amd64])
Inst evil;rm (1 x [all])
`)}`,
  );
  program('apt-cache', say(records));
  for (const name of ['apache2', 'ufw', 'mariadbd', 'mysqld']) program(name, 'exit 0');
  const plan = await readPlanOf({ prefix }, 'redis');
  expect(plan).toMatchObject({
    kind: 'install',
    source: 'distribution',
    packages: [
      { name: 'redis-server', from: null, to: '5:7.0.15-1', downloadBytes: 72_212, diskBytes: 215 * 1_024 },
      { name: 'redis-tools', from: null, downloadBytes: 988_816, diskBytes: 4_000 * 1_024 },
    ],
    downloadBytes: 1_061_028,
    diskBytes: 4_215 * 1_024,
    services: ['redis-server.service'],
    ports: [{ first: 6379, last: 6379, isPublic: false }],
    neighbours: [
      { kind: 'web_server', name: 'Apache' },
      { kind: 'database', name: 'MariaDB' },
      { kind: 'firewall', name: 'ufw' },
    ],
  });
  expect(plan.memory.availableBytes).toBeGreaterThan(0);
  expect(plan.freeDiskBytes).toBeGreaterThan(0);
  // The same question has the same mark, another answer another one.
  expect((await readPlanOf({ prefix }, 'redis')).mark).toBe(plan.mark);
  program('apt-get', say('Inst redis-server (5:7.0.15-2 Debian:12/stable [amd64])\n'));
  const other = await readPlanOf({ prefix }, 'redis');
  expect(other.mark).not.toBe(plan.mark);
  expect(other.packages).toMatchObject([{ name: 'redis-server', downloadBytes: 72_212 }]);
});

it('of what is there, only what was built with it is brought up to date, and what is replaced is taken off the size', async () => {
  program('redis-server', 'exit 0');
  program(
    'dpkg-query',
    `case " $* " in
*Installed-Size*) echo 'redis-server 200' ;;
*) ${say('redis-server redis installed\nredis-tools redis installed\nbash bash installed\nredis-sentinel redis not-installed\n')}
esac`,
  );
  program(
    'apt-get',
    `case " $* " in
*" dist-upgrade "*) ${say('Inst bash [1] (2 Debian [amd64])\nInst redis-server [5:7.0.14-1] (5:7.0.15-1 Debian [amd64])\n')}
;;
*" --only-upgrade redis-server "*) ${say('Inst redis-server [5:7.0.14-1] (5:7.0.15-1 Debian [amd64])\n')}
;;
*) exit 9 ;;
esac`,
  );
  program('apt-cache', say(records));
  expect([...(await packagesFrom('redis', prefix))].sort()).toEqual(['redis-server', 'redis-tools']);
  const plan = await readPlanOf({ prefix }, 'redis');
  expect(plan).toMatchObject({
    kind: 'update',
    packages: [{ name: 'redis-server', from: '5:7.0.14-1', to: '5:7.0.15-1', diskBytes: 15 * 1_024 }],
    ports: [],
  });
  expect(plan.packages).toHaveLength(1);
  program('apt-get', 'exit 0');
  expect(await readPlanOf({ prefix }, 'redis')).toMatchObject({ kind: 'nothing', packages: [], downloadBytes: null });
});

it('lists that do not know it are a clear error, not an empty plan', async () => {
  program('apt-get', 'echo "E: Unable to locate package memcached" >&2; exit 100');
  await expect(readPlanOf({ prefix }, 'memcached')).rejects.toMatchObject({ reason: 'package_plan_failed' });
});
