import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { withCertificates } from '#server/core/testing/certificates.ts';
import { certificatesHandlers } from '../../certificates/certificates.actions.ts';
import { findStored } from '../../certificates/shelf.ts';
import { passwordOf } from '../../databases/create.ts';
import { listRecords, writeRecord } from '../../databases/records.ts';
import { seal, unseal } from '../../databases/seal.ts';
import { runConsole } from '../../console.ts';
import { ownKey } from '../../core/keys.ts';
import { openMachine } from '../../core/machine.ts';
import { siteBehaviour } from '#shared/site-behaviour.ts';
import { folderOf, getServer, writeServer } from '../../remote-databases/servers.ts';
import { keepPassword } from '../../sites/site-passwords.ts';
import { applySite } from '../../sites/sites.apply.ts';
import { ask } from '../../testing/asking.ts';
import { hasRestic, makeWork, type TestWork } from '../../testing/backup-sets.ts';
import { call, hasNginx, makeWorld, newChangeId, specOf, visitUntil, type World } from '../../testing/world.ts';
import { createSet } from '../create.ts';
import { newId, ringOf, writeRing } from '../keys.ts';
import { withTarget } from '../open-target.ts';
import { newRecoveryKey } from '../recovery-key.ts';
import { syncSets } from '../sets.ts';
import { partsOf } from '../sources/parts.ts';
import { readSiteFacts } from '../sources/site-facts.ts';
import { putTarget } from '../targets.ts';
import { recover, type Recovered, type RecoverRequest } from './recover.ts';

const canRun = hasRestic && hasNginx;
const recovery = newRecoveryKey(Date.now());
const place = { kind: 'local', path: '/backups' } as const;
const limits = { uploadKibPerSecond: null, downloadKibPerSecond: null, minFreeBytes: null, maxBytes: null };
const targetId = newId();
const root = '/www/wwwroot/shop.test';
const made = withCertificates((make) => ({ shop: make.selfSigned('DNS:shop.test') }));
let certificateId: string;
let old: World;
let fresh: World;
let oldWork: TestWork;
let freshWork: TestWork;

function installPanel(world: World, settings: readonly string[]): void {
  mkdirSync(world.path('/etc/aapanel/tls'), { recursive: true });
  writeFileSync(world.path('/etc/aapanel/panel.env'), `${settings.join('\n')}\n`, { mode: 0o640 });
  writeFileSync(world.path('/etc/aapanel/tls/cert.pem'), `certificate of ${settings[0] ?? ''}`);
  mkdirSync(world.path('/var/lib/aapanel/db'), { recursive: true });
}

const account = 'acme/config/accounts/ca.test/directory/0123456789abcdef';
beforeAll(async () => {
  if (!canRun) return;
  old = await makeWorld({ nginx: 'running' });
  oldWork = makeWork(old);
  installPanel(old, ['PORT=5000', 'SECRET_KEY=the-old-secret', 'DATABASE_TYPE=sqlite', 'ENVIRONMENT=production']);
  const database = new DatabaseSync(old.path('/var/lib/aapanel/db/panel.db'));
  database.exec("create table person (id text); insert into person values ('owner'), ('guest');");
  database.close();
  mkdirSync(old.path('/var/lib/aapanel/tls/one'), { recursive: true });
  writeFileSync(old.path('/var/lib/aapanel/tls/one/key.pem'), 'a private key');
  mkdirSync(old.path('/var/lib/aapanel/logs'));
  writeFileSync(old.path('/var/lib/aapanel/logs/panel.log'), 'log');
  const machine = await openMachine(old.settings);
  certificateId = newChangeId();
  const given = { certificateId, changeId: newChangeId(), isNew: true, name: '', ...made.shop };
  await certificatesHandlers['certificates.put'](machine, given, call());
  const tls = { certificateId, profile: 'modern', isForced: false, isHttp2: true, isHttp3: false, hsts: null } as const;
  const spec = specOf(old, 'shop.test', { tls });
  const apply = (given: typeof spec, isNew: boolean) =>
    applySite(machine, { spec: given, changeId: newChangeId(), isNew, onDrift: 'refuse', action: 'test' }, call());
  await apply(spec, true);
  const { passwordId } = await keepPassword(machine, { siteId: spec.siteId, password: 'only for staff' }, call());
  const passwords = [{ path: '/staff', users: [{ name: 'sara', passwordId }] }];
  await apply({ ...spec, behaviour: siteBehaviour.parse({ passwords }) }, false);
  writeFileSync(old.path(`${root}/index.html`), 'the shop');
  writeFileSync(`${old.settings.stateFolder}/people.json`, '{"format":1,"people":[]}\n');
  mkdirSync(`${old.settings.stateFolder}/${account}`, { recursive: true, mode: 0o700 });
  writeFileSync(`${old.settings.stateFolder}/${account}/private_key.json`, '{"kty":"EC"}', { mode: 0o400 });
  await ownKey(old.settings.stateFolder, 'audit');
  await keepDatabase();
  await machine.settled();
  machine.close();
  await writeRing(oldWork.folder, { ...(await ringOf(oldWork.folder, Date.now())), recovery: recovery.kept });
  await putTarget(oldWork.folder, { targetId, name: 'local', place, limits }, { kind: 'none' });
  await save([{ kind: 'panel' }, { kind: 'all_sites' }]);
  writeFileSync(old.path(`${root}/index.html`), 'the shop, newer');
  await save([{ kind: 'all_sites' }]);
  await stopNginx(old);
}, 60_000);
afterAll(() => {
  if (!canRun) return;
  old.destroy();
  fresh.destroy();
});

