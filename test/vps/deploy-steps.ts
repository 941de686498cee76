// Deployments from Git on an installed server: real git, sshd and systemd, each step seen by a visitor.
import { expect } from 'vitest';
import { property, waitReady } from './facts.ts';
import { until } from './host.ts';
import type { Server } from './installed.ts';
import { exec, mustExec, script } from './machine.ts';
import * as panel from './panel.ts';
import type { Step } from './steps.ts';

type Deployment = { id: string; state: string; failure: { reason: string } | null; isCurrent: boolean; health: string };
type State = { isGitInstalled: boolean; currentReleaseId: string | null; items: Deployment[] };

const repository = '/srv/git/shop.git';
const url = `ssh://root@127.0.0.1${repository}`;
const commit = (files: Readonly<Record<string, string>>): string =>
  [
    'cd /srv/git/copy',
    ...Object.entries(files).map(([name, text]) => `mkdir -p "$(dirname ${name})" && printf '%s' '${text}' > ${name}`),
    'git add --all && git -c user.name=Amal -c user.email=a@example.test commit -qm change && git push -q origin HEAD:main',
  ].join('\n');

/** What a step of the build tries; what it could do stands in the release. */
const probe = `import os
say = lambda words: "[" + ",".join('"%s"' % word for word in words) + "]"
could = []
def tries(what, do):
    try:
        do(); could.append(what)
    except Exception:
        pass
tries("write /etc", lambda: open("/etc/canary", "w"))
tries("write /www/wwwroot", lambda: open("/www/wwwroot/canary", "w"))
tries("list the state of the agent", lambda: os.listdir("/var/lib/aapanel-agent"))
tries("list the sockets of the panel", lambda: os.listdir("/run/aapanel"))
tries("see other processes", lambda: os.readlink("/proc/1/exe"))
tries("become root", lambda: os.setuid(0))
text = '{"could": %s, "uid": %d, "env": %s}' % (say(could), os.getuid(), say(sorted(os.environ)))
open("public/probe.json", "w").write(text)
`;

