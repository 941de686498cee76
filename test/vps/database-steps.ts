// Databases on an installed server: a PHP site reads and writes its own over its generated user, and nobody else's.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { zstdDecompressSync } from 'node:zlib';
import { expect } from 'vitest';
import { must, until } from './host.ts';
import type { Server } from './installed.ts';
import { exec, mustExec, script } from './machine.ts';
import * as panel from './panel.ts';
import type { Step } from './steps.ts';
import { inNamespace, namespacePath } from './world.ts';

type PhpSite = panel.Site & { linuxUser: string };
type Listed = {
  servers: { state: string; isOpenToNetwork: boolean }[];
  items: { id: string; name: string; state: string; siteId: string | null }[];
  removed: { removalId: string; name: string }[];
};

/** Writes a line with what it is given in `access.json`, and answers every line, or what the server said. */
const rows = `<?php
mysqli_report(MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT);
$a = json_decode(file_get_contents(__DIR__ . '/access.json'), true);
try {
  $db = new mysqli('localhost', $a['user'], $a['password'], $a['database']);
  $db->set_charset('utf8mb4');
  $db->query('create table if not exists notes (id int primary key auto_increment, note text)');
  if (isset($_GET['note'])) { $s = $db->prepare('insert into notes (note) values (?)'); $s->execute([$_GET['note']]); }
  echo 'notes: ', implode(', ', array_column($db->query('select note from notes order by id')->fetch_all(MYSQLI_ASSOC), 'note'));
} catch (mysqli_sql_exception $e) { echo 'refused ', $e->getCode(); }
`;