/** What the agent keeps of a database that it has made. */
async function keepDatabase(): Promise<void> {
  const where = { stateFolder: old.settings.stateFolder };
  const databaseId = newChangeId();
  await writeRecord(where, {
    databaseId,
    engine: 'mariadb',
    name: 'shop',
    user: 'shop',
    siteId: newChangeId(),
    charset: 'utf8mb4',
    collation: 'utf8mb4_unicode_ci',
    password: await seal(where, databaseId, 'password of the shop'),
    nextPassword: null,
    formerNames: [],
    nextUser: null,
    state: 'ready',
    runId: null,
    createdAt: Date.now(),
  });
  const at = { stateFolder: folderOf(where, serverId) };
  await writeServer(where, {
    serverId,
    engine: 'mariadb',
    name: 'far',
    host: 'db.example.com',
    port: 3306,
    user: 'admin',
    password: await seal(at, serverId, 'password of the server'),
    tls: 'verify',
    authority: null,
    usersFrom: 'here',
    usersHost: '192.0.2.7',
    version: '11.4.5',
    addedAt: Date.now(),
  });
}

const serverId = newChangeId();

/** The old machine is gone: nobody holds its ports. */
async function stopNginx(world: World): Promise<void> {
  process.kill(Number(readFileSync(world.path('/run/nginx.pid'), 'utf8')), 'SIGTERM');
  while (existsSync(world.path('/run/nginx.pid'))) await new Promise((resolve) => setTimeout(resolve, 10));
}

async function save(sources: Parameters<typeof partsOf>[1]): Promise<void> {
  await withTarget(oldWork, targetId, async (open) => {
    await syncSets(oldWork, open);
    const parts = await partsOf(oldWork, sources, { targetPaths: [], listDatabases: () => Promise.resolve([]) });
    await createSet(oldWork, open, { kind: 'manual', plan: null, planName: '', parts, excludes: [] });
  });
}

async function bareMachine(): Promise<void> {
  const world = await makeWorld({ nginx: 'running' });
  // The web has the same ports on every machine; those of the old one are free now.
  fresh = {
    ...world,
    settings: { ...world.settings, ...(old.settings.webPorts && { webPorts: old.settings.webPorts }) },
  };
  freshWork = makeWork(fresh);
  installPanel(fresh, ['PORT=6000', 'SECRET_KEY=the-new-secret', 'DATABASE_TYPE=sqlite', 'ENVIRONMENT=production']);
  cpSync(old.path('/backups'), fresh.path('/backups'), { recursive: true });
}

const request = (more: Partial<RecoverRequest> = {}): RecoverRequest => ({
  place,
  secret: { kind: 'none' },
  recoveryKey: recovery.shown,
  parts: null,
  setId: null,
  ...more,
});

it.runIf(canRun)(
  'another recovery key opens nothing and changes nothing',
  async () => {
    await bareMachine();
    const other = newRecoveryKey(Date.now()).shown;
    await expect(recover(freshWork, request({ recoveryKey: other }))).rejects.toMatchObject({
      reason: 'backup_wrong_key',
    });
    expect(readFileSync(fresh.path('/etc/aapanel/panel.env'), 'utf8')).toContain('the-new-secret');
  },
  60_000,
);

