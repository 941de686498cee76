// The drill: a server with a site, its database and the panel is lost, and all of it comes back on a second machine that
// never saw the project, from the target and the recovery key. AAPANEL_RECOVER_MIB: how much there is to bring back.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { waitReady } from './facts.ts';
import { until } from './host.ts';
import { bareServer, install, type Server } from './installed.ts';
import { down, exec, mustExec, script } from './machine.ts';
import * as panel from './panel.ts';
import { steps } from './steps.ts';

const mib = Number(process.env['AAPANEL_RECOVER_MIB'] ?? 64);
const store = '/srv/store';
const aapanel = ['aapanel', '--lang', 'en', 'backup'];
const limit = { timeoutMs: 600_000 };
const root = '/www/wwwroot/shop.test';
/** Half in files of the site, half in its database. */
const fillFiles = `mkdir ${root}/صور; for n in $(seq ${mib / 2}); do
  head -c 1M /dev/urandom > ${root}/صور/$n.jpg; done; chown -R --reference=${root}/index.html ${root}/صور`;
const noise = `concat(${Array.from({ length: 8 }, (_, at) => `sha2(concat(seq, '${at}'), 512)`).join(', ')})`;
const fillDatabase = `create database shop character set utf8mb4; use shop;
create table item (id int primary key, name varchar(100) not null, body text not null);
insert into item select seq, concat('منتج ', seq), left(${noise}, 1000) from seq_1_to_${(mib / 2) * 1024};
create view cheap as select id, name from item where id < 10;
delimiter //
create trigger trim_name before insert on item for each row set new.name = trim(new.name)//
create procedure count_items() select count(*) from item//
create event tidy on schedule every 1 day do delete from item where id < 0//
delimiter ;`;
const shape = [
  'checksum table shop.item',
  // When a trigger was made is when it was loaded.
  "select trigger_name, event_manipulation, action_timing, action_statement, sql_mode, definer from information_schema.triggers where trigger_schema = 'shop'",
  'show events from shop',
  "select table_name, table_type from information_schema.tables where table_schema = 'shop' order by 1",
  'call shop.count_items()',
  'select * from shop.cheap order by id',
].join('; ');
const looks = [
  `find ${root} -printf '%u:%g %m %s %p\\n' | sort`,
  `find ${root} -type f -print0 | sort -z | xargs -0 sha256sum`,
  `mariadb -N -e "${shape}"`,
].join('; ');

