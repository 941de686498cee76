// Terminals of an installed server: units of their own, which outlive the panel and take everything along when they end.
import { join } from 'node:path';
import { expect } from 'vitest';
import { until } from './host.ts';
import type { Server } from './installed.ts';
import { exec, mustExec, script } from './machine.ts';
import * as panel from './panel.ts';
import type { Step } from './steps.ts';
import type { Visit, Visited } from './terminal-client.ts';
import { inNamespace } from './world.ts';

type Opened = { key: string; terminal: { id: string; user: string; kind: string } };

/** Opens terminals as the owner, and types into them from the browser's side. */
export function terminalsOf(server: () => Server) {
  const owner = () => server().owner;
  const open = (body: object) =>
    panel.call<Opened>(owner(), 'POST', '/api/v1/terminals', { cols: 80, rows: 24, ...body });

  async function cookie(): Promise<string> {
    const { stdout } = await inNamespace(server().machine.world, 'client', 'cat', [owner().cookieFile]);
    return stdout
      .split('\n')
      .map((line) => line.split('\t'))
      .flatMap(([, , , , , name, value]) => (name === undefined ? [] : [`${name}=${value ?? ''}`]))
      .join('; ');
  }

  async function visit({ key, terminal }: Opened, type: string, wanted: string, from: number | null = null) {
    const { ticket } = await panel.call<{ ticket: string }>(
      owner(),
      'POST',
      `/api/v1/terminals/${terminal.id}/tickets`,
    );
    const { origin } = owner();
    const given: Visit = {
      origin,
      cookie: await cookie(),
      terminalId: terminal.id,
      key,
      ticket,
      from,
      type,
      until: wanted,
    };
    const client = join(import.meta.dirname, 'terminal-client.ts');
    const { stdout, stderr } = await inNamespace(server().machine.world, 'client', process.execPath, [client], {
      input: JSON.stringify(given),
      timeoutMs: 30_000,
    });
    expect(stderr).toBe('');
    return JSON.parse(stdout) as Visited;
  }

  return { open, visit };
}

export function terminalSteps(step: Step, server: () => Server): void {
  const owner = () => server().owner;
  const { open, visit } = terminalsOf(server);

  step(
    'TERM-2 a shell of a site outlives panel and agent without a byte lost, and ends with all it started',
    async () => {
      const { machine } = server();
      await panel.installNginx(owner());
      const site = await panel.createSite(owner(), { kind: 'static', domains: ['shell.test'] });
      const opened = await open({ kind: 'site', siteId: site.id });
      const { id } = opened.terminal;
      const facts = 'id -un; pwd; id -G | wc -w; cat /proc/self/cgroup; [ -d /proc/1 ] || echo hid""den';
      const escaped = 'setsid env -i sleep 70123 & setsid env -i sh -c "sleep 70124; true" &';
      const first = await visit(opened, `stty -echo\r${facts}\r${escaped}\rX=kept; echo rea""dy\r`, 'ready');
      expect(first.text).toContain(`\n${opened.terminal.user}\r\n`);
      expect(first.text).toContain('/www/wwwroot/shell.test');
      expect(first.text).toContain(`/aapanel-terminal-${id}.service`);
      expect(first.text).toContain('hidden');
      expect((await script(machine, 'pgrep -f "sleep 7012[34]" | wc -l')).trim()).not.toBe('0');
      // What goes on meanwhile is there afterwards.
      const busy = await visit(opened, '(sleep 3; seq 1 20000; echo cou""nted) &\r', '$ ', first.next);
      await mustExec(machine, ['systemctl', 'restart', 'aapanel.service']);
      await mustExec(machine, ['systemctl', 'stop', 'aapanel-agent.service']);
      await until('the panel to answer', async () =>
        (await panel.request(owner(), 'GET', '/api/v1/me')).status === 200 ? true : undefined,
      );
      const after = await visit(opened, 'echo $X$X\r', 'keptkept', busy.next);
      expect(after.hello).toMatchObject({ from: busy.next, lost: 0 });
      const rest = after.text.includes('counted') ? after : await visit(opened, '', 'counted', after.next);
      const numbers = (after === rest ? after.text : after.text + rest.text).match(/(?<=[\r\n])\d+(?=\r\n)/g) ?? [];
      // The first stands behind a prompt, and the echo may stand between two of them.
      expect(numbers.length).toBeGreaterThan(19_990);
      expect(new Set(numbers).size).toBe(numbers.length);
      expect(numbers.at(-1)).toBe('20000');
      panel.mustBe(await panel.request(owner(), 'DELETE', `/api/v1/terminals/${id}`), 204);
      await until('everything to be gone', async () =>
        (await exec(machine, ['pgrep', '-f', 'sleep 7012'])).code === 1 ? true : undefined,
      );
      expect((await exec(machine, ['systemctl', 'is-active', `aapanel-terminal-${id}.service`])).stdout).toBe(
        'inactive\n',
      );
      expect(await script(machine, 'ls /run/aapanel-terminals')).toBe('');
    },
  );

  step('TERM-1 TERM-4 root’s shell needs a confirmation, and only root and the panel come near it', async () => {
    const { machine } = server();
    const opened = await open({ kind: 'root' });
    const { id } = opened.terminal;
    const seen = await visit(opened, 'echo as $(id -un) in $PWD\r', 'as root in /root');
    expect(seen.hello).not.toBeNull();
    const folder = `/run/aapanel-terminals/${id}`;
    expect(
      await script(machine, `stat -c '%U %G %a' /run/aapanel-terminals ${folder} ${folder}/io ${folder}/control`),
    ).toBe('root aapanel 2710\nroot aapanel 2710\nroot aapanel 660\nroot aapanel 600\n');
    expect(
      (await exec(machine, ['setpriv', '--reuid=aapanel', '--regid=aapanel', '--clear-groups', 'ls', folder])).code,
    ).not.toBe(0);
    const wrong = await visit({ ...opened, key: 'A'.repeat(43) }, '', 'never');
    expect([wrong.code, wrong.text]).toEqual([4004, '']);
    // Killed from outside, nothing of it is left.
    await visit(opened, 'setsid env -i sleep 70125 & sleep 1; echo rea""dy\r', 'ready');
    await mustExec(machine, ['systemctl', 'kill', '--kill-whom=main', '-s', 'KILL', `aapanel-terminal-${id}.service`]);
    await until('everything to be gone', async () =>
      (await exec(machine, ['pgrep', '-f', 'sleep 70125'])).code === 1 ? true : undefined,
    );
    const list = await panel.call<{ items: unknown[] }>(owner(), 'GET', '/api/v1/terminals');
    expect(list.items).toEqual([]);
    const { items } = await panel.call<{ items: { action: string; outcome: string; target: string }[] }>(
      owner(),
      'GET',
      '/api/v1/audit?pageSize=200',
    );
    const told = items
      // Ends are asked for at the start of the panel and every ten minutes: whether one stands there by now is chance.
      .filter(({ action }) => action.endsWith('Terminal') && action !== 'endTerminal')
      .map(({ action, outcome }) => `${action} ${outcome}`);
    expect(new Set(told)).toEqual(
      new Set(['openTerminal done', 'openTerminal refused', 'connectTerminal done', 'closeTerminal done']),
    );
  });
}
