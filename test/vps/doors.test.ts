// The doors of an installed panel, and the rescue console, on a real machine.
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { isActive, waitReady } from './facts.ts';
import { until } from './host.ts';
import { bareServer, install, type Server } from './installed.ts';
import { machineSteps } from './machine-steps.ts';
import { down, exec, mustExec, script } from './machine.ts';
import * as panel from './panel.ts';
import { steps } from './steps.ts';
import { terminalSteps } from './terminal-steps.ts';
import { inNamespace } from './world.ts';

type Doors = {
  entryPath: string;
  allowedAddresses: string[];
  domains: string[];
  trustedProxies: string[];
  port: number;
};
type DoorsState = {
  doors: Doors;
  pending: { id: string; revertsAt: string } | null;
  certificate: { fingerprint: string };
};

describe('the doors of a server', () => {
  const step = steps();
  let server: Server;
  let log = '';
  let entryPath = '';

  beforeAll(async () => {
    server = await bareServer('bookworm', 'doors', true);
    log = await install(server.machine);
  });
  afterAll(async () => {
    if (server !== undefined) await down(server.machine);
  });

  const url = (port = 5000) => `https://${server.machine.address}:${port}`;
  /** Status that a stranger gets; 0: nobody answers. */
  const knock = async (path = '/', port = 5000) =>
    (await panel.request(panel.visitor(server.machine, url(port)), 'GET', path)).status;
  const doors = () => panel.call<DoorsState>(server.owner, 'GET', '/api/v1/doors');
  const aapanel = (...words: string[]) => mustExec(server.machine, ['aapanel', ...words]);
  /** As the owner, but from the machine itself: loopback always may. */
  async function locally(method: string, path: string, body: unknown): Promise<DoorsState> {
    const headers = { Origin: 'https://127.0.0.1:5000', 'X-Aapanel': '1', 'Content-Type': 'application/json' };
    const lines = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
    // The same cookies, which belong to another host.
    const jar = await cookies();
    const args = ['curl', '-sk', '-X', method, '-b', jar, ...lines, '--data-binary', '@-'];
    const text = await mustExec(server.machine, [...args, `https://127.0.0.1:5000${path}`], {
      input: JSON.stringify(body),
    });
    return JSON.parse(text) as DoorsState;
  }
  async function cookies(): Promise<string> {
    const { stdout } = await inNamespace(server.machine.world, 'client', 'cat', [server.owner.cookieFile]);
    return stdout
      .split('\n')
      .map((line) => line.split('\t'))
      .filter((parts) => parts.length === 7)
      .map((parts) => `${parts[5]}=${parts[6]}`)
      .join('; ');
  }

  step('a secret entry is there by default, printed with the link, and strangers see 404 without it', async () => {
    entryPath = /https:\/\/[^/]+\/([0-9a-f]{20})\/first-run#token=/.exec(log)?.[1] ?? '';
    expect(entryPath).not.toBe('');
    const shown = JSON.parse(await aapanel('entry', '--json')) as Record<string, unknown>;
    expect(shown).toMatchObject({ entryPath, port: 5000, url: `${url()}/${entryPath}` });
    for (const path of ['/', '/sign-in', '/api/v1/sign-in', '/health/live', '/assets/x.js']) {
      expect([path, await knock(path)]).toEqual([path, 404]);
    }
    await waitReady(server.machine);
    await panel.createOwner(server.owner, log);
    panel.mustBe(await panel.request(server.owner, 'GET', '/api/v1/me'), 200);
  });

  step('T-10 the printed fingerprint is that of the served certificate, and plain HTTP leads to HTTPS', async () => {
    const served = await script(
      server.machine,
      'openssl s_client -connect 127.0.0.1:5000 </dev/null 2>/dev/null | openssl x509 -noout -fingerprint -sha256',
    );
    const fingerprint = served.trim().split('=')[1] ?? '';
    expect(fingerprint).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
    expect(log).toContain(fingerprint);
    expect(await aapanel('entry')).toContain(fingerprint);
    expect((await doors()).certificate.fingerprint).toBe(fingerprint);
    const plain = ['-s', '-o', '/dev/null', '-w', '%{http_code} %{redirect_url}', '-H', 'Host: evil.test'];
    const { stdout } = await inNamespace(server.machine.world, 'client', 'curl', [
      ...plain,
      url().replace('https', 'http'),
    ]);
    expect(stdout).toBe(`308 ${url()}/`);
  });

  machineSteps(step, () => server);
  terminalSteps(step, () => server);

  step('a wrong port and a wrong allow-list are taken back by themselves after 60 seconds', async () => {
    const { doors: before } = await doors();
    await panel.call(server.owner, 'POST', '/api/v1/me/elevation', {
      proof: { kind: 'password', password: panel.ownerPassword },
    });
    const wrong = { ...before, port: 5999, allowedAddresses: ['192.0.2.1'] };
    const refused = await panel.request(server.owner, 'PUT', '/api/v1/doors', wrong);
    expect((refused.body as { fields: unknown[] }).fields).toMatchObject([{ code: 'own_address_missing' }]);
    const startedAt = Date.now();
    const state = await locally('PUT', '/api/v1/doors', wrong);
    expect(state.pending).not.toBeNull();
    // The owner is shut out: session, entry and all.
    expect((await panel.request(server.owner, 'GET', '/api/v1/me')).status).toBe(404);
    const elsewhere = panel.visitor(server.machine, url(5999));
    expect((await panel.request(elsewhere, 'GET', `/${entryPath}`)).status).toBe(404);
    await until(
      'the change to be taken back',
      async () => ((await panel.request(server.owner, 'GET', '/api/v1/me')).status === 200 ? true : undefined),
      90_000,
      500,
    );
    expect(Date.now() - startedAt).toBeGreaterThan(55_000);
    expect((await doors()).doors).toEqual(before);
    expect(await knock('/', 5999)).toBe(0);
  });

  step('a confirmed port stays over a restart, and the command names its source', async () => {
    const { doors: before } = await doors();
    const state = await panel.call<DoorsState>(server.owner, 'PUT', '/api/v1/doors', { ...before, port: 5443 });
    const there = { ...server.owner, origin: url(5443) };
    await panel.call(there, 'POST', '/api/v1/doors/confirm', { id: state.pending?.id });
    await until('the old port to close', async () => ((await knock()) === 0 ? true : undefined));
    await mustExec(server.machine, ['systemctl', 'restart', 'aapanel.service']);
    await waitReady(server.machine, 5443);
    expect(await aapanel('config', 'show')).toMatch(/^PORT +database +5443$/m);
    panel.mustBe(await panel.request(there, 'GET', '/api/v1/me'), 200);
    await aapanel('port', '5000');
    await waitReady(server.machine);
    panel.mustBe(await panel.request(server.owner, 'GET', '/api/v1/me'), 200);
  });

  step('the console restores access while the web process is stopped', async () => {
    const { machine, owner } = server;
    const { doors: before } = await doors();
    const wrong = { ...before, allowedAddresses: ['192.0.2.1'], domains: ['lost.example.com'] };
    await locally('PUT', '/api/v1/doors', { ...wrong, domains: [] });
    const { pending } = (await locally('GET', '/api/v1/doors', {})) as DoorsState;
    expect((await locally('POST', '/api/v1/doors/confirm', { id: pending?.id })).pending).toBeNull();
    expect((await panel.request(owner, 'GET', '/api/v1/me')).status).toBe(404);
    await mustExec(machine, ['systemctl', 'stop', 'aapanel.service']);
    expect(await aapanel('doors', 'open')).toMatch(/open/);
    const password = 'another correct horse 8';
    await mustExec(machine, ['aapanel', 'reset-password', 'owner'], { input: `${password}\n` });
    expect(await aapanel('people')).toMatch(/^owner +owner, password$/m);
    expect(await aapanel('sessions')).toBe('no sessions\n');
    expect(await aapanel('unban', '--all')).toBe('bans lifted: 0\n');
    expect(await aapanel('audit', 'verify')).toMatch(/the audit log is whole: \d+ lines/);
    const link = await aapanel('link');
    expect(link).toContain(`/${entryPath}/sign-in#token=`);
    expect(await aapanel('--lang', 'ar', 'entry')).toContain('مسار الدخول السري');
    const doctor = await exec(machine, ['aapanel', 'doctor']);
    expect(doctor.stdout).toMatch(/failed: units: not active: aapanel\.service/);
    await mustExec(machine, ['systemctl', 'start', 'aapanel.service']);
    await waitReady(machine);
    const back = panel.visitor(machine, url());
    await panel.openEntry(back, link);
    const body = { name: 'owner', password };
    panel.mustBe(await panel.request(back, 'POST', '/api/v1/sign-in', { ...body, password: panel.ownerPassword }), 401);
    panel.mustBe(await panel.request(back, 'POST', '/api/v1/sign-in', body), 200);
    expect((await exec(machine, ['aapanel', 'doctor'])).stdout).toMatch(/passed: units: active/);
  });

  step(
    'root stays root only for the register, and the command leaves no file of root in the panel’s folder',
    async () => {
      const { machine } = server;
      expect(await script(machine, 'find /var/lib/aapanel ! -user aapanel -print')).toBe('');
      const asPanel = ['setpriv', '--reuid=aapanel', '--regid=aapanel', '--init-groups', 'aapanel'];
      const refused = await exec(machine, [...asPanel, 'reset-password', 'owner'], { input: 'a long password 9\n' });
      expect([refused.code, refused.stderr]).toEqual([1, 'this command needs root\n']);
      expect(await isActive(machine, 'aapanel.service')).toBe(true);
    },
  );

  step(
    'AUD-1 L-9 a line of the log that was changed, removed, moved or cut off is named, and nothing else',
    async () => {
      const { machine } = server;
      const log = '/var/lib/aapanel-agent/audit/000000000001.jsonl';
      // Nobody writes meanwhile: the web process is idle and the next request starts the agent again.
      await mustExec(machine, ['systemctl', 'stop', 'aapanel.service', 'aapanel-agent.service']);
      await mustExec(machine, ['cp', '-p', log, '/root/audit.jsonl']);
      const harms = { changed: '5s/"address":"/&9/', removed: '5d', moved: '5{h;d};6G', 'cut off': '$d' };
      for (const [harm, edit] of Object.entries(harms)) {
        await mustExec(machine, ['sed', '-i', edit, log]);
        const { code, stderr } = await exec(machine, ['aapanel', 'audit', 'verify']);
        expect(`${harm}: ${code}`).toBe(`${harm}: 1`);
        expect(stderr, harm).toMatch(harm === 'cut off' ? /tampered with at line \d+/ : /tampered with at line [56] /);
        await mustExec(machine, ['cp', '-p', '/root/audit.jsonl', log]);
      }
      await mustExec(machine, ['systemctl', 'start', 'aapanel.service']);
      await waitReady(machine);
      expect(await aapanel('audit', 'verify')).toMatch(/the audit log is whole: \d+ lines/);
    },
  );
});