export function deploySteps(step: Step, server: () => Server, version: () => string): void {
  let siteId = '';
  let uid = '';
  const path = (rest = ''): string => `/api/v1/sites/${siteId}${rest}`;
  const state = async (): Promise<State> => await panel.call<State>(server().owner, 'GET', path('/deployments'));
  const deploy = async (): Promise<Deployment> => {
    const { owner } = server();
    const started = await panel.call<panel.Job>(owner, 'POST', path('/deployments'), undefined, { status: 202 });
    const job = await panel.endOfJob(owner, started.id);
    const found = (await state()).items.find(({ id }) => id === job.id);
    if (found === undefined) throw new Error('no such deployment');
    if (job.state !== 'succeeded')
      throw new Error(`${JSON.stringify(job.failure)}\n${await panel.jobLog(owner, job.id)}`);
    return found;
  };
  const configure = async (build: readonly (readonly string[])[]): Promise<void> => {
    const { machine, owner } = server();
    const hostKey = (await mustExec(machine, ['cat', '/etc/ssh/ssh_host_ed25519_key.pub']))
      .split(' ')
      .slice(0, 2)
      .join(' ');
    const source = { url, ref: { kind: 'branch', name: 'main' }, hostKey };
    const settings = { source, folder: '/public', build, sharedFolders: ['storage'], keep: 3, memoryMb: 256 };
    panel.mustBe(await panel.request(owner, 'PUT', path('/deploy'), { deploy: settings }), 200);
  };

  step('git is installed by a job, a server of repositories is set up, and a site is connected with it', async () => {
    const { machine, owner } = server();
    await panel.createSite(owner, { kind: 'php', domains: ['git.test'], php: { version: version() } });
    siteId = (await panel.findSite(owner, 'git.test'))?.id ?? '';
    const job = await panel.call<panel.Job>(owner, 'POST', '/api/v1/software/git/install', undefined, { status: 202 });
    expect(await panel.endOfJob(owner, job.id)).toMatchObject({ state: 'succeeded' });
    expect((await state()).isGitInstalled).toBe(true);
    await script(
      machine,
      `apt-get -qq -y --no-install-recommends install openssh-server python3-minimal >/dev/null; systemctl start ssh
mkdir -p /srv/git; git init -q --bare -b main ${repository}; git init -q -b main /srv/git/copy; git -C /srv/git/copy remote add origin ${repository}`,
    );
    const { publicKey } = await panel.call<{ publicKey: string }>(
      owner,
      'POST',
      path('/deploy/key'),
      {},
      { status: 201 },
    );
    await script(
      machine,
      `mkdir -p -m 700 /root/.ssh; echo '${publicKey}' > /root/.ssh/authorized_keys; chmod 600 /root/.ssh/authorized_keys`,
    );
    await script(
      machine,
      commit({
        'public/index.php': '<?php echo "one ", __DIR__, " ", require "../lib.php";',
        'lib.php': '<?php return "lib one";',
      }),
    );
    const { items } = await panel.call<{ items: { hostKey: string }[] }>(owner, 'POST', path('/deploy/scan-host'), {
      url,
    });
    expect(items[0]?.hostKey).toMatch(/^ssh-ed25519 /);
    await configure([]);
    uid = (await mustExec(machine, ['stat', '-c', '%u', '/www/wwwroot/git.test'])).trim();
  });

  step(
    'RUN-1 releases of a PHP site take each other’s place under 1,000 requests, and none fails or mixes two of them',
    async () => {
      const { machine, owner } = server();
      const one = await deploy();
      expect(one).toMatchObject({ isCurrent: true, health: 'passed' });
      await panel.waitForText(machine, 'git.test', 'lib one');
      await script(
        machine,
        commit({
          'public/index.php': '<?php echo "two ", __DIR__, " ", require "../lib.php";',
          'lib.php': '<?php return "lib two";',
        }),
      );
      const visits = panel.visits(machine, 'git.test', 1_000);
      const two = await deploy();
      for (const { id } of [one, two, one, two])
        panel.mustBe(await panel.request(owner, 'POST', path(`/deployments/${id}/rollback`)), 200);
      const folder = /\/www\/wwwroot\/git\.test\/releases\/[0-9a-f-]+\/public/;
      const seen = new Set((await visits).map(({ status, text }) => `${text.replace(folder, 'dir')} ${status}`));
      expect([...seen].sort()).toEqual(['one dir lib one 200', 'two dir lib two 200']);
    },
  );

  step(
    'PERM-7 ARCH-2 a build runs as the site’s user in a unit of its own that reaches nothing of the machine',
    async () => {
      const { machine } = server();
      await script(machine, `cat > /srv/git/copy/probe.py <<'END'\n${probe}END\n${commit({ 'public/x.txt': 'x' })}`);
      await configure([['python3', 'probe.py']]);
      await deploy();
      const { text } = await panel.visit(machine, 'git.test', '/probe.json');
      const { could, uid: ran, env } = JSON.parse(text) as { could: string[]; uid: number; env: string[] };
      expect([could, String(ran)]).toEqual([[], uid]);
      expect(env).toEqual(expect.arrayContaining(['AAPANEL_COMMIT', 'HOME', 'PATH']));
      expect(env.filter((name) => /^(AAPANEL_AGENT|GIT_|SSH_|NODE_)/.test(name))).toEqual([]);
      expect(
        (
          await exec(machine, [
            'bash',
            '-c',
            'ls /run/aapanel-deploy; systemctl list-units --all "aapanel-deploy*" --no-legend',
          ])
        ).stdout,
      ).toBe('');
      // No single file may grow without end, and the release before it stays.
      await configure([['dd', 'if=/dev/zero', 'of=public/endless', 'bs=1M', 'seek=3000', 'count=1', 'conv=notrunc']]);
      await expect(deploy()).rejects.toThrow('deploy_build_failed');
      expect((await panel.visit(machine, 'git.test')).text).toContain('two ');
    },
  );

  step(
    'RUN-5 JOB-1 JOB-3 the web process that is killed alone in the middle of a build leaves the build running, and follows it to its end when it is back',
    async () => {
      const { machine, owner } = server();
      await configure([
        ['sleep', '6'],
        ['cp', 'lib.php', 'public/built.txt'],
      ]);
      await script(machine, commit({ 'lib.php': '<?php return "lib two and a half";' }));
      const { id } = await panel.call<panel.Job>(owner, 'POST', path('/deployments'), undefined, { status: 202 });
      const build = (await until('the build to run', async () => {
        const { stdout } = await exec(machine, ['pgrep', '-f', '^sleep 6|/sleep 6']);
        return stdout.trim() === '' ? undefined : (stdout.split('\n')[0] ?? '');
      })) as string;
      const agent = await property(machine, 'aapanel-agent.service', 'MainPID');
      await mustExec(machine, ['kill', '-9', await property(machine, 'aapanel.service', 'MainPID')]);
      await waitReady(machine);
      expect((await mustExec(machine, ['cat', `/proc/${build}/cmdline`])).replaceAll('\0', ' ')).toContain('sleep 6');
      expect(await property(machine, 'aapanel-agent.service', 'MainPID')).toBe(agent);
      const job = await panel.endOfJob(owner, id);
      const log = await panel.jobLog(owner, id);
      expect(job.state, log).toBe('succeeded');
      expect(job.attempts).toBeGreaterThan(1);
      // Read on from where it was: every line once.
      expect(log.split('$ sleep 6')).toHaveLength(2);
      expect((await state()).items[0]).toMatchObject({ id, state: 'succeeded', isCurrent: true, health: 'passed' });
      await panel.waitForText(machine, 'git.test', 'lib two and a half');
      expect((await panel.visit(machine, 'git.test', '/built.txt')).text).toContain('lib two and a half');
    },
  );
}

