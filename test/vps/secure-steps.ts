// Every kind of site over HTTPS with certificates of the authority: a PHP site with its database, a service of Node that is
// deployed from Git, and a service of Python; renewed by force, and after a reboot.
import { createHmac } from 'node:crypto';
import { expect } from 'vitest';
import { must, until } from './host.ts';
import type { Server } from './installed.ts';
import { mustExec, script } from './machine.ts';
import * as panel from './panel.ts';
import type { Step } from './steps.ts';
import { namespacePath } from './world.ts';

type Site = panel.Site & { linuxUser: string; sftp: { keys: { name: string; key: string }[] } };
type Deployment = { id: string; state: string; trigger: string; isCurrent: boolean };

/** Names that the authority can look up; their address is the machine's own. */
export const secureHosts = ['data.shop.test', 'node.shop.test', 'python.shop.test'] as const;

const repository = '/srv/git/service.git';
const nodeText = (version: string): string => `
require('node:http').createServer((request, response) => response.end('node ${version}')).listen(process.env.PORT, process.env.HOST);
`;
const pythonText = `
import http.server, os
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = b"python says hello"
        self.send_response(200); self.send_header("Content-Length", str(len(body))); self.end_headers(); self.wfile.write(body)
    def log_message(self, *args): pass
http.server.ThreadingHTTPServer((os.environ["HOST"], int(os.environ["PORT"])), Answer).serve_forever()
`;
const phpText = `<?php
$a = json_decode(file_get_contents(__DIR__ . '/access.json'), true);
$db = new mysqli('localhost', $a['user'], $a['password'], 'data_shop');
$db->query('create table if not exists notes (id int primary key auto_increment, note text)');
if (isset($_GET['note'])) { $s = $db->prepare('insert into notes (note) values (?)'); $s->execute([$_GET['note']]); }
echo 'notes: ', implode(', ', array_column($db->query('select note from notes order by id')->fetch_all(MYSQLI_ASSOC), 'note'));
`;

