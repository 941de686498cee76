// What strangers see of sites over HTTPS: headers of every kind of answer, and the findings of testssl.sh.
import { expect } from 'vitest';
import { unexplained } from '../testing/tls-findings.ts';
import { until } from './host.ts';
import type { Server } from './installed.ts';
import { mustExec, script } from './machine.ts';
import * as panel from './panel.ts';
import type { Step } from './steps.ts';
import { inNamespace } from './world.ts';

const security = { isNosniff: true, frame: 'deny', referrer: 'strict-origin-when-cross-origin' };
const twoYears = { maxAgeSeconds: 63_072_000, includesSubdomains: false, isPreload: false };
const wanted = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'strict-origin-when-cross-origin',
};

/** `sites`: names of one with the profile `intermediate` and one that becomes `modern`; both have certificates. */
export function gradeSteps(
  step: Step,
  server: () => Server,
  sites: { readonly intermediate: string; readonly modern: string },
): void {
  step(
    'T-11 security headers and HSTS are on errors and redirects too, and on the way to HTTPS without HSTS',
    async () => {
      const { machine, owner } = server();
      for (const [profile, host] of Object.entries(sites)) {
        const site = await panel.findSite(owner, host);
        const { tls } = await panel.call<{ tls: object }>(owner, 'GET', `/api/v1/sites/${site?.id}`);
        const redirects = [{ match: 'exact', path: '/old', target: '/new', status: 301 }];
        const settings = {
          tls: { ...tls, profile, isForced: true, hsts: twoYears },
          behaviour: { security, redirects, access: { denied: [{ path: '/private' }] } },
        };
        panel.mustBe(await panel.updateSite(owner, site?.id ?? '', settings), 200);
        await script(machine, `mkdir -p ${site?.root}/folder && echo hello > ${site?.root}/folder/index.html`);
        await until('the redirect to HTTPS', async () =>
          (await panel.visit(machine, host)).status === 308 ? true : undefined,
        );
        const seen = async (url: string, more: string[] = []): Promise<[number, Record<string, string>]> => {
          const at = ['--resolve', `${host}:443:${machine.address}`, '--resolve', `${host}:80:${machine.address}`];
          const args = ['-sk', '-o', '/dev/null', '-D', '-', '-m', '10', ...at, ...more, url];
          const { stdout } = await inNamespace(machine.world, 'client', 'curl', args);
          return headersOf(stdout);
        };
        const secure: [string, number, string[]?][] = [
          ['/', 200],
          ['/folder', 301],
          ['/old', 301],
          ['/none', 404],
          ['/.hidden', 404],
          ['/private/x', 403],
          ['/', 405, ['-X', 'POST']],
          ['/', 304, ['-H', 'If-None-Match: *']],
          ['/', 416, ['-H', 'Range: bytes=999999-']],
        ];
        for (const [path, status, more] of secure) {
          const what = `${profile} ${path} ${status}`;
          // Just after the change an old process of nginx may answer once more.
          await until(
            what,
            async () => {
              const [found, headers] = await seen(`https://${host}${path}`, more);
              expect([what, found]).toEqual([what, status]);
              expect(headers, what).toMatchObject({ ...wanted, 'strict-transport-security': 'max-age=63072000' });
              return true;
            },
            3_000,
          );
        }
        const [found, headers] = await seen(`http://${host}/x?y`);
        expect([found, headers['location']]).toEqual([308, `https://${host}/x?y`]);
        expect(headers).toMatchObject(wanted);
        // Over plain HTTP browsers must not believe it (RFC 6797).
        expect(headers['strict-transport-security']).toBeUndefined();
      }
    },
  );

  step(
    'T-13 testssl.sh finds nothing at LOW or above at either profile that the profile does not explain',
    async () => {
      const { machine } = server();
      await script(
        machine,
        `apt-get install -y -qq --no-install-recommends testssl.sh >/dev/null
       curl -sk https://localhost:15000/roots/0 > /root/root.pem`,
        { timeoutMs: 180_000 },
      );
      // Both at once; what needs the DNS of the internet is left out.
      // Texts of bytes are cut in less time where a letter is a byte: a tenth of all of it.
      const checks = '-p -s -f -P -S -h -U';
      const grade = async (host: string): Promise<string> => {
        const calm = `--quiet --color 0 --warnings off --nodns none --ip 127.0.0.1 --add-ca /root/root.pem`;
        await script(
          machine,
          `cd /root; LC_ALL=C testssl ${calm} ${checks} --jsonfile ${host}.json ${host} > ${host}.log 2>&1 || true`,
          { timeoutMs: 400_000 },
        );
        return await mustExec(machine, ['cat', `/root/${host}.json`]);
      };
      await Promise.all(
        (['intermediate', 'modern'] as const).map(async (profile) => {
          const found = unexplained(await grade(sites[profile]), profile);
          // What a site has it has the second time too; what a busy machine did to a connection of the tool it has not.
          const again = found.length > 0 ? unexplained(await grade(sites[profile]), profile) : [];
          expect(
            again.filter((finding) => found.includes(finding)),
            profile,
          ).toEqual([]);
        }),
      );
    },
  );
}

function headersOf(text: string): [number, Record<string, string>] {
  const [first = '', ...lines] = text.trim().split('\r\n');
  const pairs = lines.map((line) => [
    line.slice(0, line.indexOf(':')).toLowerCase(),
    line.slice(line.indexOf(':') + 2),
  ]);
  return [Number(first.split(' ')[1] ?? 0), Object.fromEntries(pairs) as Record<string, string>];
}