/** A deployment that the reboot of the machine meets in the middle of its build. */
export function beginBeforeReboot(step: Step, server: () => Server): void {
  step('RUN-5 a deployment is in the middle of its build when the machine goes down', async () => {
    const { machine, owner } = server();
    const siteId = (await panel.findSite(owner, 'git.test'))?.id ?? '';
    const present = await panel.call<{ deploy: object }>(owner, 'GET', `/api/v1/sites/${siteId}`);
    const deploy = {
      ...present.deploy,
      build: [
        ['sleep', '15'],
        ['cp', 'lib.php', 'public/built.txt'],
      ],
    };
    panel.mustBe(await panel.request(owner, 'PUT', `/api/v1/sites/${siteId}/deploy`, { deploy }), 200);
    await script(machine, commit({ 'lib.php': '<?php return "lib three";' }));
    await panel.call<panel.Job>(owner, 'POST', `/api/v1/sites/${siteId}/deployments`, undefined, { status: 202 });
    await until('the build to run', async () =>
      (await exec(machine, ['pgrep', '-f', '^sleep 15|/sleep 15'])).code === 0 ? true : undefined,
    );
  });
}

export function endAfterReboot(step: Step, server: () => Server): void {
  step('RUN-5 after the reboot the old release answers, and the deployment goes on to its end by itself', async () => {
    const { machine, owner } = server();
    await panel.waitForText(machine, 'git.test', 'lib', 60_000);
    const siteId = (await panel.findSite(owner, 'git.test'))?.id ?? '';
    const { items } = await panel.call<State>(owner, 'GET', `/api/v1/sites/${siteId}/deployments`);
    const { id = '' } = items[0] ?? {};
    expect(await panel.endOfJob(owner, id), await panel.jobLog(owner, id)).toMatchObject({ state: 'succeeded' });
    await panel.waitForText(machine, 'git.test', 'lib three', 10_000);
    expect((await panel.visit(machine, 'git.test', '/built.txt')).text).toContain('lib three');
    const { confirm } = await panel.call<{ confirm: string }>(owner, 'GET', `/api/v1/sites/${siteId}/removal`);
    panel.mustBe(
      await panel.request(owner, 'POST', `/api/v1/sites/${siteId}/removal`, { confirm, files: 'recycle' }),
      200,
    );
  });
}
