import { spawn } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync, symlinkSync } from 'node:fs';
import { userInfo } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { permissions } from '#shared/access.ts';
import { agentActions } from '#shared/agent/index.ts';
import { cronFactsOf } from '#server/core/testing/cron.ts';
import { withCertificates } from '#server/core/testing/certificates.ts';
import { harmBesides } from './account-harm.ts';
import { namesIn, stolenFile } from './hostile-state.ts';
import { makeOldServer } from './aapanel.ts';
import {
  askElevated,
  digestOf,
  elevate,
  foundOwner,
  mustWork,
  newTotpSecret,
  panel,
  somebody,
  totpCodeAt,
  type Ask,
  type TestPerson,
} from './people.ts';
import { startMariadb } from '../backups/dumps/testing/servers.ts';
import { queryMariadb } from '../databases/wire/mariadb-query.ts';
import { statOf } from '../processes/proc-files.ts';
import { withSshHost } from './ssh-host-harm.ts';
import { newChangeId, snapshot, specOf, type World } from './world.ts';

/*
 * For tests: an agent as it stands after people were enrolled, and everything a web process that was taken over could ask
 * it for.
 */

export type Enrolled = TestPerson & { readonly secret: string; readonly recoveryCodes: string[] };

export type Victim = {
  readonly world: World;
  readonly ask: Ask;
  readonly owner: Enrolled;
  readonly admin: Enrolled;
  /** Of the owner's last sign-in: the panel has seen it. */
  readonly usedCode: string;
  /** Parameters that would do harm, by action; each is for the owner to ask. */
  readonly harm: Readonly<Record<string, () => Promise<object>>>;
  /** Everything that an attacker could want to change. */
  readonly state: () => Promise<string>;
  /** Ends the database server. */
  readonly stop: () => Promise<void>;
};

/** The elevation-class actions: those whose contract says that a ticket may be needed. */
export const elevatedActions = Object.values(agentActions)
  .filter(({ ticket }) => ticket !== 'never')
  .map(({ name }) => name);