describe('a server that was lost', () => {
  const step = steps();
  let server: Server;
  let site: panel.Site;
  let recoveryKey = '';
  let before = '';
  let cookies = '';
  let address = '';
  // Outlives the first machine.
  const place = mkdtempSync(join(tmpdir(), 'aapanel-recover-'));
  const bare = async (name: string): Promise<Server> => await bareServer('trixie', name, true, { [place]: store });

  beforeAll(async () => {
    server = await bare('lost');
    const { machine, owner } = server;
    const printed = await install(machine);
    await panel.createOwner(owner, printed);
    await panel.installNginx(owner);
    site = await panel.createSite(owner, { kind: 'static', domains: ['shop.test'] });
    await script(machine, `echo 'the shop' > ${root}/index.html; ${fillFiles}`, limit);
    await panel.waitForText(machine, 'shop.test', 'the shop');
    await script(machine, 'apt-get -qq -y --no-install-recommends install mariadb-server >/dev/null', limit);
    await mustExec(machine, ['mariadb'], { ...limit, input: fillDatabase });
    before = await script(machine, looks, limit);
  });
  afterAll(async () => {
    if (server !== undefined) await down(server.machine);
    rmSync(place, { recursive: true, force: true });
  });

  step('has a recovery key on paper, and a nightly backup that its timer makes while the panel is down', async () => {
    const { machine, owner } = server;
    await mustExec(machine, [...aapanel, 'targets', 'add', 'store', '--local', store], limit);
    const sheet = await mustExec(machine, [...aapanel, 'keys', 'recovery'], limit);
    recoveryKey = /AAPR(-[A-Z2-7]{4}){14}/.exec(sheet)?.[0] ?? '';
    expect(recoveryKey).not.toBe('');
    const sources = ['panel', 'sites', 'database:mariadb:shop'].flatMap((each) => ['--source', each]);
    await mustExec(machine, [...aapanel, 'plans', 'add', 'nightly', ...sources, '--every', 'daily', '--at', '03:00']);
    await mustExec(machine, ['systemctl', 'stop', 'aapanel.service']);
    // As if the plan had been made the day before yesterday: the next tick of the timer finds it due.
    const plans = '/var/lib/aapanel-agent/backups/plans.json';
    await script(machine, `sed -E -i 's/"since": ?[0-9]+/"since":1/' ${plans}; grep -q '"since":1[^0-9]' ${plans}`);
    await mustExec(machine, ['systemctl', 'start', 'aapanel-backup.service'], limit);
    await until(
      'the planned backup',
      async () =>
        /create {2}succeeded {2}schedule/.test(await mustExec(machine, [...aapanel, 'runs'])) ? true : undefined,
      600_000,
      2_000,
    );
    cookies = readFileSync(owner.cookieFile, 'utf8');
    ({ address } = machine);
  });

  step(
    'P4.2-5 comes back on a second machine within 15 minutes: panel, people, sessions, sites, files, owners, database',
    async () => {
      await down(server.machine);
      server = await bare('second');
      const { machine, owner } = server;
      expect((await exec(machine, ['which', 'nginx', 'restic', 'aapanel', 'mariadbd'])).stdout).toBe('');
      const startedAt = Date.now();
      await install(machine);
      const recover = [...aapanel, 'recover', '--local', store];
      const told = await mustExec(machine, recover, { ...limit, input: `${recoveryKey}\n` });
      await waitReady(machine);
      await panel.waitForText(machine, 'shop.test', 'the shop');
      const seconds = Math.round((Date.now() - startedAt) / 1000);
      console.log(
        `recovery of ${mib} MiB: ${seconds} s with the installation; ${told.trim().split('\n').at(-1) ?? ''}`,
      );
      expect(seconds).toBeLessThan(15 * 60);
      // The session of before: its row and the secret that signs it came back.
      writeFileSync(owner.cookieFile, cookies.replaceAll(address, machine.address));
      panel.mustBe(await panel.request(owner, 'GET', '/api/v1/me'), 200);
      expect((await panel.findSite(owner, 'shop.test'))?.id).toBe(site.id);
      expect(await script(machine, looks, limit)).toBe(before);
    },
  );

  step('goes on making backups where it left off', async () => {
    const { machine } = server;
    // The plan came back too, is overdue, and runs at the next tick: a target has one run at a time.
    await mustExec(machine, ['systemctl', 'stop', 'aapanel-backup.timer']);
    await mustExec(machine, ['systemctl', 'start', 'aapanel-backup.service'], limit);
    await until(
      'the end of planned runs',
      async () => (/ {2}running {2}/.test(await mustExec(machine, [...aapanel, 'runs'])) ? undefined : true),
      600_000,
      2_000,
    );
    await mustExec(machine, [...aapanel, 'create', '--source', 'sites'], limit);
    const { total } = JSON.parse(await mustExec(machine, [...aapanel, 'list', '--json'])) as { total: number };
    expect(total).toBeGreaterThanOrEqual(2);
    for (const proof of ['verify', 'test-restore']) {
      const { code, stdout, stderr } = await exec(machine, [...aapanel, proof], limit);
      const why = async (): Promise<string> => await mustExec(machine, ['journalctl', '--no-pager', '-n', '80']);
      if (code !== 0) throw new Error(`${proof}: ${code}\n${stdout}\n${stderr}\n${await why()}`);
    }
  });
});
