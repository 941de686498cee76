// HTTP/3 of a site: real QUIC where the distribution's nginx has it, a clear refusal where it has not.
import { expect } from 'vitest';
import { until } from './host.ts';
import type { Server } from './installed.ts';
import { exec, mustExec, script } from './machine.ts';
import * as panel from './panel.ts';
import type { Suite } from './rootfs.ts';
import type { Step } from './steps.ts';

export function http3Steps(step: Step, suite: Suite, server: () => Server, proxied: () => panel.Site): void {
  const title =
    suite === 'trixie'
      ? 'T-14 a site answers over QUIC on both families, says so by Alt-Svc, and its application hears the right name'
      : 'T-14 HTTP/3 is refused in words where nginx has none, and nothing changes';
  step(title, async () => {
    const { machine, owner } = server();
    const { id } = proxied();
    const path = `/api/v1/sites/${id}`;
    await script(
      machine,
      `cd /run && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj /CN=proxy.test \
        -addext subjectAltName=DNS:proxy.test -keyout h3.key -out h3.pem 2>/dev/null`,
    );
    const [certificate, key] = [
      await mustExec(machine, ['cat', '/run/h3.pem']),
      await mustExec(machine, ['cat', '/run/h3.key']),
    ];
    const added = await panel.call<{ id: string }>(owner, 'POST', '/api/v1/certificates', { certificate, key });
    const { hasHttp3 } = await panel.call<{ hasHttp3: boolean }>(owner, 'GET', `${path}/tls`);
    expect(hasHttp3).toBe(suite === 'trixie');
    const turn = async (isHttp3: boolean): Promise<panel.Answer> =>
      await panel.updateSite(owner, id, { tls: { certificateId: added.id, isHttp3 } });
    const ask = async (address: string, name = 'proxy.test', ...more: string[]): Promise<string> => {
      const at = ['--resolve', `${name}:443:${address}`, '-m', '5', '-w', ' %{http_version} %{http_code}', ...more];
      return (await exec(machine, ['curl', '-sk', ...at, `https://${name}/`])).stdout;
    };
    const udp = (): Promise<string> => script(machine, 'ss -Hlun "sport = :443"');
    if (suite !== 'trixie') {
      const refused = await turn(true);
      expect([refused.status, refused.text]).toEqual([400, expect.stringContaining('http3_unavailable')]);
      panel.mustBe(await turn(false), 200);
      await until('HTTPS', async () => ((await ask('127.0.0.1')).endsWith(' 2 200') ? true : undefined));
      expect(await udp()).toBe('');
    } else {
      panel.mustBe(await turn(true), 200);
      for (const address of ['127.0.0.1', '[::1]'])
        await until(`QUIC at ${address}`, async () => {
          const text = await ask(address, 'proxy.test', '--http3-only');
          return /upstream saw proxy\.test from .* 3 200$/s.test(text) ? true : undefined;
        });
      const headers = await ask('127.0.0.1', 'proxy.test', '--http2', '-D', '-', '-o', '/dev/null');
      expect(headers).toMatch(/^alt-svc: h3=":443"; ma=86400\r$/im);
      // A name that no site has gets no handshake, over QUIC neither.
      expect(await ask('127.0.0.1', 'nobody.test', '--http3-only')).toMatch(/ 0 000$/);
      // Turned off, nobody listens there any more.
      panel.mustBe(await turn(false), 200);
      await until('UDP closed', async () => ((await udp()) === '' ? true : undefined));
      expect(await ask('127.0.0.1')).toMatch(/ 2 200$/);
    }
    panel.mustBe(await panel.updateSite(owner, id, { tls: null }), 200);
    await panel.call(owner, 'DELETE', `/api/v1/certificates/${added.id}`);
    await mustExec(machine, ['rm', '/run/h3.pem', '/run/h3.key']);
  });
}