/** An owner and an administrator with authenticator apps, two sites, and one ordinary sign-in. */
export async function enrol(world: World, ask: Ask, now: () => number): Promise<Victim> {
  const founded = await foundOwner(ask);
  const other = somebody('admin');
  const elevation = await elevate(ask, founded);
  const facts = { isOwner: false, permissions: [...permissions], isDisabled: false, mustHaveSecondFactor: true };
  const person = { id: other.id, name: other.name, ...facts };
  mustWork(await askElevated(ask, founded, elevation, 'people.put', { people: [person] }));
  const given = await askElevated(ask, founded, elevation, 'people.invite', { personId: other.id, clear: false });
  const token = mustWork(given).result?.['token'];
  mustWork(await ask('people.accept', { token, password: other.password }, panel));
  const [targetId, planId, spareTargetId] = [newChangeId(), newChangeId(), newChangeId()];
  const hookId = newChangeId();
  const keepSafe = [
    ['backups.put_target', targetOf(targetId)],
    ['backups.put_target', targetOf(spareTargetId)],
    ['backups.put_plan', { planId, plan: planOf(targetId) }],
    ['backups.put_hook', hookOf(hookId)],
  ] as const;
  for (const [action, params] of keepSafe) mustWork(await askElevated(ask, founded, elevation, action, params));
  // A shell of root's that the owner has open, and the recording of one that has ended.
  const shell = { as: { kind: 'root' }, cols: 80, rows: 24 };
  const openShell = async () =>
    mustWork(await askElevated(ask, founded, elevation, 'terminals.open', shell)).result as {
      terminal: { id: string };
    };
  const recording = { recorded: 'root', keptDays: 30 };
  mustWork(await askElevated(ask, founded, elevation, 'terminals.set_recording', recording));
  const { terminal } = await openShell();
  const { terminal: ended } = await openShell();
  mustWork(await ask('terminals.close', { terminalId: ended.id }, founded));
  const sshHost = await withSshHost(world, async (host) =>
    mustWork(await askElevated(ask, founded, elevation, 'terminals.put_host', host)),
  );
  const owner = await withApp(ask, founded, now);
  const admin = await withApp(ask, other, now);
  const old = makeOldServer(world.path('/srv/old'), 'single');
  old.site({ name: 'old.test' });
  old.vhost('old.test', 'wordpress.conf', (text) => text.replaceAll('blog.example.com', 'old.test'));
  const pair = withCertificates((make) => make.selfSigned('DNS:victim.test'));
  old.file('/www/server/panel/vhost/cert/old.test/fullchain.pem', pair.certificate);
  old.file('/www/server/panel/vhost/cert/old.test/privkey.pem', pair.key);
  mkdirSync(world.path('/srv/old/www/wwwroot/old.test'));
  old.close();
  const spec = specOf(world, 'victim.test');
  const gone = specOf(world, 'gone.test');
  for (const each of [spec, gone])
    mustWork(await ask('sites.apply', { spec: each, changeId: newChangeId(), isNew: true, onDrift: 'refuse' }, panel));
  const certificateId = newChangeId();
  const imported = { certificateId, changeId: newChangeId(), isNew: true, name: '', ...pair };
  mustWork(await ask('certificates.put', imported, panel));
  const issuedId = newChangeId();
  mustWork(await ask('certificates.put', { ...imported, certificateId: issuedId, changeId: newChangeId() }, panel));
  // As if an authority had issued it; the one that it would be taken back at is nobody (AAPANEL_AGENT_ACME_DIRECTORY).
  const recordPath = `${world.settings.stateFolder}/certificates/${issuedId}/record.json`;
  const acme = { siteId: spec.siteId, hosts: [spec.slug], keyKind: 'ecdsa', email: '', proof: { kind: 'http' } };
  const issued = { ...(JSON.parse(readFileSync(recordPath, 'utf8')) as object), source: 'acme', acme };
  writeFileSync(recordPath, JSON.stringify(issued));
  const files = { certificatePath: '/etc/own/chain.pem', keyPath: '/etc/own/key.pem' };
  mkdirSync(world.path('/etc/own'), { recursive: true, mode: 0o755 });
  writeFileSync(world.path(files.certificatePath), pair.certificate, { mode: 0o644 });
  writeFileSync(world.path(files.keyPath), pair.key, { mode: 0o600 });
  const site = { siteId: spec.siteId, slug: spec.slug };
  mustWork(await ask('deployments.make_key', { site, isReplacing: false }, panel));
  const removalChangeId = newChangeId();
  mustWork(
    await ask('sites.remove', { ...(await removal(ask, gone)), changeId: removalChangeId, files: 'keep' }, panel),
  );
  // As it lies there after a deletion, and the note of a user that somebody kept.
  const recycledId = newChangeId();
  mkdirSync(world.path(`/www/recycle_bin/${recycledId}-binned.test`), { recursive: true, mode: 0o700 });
  const keptUser = 'site-aaaaaaaa';
  const keptFolder = `${world.settings.stateFolder}/kept-accounts`;
  const keptAccount = { user: keptUser, uid: null, siteId: newChangeId(), slug: 'binned.test', folder: '/www/none' };
  mkdirSync(keptFolder, { mode: 0o700 });
  writeFileSync(`${keptFolder}/${keptUser}`, JSON.stringify({ ...keptAccount, sftpFiles: [], keptAt: 0, keptBy: '' }));
  const databases = await withDatabases(world, ask);
  const cronJobId = newChangeId();
  const usedCode = await signIn(ask, owner, now);
  const sleeper = startSleeper();
  const customDirectives = 'location = /x { return 200 "mine"; }\n';
  const victim: Victim = {
    world,
    ask,
    owner,
    admin,
    usedCode,
    harm: {
      'aapanel.read': () => Promise.resolve({ base: '/srv/old' }),
      'aapanel.take_certificate': () =>
        Promise.resolve({
          base: '/srv/old',
          name: 'old.test',
          certificateId: newChangeId(),
          changeId: newChangeId(),
        }),
      'backups.keys': () => Promise.resolve({ operation: 'new_recovery' }),
      'backups.put_hook': () => Promise.resolve(hookOf(hookId, 'https://mallory.example/')),
      'backups.put_plan': () => Promise.resolve({ planId, plan: { ...planOf(targetId), isPaused: true } }),
      'backups.put_target': () => Promise.resolve(targetOf(targetId, '/elsewhere')),
      'backups.remove_hook': () => Promise.resolve({ hookId }),
      'backups.remove_plan': () => Promise.resolve({ planId }),
      'backups.remove_target': () => Promise.resolve({ targetId: spareTargetId }),
      'backups.start': () =>
        Promise.resolve({
          runId: newChangeId(),
          request: { kind: 'prune', targetId, planId: null, isDryRun: false },
        }),
      'certificates.choose_for_panel': () => Promise.resolve({ certificateId, followedId: null }),
      'certificates.issue_for_panel': () =>
        Promise.resolve({ orderId: newChangeId(), certificateId: newChangeId(), host: 'panel.test' }),
      'certificates.export_key': () => Promise.resolve({ certificateId }),
      'copies.start': () =>
        Promise.resolve({
          copyId: newChangeId(),
          source: site,
          spec: { ...specOf(world, 'stolen.test'), customDirectives },
          withSecrets: true,
        }),
      'cron.crontabs': () => Promise.resolve({ most: 500 }),
      'cron.put': () =>
        Promise.resolve({
          jobId: cronJobId,
          isNew: true,
          facts: cronFactsOf('mine', {
            work: { kind: 'script', language: 'sh', script: 'id', linuxUser: userInfo().username },
          }),
        }),
      'database_servers.change_account': () => databases.harm({ host: null, requiresTls: false, isLocked: true }),
      'database_servers.create_account': () =>
        Promise.resolve({ engine: 'mariadb', name: 'mallory', hosts: ['%'], password: null, requiresTls: false }),
      'database_servers.drop_account': () => databases.harm({}),
      'database_servers.put_settings': async () => {
        const { result } = mustWork(await ask('database_servers.settings', {}, panel));
        const settings = { preset: 'small', slowLog: { isOn: true, thresholdMs: 50 } };
        return { settings, revision: result?.['revision'], changeId: newChangeId() };
      },
      'database_servers.set_account_password': () => databases.harm({ password: 'known to mallory' }),
      'database_servers.set_grant': () =>
        databases.harm({ database: 'victim', table: null, privileges: ['SELECT'], canGrant: true }),
      'database_servers.set_root_password': () => Promise.resolve({ engine: 'mariadb', password: 'known to mallory' }),
      'databases.change_row': () =>
        Promise.resolve({
          databaseId: databases.databaseId,
          table: 'mallory',
          change: { kind: 'insert', values: [{ column: 'id', value: '1' }] },
        }),
      'databases.change_owner': () =>
        Promise.resolve({ databaseId: databases.databaseId, user: 'mallory', password: null }),
      'databases.change_password': () => Promise.resolve({ databaseId: databases.databaseId, password: null }),
      'databases.discard_removed': () => Promise.resolve({ removalId: databases.removalId }),
      'databases.execute': () =>
        Promise.resolve({
          databaseId: databases.databaseId,
          statement: 'create table mallory (id int primary key)',
          maxRows: 1,
          timeoutSeconds: 5,
        }),
      'databases.remove': () => databases.removal(),
      'databases.rename': () =>
        Promise.resolve({ databaseId: databases.spareId, runId: newChangeId(), name: 'mallory' }),
      'databases.show_password': () => Promise.resolve({ databaseId: databases.databaseId }),
      'certificates.revoke': () =>
        Promise.resolve({ certificateId: issuedId, orderId: newChangeId(), reason: 'key_compromise' }),
      'certificates.watch': () =>
        Promise.resolve({ certificateId: newChangeId(), changeId: newChangeId(), name: '', ...files }),
      'deployments.make_key': () => Promise.resolve({ site, isReplacing: true }),
      'factors.change': () => Promise.resolve({ change: { kind: 'new_recovery_codes' } }),
      'people.invite': () => Promise.resolve({ personId: admin.id, clear: true }),
      'people.put': () =>
        Promise.resolve({
          people: [
            { ...person, isOwner: true },
            { ...person, id: newChangeId(), name: 'mallory' },
          ],
        }),
      'people.remove': () => Promise.resolve({ personId: admin.id }),
      'files.rights_begin': () =>
        Promise.resolve({
          site,
          workId: newChangeId(),
          wish: { kind: 'set', paths: [''], fileMode: 0o666, folderMode: 0o777, keepsRun: true, toSite: true },
        }),
      'machine.set_automatic_updates': () => Promise.resolve({ isOn: false }),
      ...harmBesides,
      'processes.end': () =>
        Promise.resolve({ pid: sleeper, startTicks: statOf('/proc', sleeper)?.startTicks ?? 0, signal: 'KILL' }),
      'recycled_sites.discard': () => Promise.resolve({ ids: [recycledId] }),
      'recycled_sites.put_settings': () => Promise.resolve({ days: 1 }),
      'recycled_sites.remove_account': () => Promise.resolve({ user: keptUser, changeId: newChangeId() }),
      'redis.flush': () => Promise.resolve({ database: 0 }),
      'services.control': () => Promise.resolve({ unit: 'ssh.service', verb: 'stop' }),
      'site_files.export': () => Promise.resolve(stolenFile(world, site)),
      'sites.apply': () =>
        Promise.resolve({
          spec: { ...spec, customDirectives },
          changeId: newChangeId(),
          isNew: false,
          onDrift: 'overwrite',
        }),
      'sites.remove': async () => ({ ...(await removal(ask, spec)), changeId: newChangeId(), files: 'recycle' }),
      'sites.restore': () =>
        Promise.resolve({ spec: { ...gone, customDirectives }, changeId: newChangeId(), removalChangeId }),
      ...sshHost.harm,
      'terminals.enter': () => Promise.resolve({ terminalId: terminal.id }),
      'terminals.open': () => Promise.resolve(shell),
      'terminals.read_recording': () => Promise.resolve({ recordingId: ended.id, offset: 0 }),
      'terminals.remove_recording': () => Promise.resolve({ recordingId: ended.id }),
      'terminals.set_recording': () => Promise.resolve({ recorded: 'none', keptDays: 1 }),
    },
    state: async () =>
      [
        readFileSync(registerPath(world), 'utf8'),
        snapshot(world.prefix, ['/etc', '/www'], /\/\.copies$/),
        statOf('/proc', sleeper)?.state ?? 'gone',
        ...['alerts/hooks', 'keys', 'plans', 'targets'].map((name) => readOr(`${backupsOf(world)}/${name}.json`)),
        readOr(`${world.settings.stateFolder}/recycled-sites.json`),
        ...readdirSync(`${world.settings.stateFolder}/kept-accounts`),
        ...namesIn(world, ['discards']),
        readOr(`${world.settings.stateFolder}/deploy-keys/${site.siteId}.pub`),
        ...namesIn(world, ['copies', `site-exports/${site.siteId}`], '.json'),
        ...readdirSync(`${world.settings.stateFolder}/certificates`),
        ...ordersOf(world),
        ...(existsSync(`${backupsOf(world)}/runs`) ? readdirSync(`${backupsOf(world)}/runs`) : []),
        readOr(`${world.settings.stateFolder}/cron/jobs/${cronJobId}.json`),
        readOr(`${world.settings.stateFolder}/databases/records/${databases.databaseId}.json`),
        readOr(`${world.settings.stateFolder}/databases/records/${databases.spareId}.json`),
        ...readdirSync(`${world.settings.stateFolder}/databases/kept`),
        await databases.accounts(),
        ...readdirSync(world.path('/run/aapanel-terminals')),
        // What terminals show goes on coming.
        ...readdirSync(`${world.settings.stateFolder}/terminal-recordings`),
        readOr(`${world.settings.stateFolder}/terminal-recording.json`),
        sshHost.state(),
      ].join('\n'),
    async stop() {
      await endTerminals(world);
      await databases.stop();
    },
  };
  await untilQuiet(victim.state);
  return victim;
}

