// A site with its certificate in one sealed file, out and in by the installed command, on a server that keeps nothing of it.
import { expect } from 'vitest';
import { until } from './host.ts';
import type { Server } from './installed.ts';
import { exec, mustExec, script } from './machine.ts';
import * as panel from './panel.ts';
import type { Step } from './steps.ts';

const passphrase = 'of nobody else 42';
const scopes = ['certificates.write', 'jobs.read', 'sites.create', 'sites.read', 'sites.write'];

export function siteFileStep(step: Step, server: () => Server): void {
  step('SITE-3 T-8 a site that comes in by its sealed file answers over HTTPS with the certificate in it', async () => {
    const { machine, owner } = server();
    const call = <T>(method: string, path: string, body?: unknown) => panel.call<T>(owner, method, path, body);
    const remove = async ({ id }: panel.Site): Promise<void> => {
      const path = `/api/v1/sites/${id}/removal`;
      const { confirm } = await call<{ confirm: string }>('GET', path);
      await call('POST', path, { confirm, files: 'keep' });
    };
    const site = await panel.createSite(owner, { kind: 'static', domains: ['sealed.test'] });
    const pair = await script(
      machine,
      `echo 'sealed content' > ${site.root}/index.html; mkdir -m 700 /root/moving; cd /root/moving
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj /CN=sealed \
  -addext subjectAltName=DNS:sealed.test,DNS:opened.test -keyout key.pem -out chain.pem 2>/dev/null; cat chain.pem key.pem; rm *`,
    );
    const [certificate = '', key = ''] = pair.split(/(?=-----BEGIN PRIVATE KEY)/);
    const kept = await call<{ id: string; fingerprint: string }>('POST', '/api/v1/certificates', { certificate, key });
    const tls = { certificateId: kept.id, isForced: true };
    panel.mustBe(await panel.updateSite(owner, site.id, { tls }), 200);
    const wish = { name: 'moving', scopes, isElevated: true, expiresInDays: 1 };
    const token = await call<{ token: { id: string }; secret: string }>('POST', '/api/v1/me/tokens', wish);
    for (const [name, input] of [
      ['token', token.secret],
      ['passphrase', passphrase],
    ] as const)
      await mustExec(machine, ['tee', `/root/moving/${name}`], { input });

    const given = '--token-file token --passphrase-file passphrase --lang en';
    const out = await script(machine, `cd /root/moving; aapanel site export sealed.test --to site.sealed ${given}`);
    expect(out).toContain('has the certificate with its key');
    const plain = await exec(machine, ['grep', '-acE', 'PRIVATE KEY|sealed.test|content', '/root/moving/site.sealed']);
    expect(plain.stdout).toBe('0\n');
    await remove(site);
    await call('DELETE', `/api/v1/certificates/${kept.id}`);
    expect((await exec(machine, ['find', '/var/lib/aapanel-agent/certificates', '-name', 'key.pem'])).stdout).toBe('');

    // Secrets of variables are in no argument of a process either.
    const variables = 'export AAPANEL_TOKEN="$(cat token)" AAPANEL_PASSPHRASE="$(cat passphrase)"';
    const words = 'aapanel site import site.sealed --lang en --domains opened.test';
    expect(await script(machine, `cd /root/moving; ${variables}; ${words} --dry-run`)).toContain('nothing was made');
    expect(await script(machine, `cd /root/moving; ${variables}; ${words}`)).toContain('the site is made: opened.test');
    const seen = `openssl s_client -connect 127.0.0.1:443 -servername opened.test </dev/null 2>/dev/null | openssl x509 -noout -fingerprint -sha256`;
    const visit = `curl -sk -m 5 --resolve opened.test:443:127.0.0.1 https://opened.test/`;
    await until('the site over HTTPS', async () => {
      const shown = await exec(machine, ['bash', '-c', `${seen}; ${visit}`]);
      return shown.stdout.includes(`=${kept.fingerprint}\nsealed content\n`) ? true : undefined;
    });
    expect((await panel.visit(machine, 'opened.test')).status).toBe(308);

    const made = await panel.findSite(owner, 'opened.test');
    if (made === undefined) throw new Error('the site is not in the list');
    await remove(made);
    const { items } = await call<{ items: { id: string; fingerprint: string }[] }>('GET', '/api/v1/certificates');
    const brought = items.find(({ fingerprint }) => fingerprint === kept.fingerprint);
    await call('DELETE', `/api/v1/certificates/${brought?.id}`);
    await call('DELETE', `/api/v1/me/tokens/${token.token.id}`);
    await script(machine, 'rm -r /root/moving');
  });
}