export function databaseSteps(
  step: Step,
  server: () => Server,
  version: () => string,
): { readonly afterReboot: () => Promise<void>; readonly end: () => void } {
  let own: PhpSite;
  let other: PhpSite;
  let password = '';
  const owner = () => server().owner;
  const machine = () => server().machine;
  const list = () => panel.call<Listed>(owner(), 'GET', '/api/v1/databases');
  const job = async (path: string, body?: object): Promise<string> => {
    const { id } = await panel.call<panel.Job>(owner(), 'POST', path, body, { status: 202 });
    const ended = await panel.endOfJob(owner(), id);
    const log = await panel.jobLog(owner(), id);
    if (ended.state !== 'succeeded') throw new Error(`${JSON.stringify(ended.failure)}\n${log}`);
    return log;
  };
  const write = (site: PhpSite, name: string, text: string) =>
    mustExec(
      machine(),
      [
        'setpriv',
        `--reuid=${site.linuxUser}`,
        `--regid=${site.linuxUser}`,
        '--clear-groups',
        'tee',
        `${site.root}/${name}`,
      ],
      { input: text },
    );
  const give = (site: PhpSite, access: object) => write(site, 'access.json', JSON.stringify(access));
  const make = async (host: string, database: string): Promise<PhpSite> => {
    const given = { php: { version: version() }, database: { name: database, user: database } };
    await panel.createSite(owner(), { kind: 'php', domains: [host], ...given });
    const found = await panel.findSite(owner(), host);
    const site = await panel.call<PhpSite>(owner(), 'GET', `/api/v1/sites/${found?.id}`);
    await write(site, 'index.php', '<?php echo "up ", basename(__DIR__);');
    await write(site, 'rows.php', rows);
    await panel.waitForText(machine(), host, `up ${host}`);
    return site;
  };
  const passwordOf = async (name: string): Promise<string> => {
    const { items } = await list();
    const id = items.find((each) => each.name === name)?.id;
    return (await panel.call<{ password: string }>(owner(), 'POST', `/api/v1/databases/${id}/password/show`)).password;
  };

  step('DB-1 HOST-2 MariaDB is installed by a job and listens on this machine alone', async () => {
    expect((await list()).servers[0]?.state).toBe('missing');
    const log = await job('/api/v1/software/mariadb/install');
    expect(log).toMatch(/"text":"MariaDB 10\.11\./);
    expect((await list()).servers[0]).toMatchObject({ state: 'running', isOpenToNetwork: false });
    const listening = await script(machine(), "ss -Hltn 'sport = :3306' | awk '{print $4}'");
    expect(listening.trim()).toBe('127.0.0.1:3306');
    const knock = `timeout 5 bash -c '</dev/tcp/${machine().address}/3306' && echo open || echo closed`;
    const client = namespacePath(machine().world, 'client');
    expect((await must('nsenter', [`--net=${client}`, '--', 'bash', '-c', knock])).trim()).toBe('closed');
  });

  step('a PHP site is made with its database, and reads and writes rows over its generated user', async () => {
    own = await make('data.test', 'data_test');
    other = await make('other-data.test', 'other_data');
    password = await passwordOf('data_test');
    expect(password).toMatch(/^[a-zA-Z2-9]{28}$/);
    await give(own, { user: 'data_test', password, database: 'data_test' });
    await panel.visit(machine(), 'data.test', `/rows.php?note=${encodeURIComponent("it's سلام")}`);
    expect((await panel.visit(machine(), 'data.test', '/rows.php')).text).toBe("notes: it's سلام");
  });

  step('a database is exported through the panel, and a dump that is cut never passes for a whole one', async () => {
    const { items } = await list();
    const exports = `/api/v1/databases/${items.find(({ name }) => name === 'data_test')?.id}/exports`;
    type Export = { id: string; state: string; failure: object | null };
    const begin = async (): Promise<string> => {
      const wish = { format: 'sql.zst', what: 'all', tables: null };
      return (await panel.call<Export>(owner(), 'POST', exports, wish, { status: 201 })).id;
    };
    const fetch = (id: string, file: string) =>
      inNamespace(machine().world, 'client', 'curl', [
        '-sSk',
        '--fail',
        '--max-time',
        '60',
        '--cookie',
        owner().cookieFile,
        '--output',
        `${machine().folder}/${file}`,
        `${owner().origin}${exports}/${id}/file`,
      ]);
    expect((await fetch(await begin(), 'whole.sql.zst')).code).toBe(0);
    const text = zstdDecompressSync(readFileSync(`${machine().folder}/whole.sql.zst`)).toString();
    expect(text).toMatch(/CREATE TABLE `notes`[\s\S]*it\\'s سلام[\s\S]*Dump completed/);
    await script(
      machine(),
      "mariadb data_test -e 'create table big (a longblob); insert into big select repeat(random_bytes(1000), 1000) from seq_1_to_200'",
    );
    const id = await begin();
    const cut = fetch(id, 'cut.sql.zst');
    const path = `${machine().folder}/cut.sql.zst`;
    await until('the download', async () => (existsSync(path) && statSync(path).size > 0) || undefined, 30_000, 20);
    await mustExec(machine(), ['pkill', '-x', 'mariadb-dump']);
    // 18: a part of the file, which curl says.
    expect((await cut).code).toBe(18);
    expect(await panel.call<Export>(owner(), 'GET', `${exports}/${id}`)).toMatchObject({ state: 'failed' });
    await script(machine(), "mariadb data_test -e 'drop table big'");
  });

  step("DB-6 another site's user, the web process and a guess come to nothing", async () => {
    const tries = async (access: object): Promise<string> => {
      await give(other, access);
      return (await panel.visit(machine(), 'other-data.test', '/rows.php')).text;
    };
    const theirs = { user: 'other_data', password: await passwordOf('other_data') };
    expect(await tries({ ...theirs, database: 'other_data' })).toBe('notes: ');
    expect(await tries({ ...theirs, database: 'data_test' })).toBe('refused 1044');
    expect(await tries({ ...theirs, database: 'mysql' })).toBe('refused 1044');
    expect(await tries({ user: 'data_test', password: '', database: 'data_test' })).toBe('refused 1045');
    for (const user of ['root', 'mysql'])
      expect(await tries({ user, password: '', database: 'mysql' })).toMatch(/^refused (1045|1698)$/);
    for (const user of ['aapanel', other.linuxUser]) {
      const as = ['setpriv', `--reuid=${user}`, `--regid=${user}`, '--clear-groups'];
      const asRoot = await exec(machine(), [...as, 'mariadb', '-u', 'root', '-e', 'select 1']);
      expect(asRoot.code).not.toBe(0);
      const read = await exec(machine(), [...as, 'ls', '/var/lib/aapanel-agent/databases', '/var/lib/mysql/data_test']);
      expect(read.stdout).toBe('');
    }
    const where = '/var/lib/aapanel-agent /var/lib/aapanel /var/log /etc/aapanel';
    expect(
      await script(machine(), `grep -rlF '${password}' ${where} || true; journalctl | grep -F '${password}' || true`),
    ).toBe('');
  });

  step(
    'a preset and the log of slow statements are taken up, outlive a restart of the server, and are undone',
    async () => {
      const base = '/api/v1/database-servers/mariadb';
      type View = { revision: string; previous: object | null; waiting: string[] };
      const ask = (sql: string): Promise<string> => script(machine(), `mariadb -N -e "${sql}"`);
      const values = 'select @@max_connections, @@thread_cache_size, @@slow_query_log, @@long_query_time';
      const put = async (settings: object): Promise<View> => {
        const { revision } = await panel.call<View>(owner(), 'GET', `${base}/settings`);
        return await panel.call<View>(owner(), 'PUT', `${base}/settings`, { settings, revision });
      };
      const before = await ask(values);
      const changed = await put({ preset: 'small', slowLog: { isOn: true, thresholdMs: 50 } });
      expect([changed.waiting, await ask(values)]).toEqual([[], '100\t16\t1\t0.050000\n']);
      await mustExec(machine(), ['systemctl', 'restart', 'mariadb.service']);
      expect(await ask(values)).toBe('100\t16\t1\t0.050000\n');
      await panel.waitForText(machine(), 'data.test', 'up data.test');
      await ask("select sleep(0.1), 'nobody reads this'");
      const slow = JSON.stringify(await panel.call(owner(), 'GET', `${base}/slow-statements`));
      expect(slow).toContain('select sleep(?), ?');
      expect(slow).not.toContain('nobody reads this');
      await put(changed.previous ?? {});
      expect(await ask(values)).toBe(before);
      expect(await script(machine(), 'ls /etc/mysql/mariadb.conf.d')).not.toContain('aapanel');
    },
  );

  step('DB-6 an account made by hand does what it was given, and nothing else', async () => {
    const accounts = '/api/v1/database-servers/mariadb/accounts';
    const given = { name: 'auditor', hosts: ['localhost'] };
    const made = await panel.call<{ password: string; items: { id: string }[] }>(owner(), 'POST', accounts, given);
    const id = made.items[0]?.id ?? '';
    await panel.call(owner(), 'PUT', `${accounts}/${id}/grants`, { database: 'data_test', privileges: ['SELECT'] });
    const tryIt = async (sql: string): Promise<number | null> => {
      const environment = ['env', `MYSQL_PWD=${made.password}`, 'mariadb', '-u', 'auditor', '-e', sql];
      return (await exec(machine(), environment)).code;
    };
    expect(await tryIt('select note from data_test.notes')).toBe(0);
    expect(await tryIt('delete from data_test.notes')).not.toBe(0);
    expect(await tryIt('select * from other_data.notes')).not.toBe(0);
    panel.mustBe(await panel.request(owner(), 'DELETE', `${accounts}/${id}`), 204);
    expect(await tryIt('select 1')).not.toBe(0);
  });

  return {
    async afterReboot() {
      await panel.waitForText(machine(), 'data.test', 'up data.test');
      expect((await panel.visit(machine(), 'data.test', '/rows.php')).text).toBe("notes: it's سلام");
    },
    end() {
      step('a deleted site takes its database along, and it comes back with its rows and its password', async () => {
        const { items } = await list();
        const databaseId = items.find((each) => each.name === 'data_test')?.id;
        const preview = await panel.call<{ confirm: string }>(
          owner(),
          'GET',
          `/api/v1/databases/${databaseId}/removal`,
        );
        const { confirm } = await panel.call<{ confirm: string }>(owner(), 'GET', `/api/v1/sites/${own.id}/removal`);
        const databases = [{ databaseId, confirm: preview.confirm }];
        const removed = await panel.request(owner(), 'POST', `/api/v1/sites/${own.id}/removal`, {
          confirm,
          files: 'keep',
          databases,
        });
        panel.mustBe(removed, 200);
        const [jobId = ''] = (removed.body as { jobIds: string[] }).jobIds;
        expect(await panel.endOfJob(owner(), jobId)).toMatchObject({ state: 'succeeded' });
        const ask = `mariadb -N -e "select count(*) from information_schema.schemata where schema_name = 'data_test'; select count(*) from mysql.global_priv where user = 'data_test'"`;
        expect(await script(machine(), ask)).toBe('0\n0\n');
        const kept = (await list()).removed.find((each) => each.name === 'data_test');
        await job(`/api/v1/removed-databases/${kept?.removalId}/restore`);
        const read = `mariadb --default-character-set=utf8mb4 -N -u data_test data_test -e 'select note from notes'`;
        const back = await exec(machine(), ['env', `MYSQL_PWD=${password}`, 'bash', '-c', read]);
        expect(back.stdout).toBe("it's سلام\n");
        expect((await list()).items).toContainEqual(expect.objectContaining({ name: 'data_test', state: 'ready' }));
        const rest = await panel.call<{ confirm: string }>(owner(), 'GET', `/api/v1/sites/${other.id}/removal`);
        const gone = { confirm: rest.confirm, files: 'recycle' };
        panel.mustBe(await panel.request(owner(), 'POST', `/api/v1/sites/${other.id}/removal`, gone), 200);
      });
    },
  };
}