it.runIf(canRun)(
  'P4.2-5 DB-7 T-8 a bare machine, the target and the recovery key: panel, site, files and passwords of databases are back',
  async () => {
    const { exitCode, answer } = await runConsole(freshWork.settings, ['backup-recover'], () =>
      Promise.resolve(JSON.stringify(request())),
    );
    expect(answer).toMatchObject({ ok: true });
    expect(exitCode).toBe(0);
    const done = (answer as unknown as { result: Recovered }).result;
    expect(done.parts.map(({ name }) => name).sort()).toEqual(['panel', 'panel/database', 'site/shop.test']);
    expect(done.durationMs).toBeGreaterThan(0);
    const settings = readFileSync(fresh.path('/etc/aapanel/panel.env'), 'utf8');
    expect(settings).toContain('SECRET_KEY=the-old-secret');
    // What says where this machine is, is its own.
    expect(settings).toContain('PORT=6000');
    expect(settings).not.toContain('PORT=5000');
    expect(readFileSync(fresh.path('/etc/aapanel/tls/cert.pem'), 'utf8')).toContain('PORT=6000');
    expect(readFileSync(fresh.path('/var/lib/aapanel/tls/one/key.pem'), 'utf8')).toBe('a private key');
    const database = new DatabaseSync(fresh.path('/var/lib/aapanel/db/panel.db'), { readOnly: true });
    expect(database.prepare('select id from person order by id').all()).toEqual([{ id: 'guest' }, { id: 'owner' }]);
    database.close();
    for (const name of ['people.json', 'keys/audit'])
      expect(
        readFileSync(`${fresh.settings.stateFolder}/${name}`).equals(
          readFileSync(`${old.settings.stateFolder}/${name}`),
        ),
        name,
      ).toBe(true);
    // The account at the authority too: a CAA record may name it, and certificates are taken back by it.
    const accountKey = `${fresh.settings.stateFolder}/${account}/private_key.json`;
    expect([readFileSync(accountKey, 'utf8'), statSync(accountKey).mode & 0o777]).toEqual(['{"kty":"EC"}', 0o400]);
    // So is the password of its database, which nothing but the restored key opens.
    const where = { stateFolder: fresh.settings.stateFolder, prefix: fresh.prefix };
    const records = listRecords(where).map(({ databaseId, name }) => ({ databaseId, name }));
    expect(records.map(({ name }) => name)).toEqual(['shop']);
    expect(await passwordOf(where, records[0]?.databaseId ?? '')).toBe('password of the shop');
    const far = getServer(where, serverId);
    expect(await unseal({ stateFolder: folderOf(where, serverId) }, serverId, far.password)).toBe(
      'password of the server',
    );
    // The site is back over HTTPS, with the certificate and the key that it had.
    expect(findStored(fresh.settings, certificateId)?.leaf.fingerprint256).toBe(
      findStored(old.settings, certificateId)?.leaf.fingerprint256,
    );
    expect(
      readSiteFacts({ prefix: fresh.prefix, stateFolder: fresh.settings.stateFolder }, 'shop.test')?.spec.tls,
    ).toEqual(expect.objectContaining({ certificateId, profile: 'modern' }));
    const key = `certificates/${certificateId}/current/key.pem`;
    expect(readFileSync(`${fresh.settings.stateFolder}/${key}`, 'utf8')).toBe(made.shop.key);
    expect(statSync(`${fresh.settings.stateFolder}/${key}`).mode & 0o777).toBe(0o600);
    // From the newest set that holds it.
    expect(readFileSync(fresh.path(`${root}/index.html`), 'utf8')).toBe('the shop, newer');
    const { port } = old;
    const seen = await visitUntil(port, 'shop.test', ({ body }) => body === 'the shop, newer');
    expect(seen.status).toBe(200);
    const staff = { port, host: 'shop.test', path: '/staff' };
    expect((await ask(staff)).status).toBe(401);
    const authorization = `Basic ${Buffer.from('sara:only for staff').toString('base64')}`;
    expect((await ask({ ...staff, headers: { authorization } })).status).toBe(404);
    expect(statSync(fresh.path('/etc/aapanel/panel.env')).mode & 0o777).toBe(0o640);
    expect(readdirSync(`${freshWork.folder}/restores`)).toEqual([]);
  },
  60_000,
);

it.runIf(canRun)('the backup of the panel holds no key of backups, no log and no live database file', () => {
  const staged = `${oldWork.scratch}/panel`;
  const names = readdirSync(staged, { recursive: true }).map(String);
  expect(names).toContain('agent/keys/audit');
  expect(names.filter((name) => /keys\.json|secrets|panel\.db|panel\.log/.test(name))).toEqual([]);
  rmSync(staged, { recursive: true });
});
