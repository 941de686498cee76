// A terminal on a saved host, on an installed server that has an SSH server: it is its own host here.
import { expect } from 'vitest';
import { until } from './host.ts';
import type { Server } from './installed.ts';
import { script } from './machine.ts';
import * as panel from './panel.ts';
import type { Step } from './steps.ts';

export function sshHostSteps(step: Step, server: () => Server): void {
  step('CERT-2 a saved host is entered by the panel’s key, which no account but root’s could read', async () => {
    const { machine, owner } = server();
    const base = '/api/v1/ssh-hosts';
    const draft = { name: 'itself', address: '127.0.0.1', port: 22, user: 'root', auth: 'key' };
    const { id, key } = await panel.call<{ id: string; key: { publicKey: string } }>(owner, 'POST', base, draft);
    const { found } = await panel.call<{ found: { kind: string; fingerprint: string }[] }>(
      owner,
      'POST',
      `${base}/${id}/check`,
    );
    const own = await script(machine, 'for k in /etc/ssh/ssh_host_*_key.pub; do ssh-keygen -lf $k; done');
    for (const { fingerprint } of found) expect(own).toContain(` ${fingerprint} `);
    const fingerprints = found.map(({ fingerprint }) => fingerprint);
    panel.mustBe(await panel.request(owner, 'POST', `${base}/${id}/trust`, { fingerprints }), 200);
    await script(machine, `umask 077; mkdir -p /root/.ssh; echo '${key.publicKey}' >>/root/.ssh/authorized_keys`);
    const { terminal } = await panel.call<{ terminal: { id: string; user: string } }>(
      owner,
      'POST',
      '/api/v1/terminals',
      { cols: 80, rows: 24, kind: 'host', hostId: id },
    );
    expect(terminal.user).toBe('root@127.0.0.1');
    await until('the session there', async () =>
      (await script(machine, 'journalctl -q -u ssh | grep -c "Accepted publickey for root" || true')).trim() === '0'
        ? undefined
        : true,
    );
    // ssh and what holds its key are that account's, with no way to more.
    expect(await script(machine, 'ps -o comm= -u aapanel-ssh | sort')).toBe('ssh\nssh-agent\n');
    const rights =
      'grep -h -E "^(NoNewPrivs|CapEff|Groups):" $(pgrep -u aapanel-ssh | sed "s:.*:/proc/&/status:") | sort -u';
    expect(await script(machine, `${rights} | tr -s "\\t " " "; id -g aapanel-ssh`)).toMatch(
      /^CapEff: 0{16}\n(?:Groups: ?\n)?Groups: (\d+) ?\nNoNewPrivs: 1\n\1\n$/,
    );
    const secret = `/var/lib/aapanel-agent/ssh-hosts/${id}.key`;
    expect(await script(machine, `stat -c '%U %a' ${secret}; grep -lr 'PRIVATE KEY' /run/aapanel-ssh || true`)).toBe(
      'root 600\n',
    );
    panel.mustBe(await panel.request(owner, 'DELETE', `${base}/${id}`), 204);
    expect(
      await script(machine, 'pgrep -u aapanel-ssh || true; ls /run/aapanel-ssh /var/lib/aapanel-agent/ssh-hosts'),
    ).toBe('/run/aapanel-ssh:\n\n/var/lib/aapanel-agent/ssh-hosts:\n');
  });
}