/** PHP, MariaDB and the authority are there. `afterReboot`: adds the step behind one that reboots the machine. */
export function secureSteps(step: Step, server: () => Server): { afterReboot(): void } {
  /** The authority has another one after each start. */
  let roots = '';
  let node: Site;
  const sites: Site[] = [];
  const call = <T>(method: string, path: string, body?: unknown, status?: number) =>
    panel.call<T>(server().owner, method, `/api/v1${path}`, body, ...(status === undefined ? [] : [{ status }]));
  const ended = async (started: panel.Job): Promise<void> => {
    const { owner } = server();
    const job = await panel.endOfJob(owner, started.id);
    if (job.state !== 'succeeded')
      throw new Error(`${JSON.stringify(job.failure)}\n${await panel.jobLog(owner, job.id)}`);
  };
  /** As a visitor in another namespace, who trusts nothing but the authority's own root. Empty: no answer that counts. */
  const visit = async (host: string, path = '/'): Promise<string> => {
    const { machine } = server();
    const shell = `cat >/tmp/secure-roots.$$ && curl -s -m 10 --cacert /tmp/secure-roots.$$ --resolve ${host}:443:${machine.address} 'https://${host}${path}'; rm -f /tmp/secure-roots.$$`;
    return await must('nsenter', [`--net=${namespacePath(machine.world, 'client')}`, '--', 'bash', '-c', shell], {
      input: roots,
    });
  };
  const answers = (host: string, text: string, path = '/') =>
    until(`${host}: ${text}`, async () => ((await visit(host, path)) === text ? true : undefined), 60_000);
  const make = async (host: string, body: object): Promise<Site> => {
    await panel.createSite(server().owner, { domains: [host], ...body });
    const found = await panel.findSite(server().owner, host);
    const site = await call<Site>('GET', `/sites/${found?.id}`);
    sites.push(site);
    return site;
  };
  const write = (site: Site, name: string, text: string) =>
    mustExec(
      server().machine,
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
  const push = (text: string) =>
    script(
      server().machine,
      `cd /srv/git/work && cat >server.js <<'END'
${text}
END
git add --all && git -c user.name=Amal -c user.email=a@example.test commit -qm change && git push -q origin HEAD:main && git rev-parse HEAD`,
    );
  const deployments = async () => (await call<{ items: Deployment[] }>('GET', `/sites/${node.id}/deployments`)).items;

  step('DB-1 RUN-4 a PHP site with its database, a service of Node from Git and one of Python answer', async () => {
    const { machine } = server();
    const data = await make(secureHosts[0], {
      kind: 'php',
      php: { version: '8.2' },
      database: { name: 'data_shop', user: 'data_shop' },
      certificate: {},
    });
    const { items } = await call<{ items: { id: string; name: string }[] }>('GET', '/databases');
    const id = items.find(({ name }) => name === 'data_shop')?.id;
    const { password } = await call<{ password: string }>('POST', `/databases/${id}/password/show`);
    await write(data, 'access.json', JSON.stringify({ user: 'data_shop', password }));
    await write(data, 'index.php', phpText);
    await panel.waitForText(machine, secureHosts[0], 'notes: ');

    await ended(await call('POST', '/software/git/install', undefined, 202));
    await script(
      machine,
      `apt-get -qq -y --no-install-recommends install openssh-server python3-minimal >/dev/null; systemctl start ssh
cp /mnt/node /usr/local/bin/node
mkdir -p /srv/git; git init -q --bare -b main ${repository}; git init -q -b main /srv/git/work; git -C /srv/git/work remote add origin ${repository}`,
    );
    node = await make(secureHosts[1], {
      kind: 'app',
      app: { program: 'node', arguments: ['server.js'], folder: 'current' },
    });
    const { publicKey } = await call<{ publicKey: string }>('POST', `/sites/${node.id}/deploy/key`, {}, 201);
    await script(
      machine,
      `mkdir -p -m 700 /root/.ssh; echo '${publicKey}' >> /root/.ssh/authorized_keys; chmod 600 /root/.ssh/authorized_keys`,
    );
    await push(nodeText('one'));
    const url = `ssh://root@127.0.0.1${repository}`;
    const scanned = await call<{ items: { hostKey: string }[] }>('POST', `/sites/${node.id}/deploy/scan-host`, { url });
    const source = { url, ref: { kind: 'branch', name: 'main' }, hostKey: scanned.items[0]?.hostKey };
    await call('PUT', `/sites/${node.id}/deploy`, { deploy: { source } });
    await ended(await call('POST', `/sites/${node.id}/deployments`, undefined, 202));
    await panel.waitForText(machine, secureHosts[1], 'node one');

    const keys = [{ name: 'amal', key: publicKey.split(' ').slice(0, 2).join(' ') }];
    const program = { program: 'python3', arguments: ['server.py'] };
    const python = await make(secureHosts[2], { kind: 'app', app: program, sftp: { keys }, certificate: {} });
    expect(python.sftp.keys).toEqual(keys);
    await write(python, 'server.py', pythonText);
    await call('POST', `/sites/${python.id}/app/start`, {});
    await panel.waitForText(machine, secureHosts[2], 'python says hello');
  });

  step('SITE-3 T-4 each of them answers over HTTPS with a certificate that it began with or got later', async () => {
    const { items } = await call<{ items: (panel.Job & { kind: string; subject: { siteId?: string } })[] }>(
      'GET',
      '/jobs',
    );
    const firstOf = (id: string): panel.Job | undefined =>
      items.find(({ kind, subject }) => kind === 'certificates.issue' && subject.siteId === id);
    const first = sites.map(({ id }) => firstOf(id));
    expect(first.map((job) => job === undefined)).toEqual(sites.map(({ id }) => id === node.id));
    for (const job of first) if (job !== undefined) await ended(job);
    await ended(await call('POST', `/sites/${node.id}/certificate`, {}));
    roots = await script(server().machine, 'curl -sk https://127.0.0.1:15000/roots/0');
    await answers(secureHosts[0], 'notes: ');
    await visit(secureHosts[0], '/?note=first');
    await answers(secureHosts[0], 'notes: first');
    await answers(secureHosts[1], 'node one');
    await answers(secureHosts[2], 'python says hello');
  });

  step('RUN-1 a push is deployed by its webhook, and the release before comes back at once', async () => {
    const { machine, owner } = server();
    const { hook, secret } = await call<{ hook: { url: string }; secret: string }>(
      'POST',
      `/sites/${node.id}/deploy/hook`,
      {},
      201,
    );
    const after = (await push(nodeText('two'))).trim();
    const body = JSON.stringify({ ref: 'refs/heads/main', after });
    const signature = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
    // As a server of repositories sends it: without a session, with its signature alone.
    const curl = ['curl', '-sk', '-m', '10', '-o', '/dev/null', '-w', '%{http_code}', '--data-binary', '@-'];
    curl.push('-H', 'Content-Type: application/json', '-H', 'X-GitHub-Event: push', '-H');
    const send = (signed: string) =>
      must(
        'nsenter',
        [
          `--net=${namespacePath(machine.world, 'client')}`,
          '--',
          ...curl,
          `X-Hub-Signature-256: ${signed}`,
          owner.origin + new URL(hook.url).pathname,
        ],
        { input: body },
      );
    expect(Number(await send('sha256=00'))).toBeGreaterThanOrEqual(400);
    expect(Number(await send(signature))).toBeLessThan(300);
    await answers(secureHosts[1], 'node two');
    const [second, first] = await until('the deployment', async () => {
      const items = await deployments();
      return items[0]?.state === 'succeeded' && items[0].trigger === 'webhook' ? items : undefined;
    });
    expect([second?.isCurrent, first?.isCurrent]).toEqual([true, false]);
    await call('POST', `/sites/${node.id}/deployments/${first?.id}/rollback`);
    await answers(secureHosts[1], 'node one');
    await call('POST', `/sites/${node.id}/deployments/${second?.id}/rollback`);
    await answers(secureHosts[1], 'node two');
  });

  step('T-9 all of their certificates are renewed by force, and served', async () => {
    type Certificate = { id: string; fingerprint: string; sites: { name: string }[] };
    const ours = async () =>
      (await call<{ items: Certificate[] }>('GET', '/certificates')).items.filter(({ sites: users }) =>
        users.some(({ name }) => secureHosts.some((host) => host === name)),
      );
    const before = await ours();
    expect(before).toHaveLength(secureHosts.length);
    for (const { id } of before) await ended(await call('POST', `/certificates/${id}/renewal`));
    const after = await ours();
    expect(after.filter(({ fingerprint }) => before.some((each) => each.fingerprint === fingerprint))).toEqual([]);
    await answers(secureHosts[0], 'notes: first');
    await answers(secureHosts[1], 'node two');
    await answers(secureHosts[2], 'python says hello');
  });

  return {
    afterReboot: () =>
      step('ALL-6 after the reboot PHP, Node and Python answer over HTTPS again, with their data', async () => {
        await answers(secureHosts[0], 'notes: first');
        await answers(secureHosts[1], 'node two');
        await answers(secureHosts[2], 'python says hello');
      }),
  };
}