/** Nobody asks the agent any more: each is told by the signal that the machine gives when it goes down. */
async function endTerminals(world: World): Promise<void> {
  const folder = world.path('/run/aapanel-terminals');
  for (const name of readdirSync(folder)) {
    const { pid } = JSON.parse(readFileSync(`${folder}/${name}/host.json`, 'utf8')) as { pid: number };
    process.kill(pid, 'SIGTERM');
  }
  for (const isOver = Date.now() + 5_000; readdirSync(folder).length > 0 && Date.now() < isOver; ) await wait(20);
}

/** What was made here starts work that goes on by itself. */
async function untilQuiet(state: Victim['state']): Promise<void> {
  const isOver = Date.now() + 20_000;
  for (let [seen, since] = [await state(), Date.now()]; Date.now() - since < 1_500 && Date.now() < isOver; ) {
    await wait(100);
    const now = await state();
    if (now !== seen) [seen, since] = [now, Date.now()];
  }
}

/** A server with one database, and what is kept of another one. */
async function withDatabases(world: World, ask: Ask) {
  const server = await startMariadb(world);
  const folder = `${world.prefix}/etc/mysql/mariadb.conf.d`;
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${world.prefix}/etc/mysql/my.cnf`, `!includedir ${folder}/\n`);
  symlinkSync('/usr/sbin/mariadbd', world.path('/usr/sbin/mariadbd'));
  const create = async (name: string): Promise<string> => {
    const databaseId = newChangeId();
    const facts = { engine: 'mariadb', charset: 'utf8mb4', locale: null, siteId: null };
    const given = { databaseId, name, user: name, password: null, ...facts };
    mustWork(await ask('databases.create', given, panel));
    return databaseId;
  };
  const removal = async (databaseId: string): Promise<{ databaseId: string; runId: string; confirm: unknown }> => {
    const { result } = mustWork(await ask('databases.preview_removal', { databaseId }, panel));
    return { databaseId, runId: newChangeId(), confirm: result?.['confirm'] };
  };
  const databaseId = await create('victim');
  const spareId = await create('spare');
  server.sql("create user guest@localhost identified by 'a long word';");
  // One connection for all looks: a client of its own for each would take most of the time.
  server.sql("create user watch@localhost identified by 'another word'; grant select on *.* to watch@localhost;");
  const socketPath = world.path('/run/mysqld/mysqld.sock');
  const account = { user: 'watch', password: 'another word', database: 'mysql' };
  const watch = await queryMariadb({ ...account, at: { socketPath } });
  const guest = Buffer.from(JSON.stringify(['guest', 'localhost'])).toString('base64url');
  const removalId = newChangeId();
  // Beside the real thing: what the agent keeps of a deletion is enough here.
  const kept = `${world.settings.stateFolder}/databases/kept/${removalId}`;
  mkdirSync(kept, { recursive: true, mode: 0o700 });
  const record = readFileSync(`${world.settings.stateFolder}/databases/records/${databaseId}.json`, 'utf8');
  const note = { ...keptNote(JSON.parse(record) as object), removalId };
  writeFileSync(`${kept}/kept.json`, JSON.stringify(note), { mode: 0o600 });
  const isRunning = (): boolean => {
    const folder = `${world.settings.stateFolder}/databases/runs`;
    const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];
    return names.some((name) => /"state":"(starting|running)"/.test(readFileSync(`${folder}/${name}`, 'utf8')));
  };
  return {
    databaseId,
    spareId,
    removalId,
    removal: () => removal(databaseId),
    /** Something to do to an account that belongs to nobody. */
    harm: (what: object) => Promise.resolve({ engine: 'mariadb', accountId: guest, ...what }),
    async accounts(): Promise<string> {
      const looks = [
        'select user, host, priv from global_priv',
        'select * from db',
        'checksum table victim.mallory',
        "select table_name from information_schema.tables where table_schema = 'victim'",
      ];
      const rows: unknown[] = [];
      for (const look of looks) rows.push(await watch.rows(look));
      return JSON.stringify(rows);
    },
    async stop() {
      watch.close();
      for (let round = 0; round < 100 && isRunning(); round++) await wait(100);
      await server.stop();
    },
  };
}

function keptNote(record: object): object {
  const none = '0'.repeat(64);
  const source = { kind: 'database', engine: 'mariadb', database: 'gone' };
  const counts = { routines: 0, triggers: 0, views: 0, events: 0 };
  const sums = { snapshot: none, fileName: 'dump.sql', bytes: 0, sha256: none, serverVersion: '', toolVersion: '' };
  const part = { kind: 'dump', name: 'gone', source, ...sums, tables: [], counts };
  return { record: { ...record, databaseId: newChangeId(), name: 'gone' }, part, keptBytes: 0, removedAt: 0 };
}

/** A process of root's that somebody could want to end. */
function startSleeper(): number {
  const child = spawn('/bin/sleep', ['600'], { stdio: 'ignore' });
  child.unref();
  process.once('exit', () => child.kill('SIGKILL'));
  return child.pid ?? 0;
}

const hookOf = (hookId: string, url = 'https://chat.example.com/room') => ({
  hookId,
  name: 'told',
  url,
  events: ['run_failed'],
  language: 'en',
  isEnabled: true,
  secret: null,
});

/** Their names: how an order goes on is a matter of its own process. */
function ordersOf({ settings }: World): string[] {
  const folder = `${settings.stateFolder}/acme/orders`;
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];
}

const backupsOf = ({ settings }: World): string => `${settings.stateFolder}/backups`;

function readOr(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

function targetOf(targetId: string, path = '/offsite') {
  const limits = { uploadKibPerSecond: null, downloadKibPerSecond: null, minFreeBytes: null, maxBytes: null };
  return { targetId, name: 'offsite', place: { kind: 'local', path }, limits, secret: { kind: 'none' } };
}

function planOf(targetId: string) {
  return {
    name: 'nightly',
    sources: [{ kind: 'panel' }],
    targetIds: [targetId],
    excludes: [],
    schedule: null,
    retention: { last: 7, hourly: 0, daily: 0, weekly: 0, monthly: 0, yearly: 0 },
    proof: 'never',
    isPaused: false,
  };
}

const registerPath = ({ settings }: World): string => `${settings.stateFolder}/people.json`;

async function withApp(ask: Ask, person: TestPerson, now: () => number): Promise<Enrolled> {
  const secret = newTotpSecret();
  const elevation = await elevate(ask, person);
  // The code of the half minute before is taken only while that is the last one: made when nothing slow comes after it.
  const change = { kind: 'add_totp', secret, code: totpCodeAt(secret, now(), -1) };
  const added = await askElevated(ask, person, elevation, 'factors.change', { change });
  return { ...person, secret, recoveryCodes: mustWork(added).result?.['recoveryCodes'] as string[] };
}

async function signIn(ask: Ask, { id, password, secret }: Enrolled, now: () => number): Promise<string> {
  const check = (proof: object) => ask('factors.check', { personId: id, proof }, panel);
  mustWork(await check({ kind: 'password', password }));
  const code = totpCodeAt(secret, now());
  mustWork(await check({ kind: 'totp', code }));
  return code;
}

async function removal(ask: Ask, { siteId, slug, root }: ReturnType<typeof specOf>) {
  const site = { siteId, slug };
  const { result } = mustWork(await ask('sites.preview_removal', { site, root }, panel));
  return { site, root, confirm: result?.['confirm'] };
}

/** As the person does it: a fresh factor, here a recovery code that nobody has used yet. */
export async function confirm(ask: Ask, person: Enrolled): Promise<string> {
  return await elevate(ask, person, { kind: 'recovery', code: person.recoveryCodes.pop() ?? '' });
}

/** What somebody forges who knows everything but the key: also the version that only root can read. */
export function forgedTicket(
  { world }: Victim,
  personId: string,
  action: string,
  params: unknown,
  use: string,
): string {
  const { people } = JSON.parse(readFileSync(registerPath(world), 'utf8')) as {
    people: { id: string; version: string }[];
  };
  const version = people.find(({ id }) => id === personId)?.version;
  const until = Date.now() + 60_000;
  const facts = { nonce: 'n', person: personId, version, action, digest: digestOf(params), until, token: null };
  return signed(use, facts);
}

export function forgedElevation(person: TestPerson, version: string): string {
  const facts = { person: person.id, session: person.sessionId, version, until: Date.now() + 600_000, token: null };
  return signed('aapanel elevation 1', facts);
}

function signed(use: string, facts: object): string {
  const text = Buffer.from(JSON.stringify(facts)).toString('base64url');
  return `${text}.${createHmac('sha256', randomBytes(32)).update(`${use}\n${text}`).digest('base64url')}`;
}
