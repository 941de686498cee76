import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { SiteSpec } from '#shared/agent/sites.ts';
import { hstsSteps, tlsProfiles } from '#shared/site-tls.ts';
import { readBuild } from './nginx.build.ts';
import { listenLines, refusalLines, renderNobody, tlsLines } from './nginx.tls.ts';
import { parseDirectives } from './nginx.tokens.ts';

/* The profiles beside the guidelines that they are from, pinned; and what each pair of nginx and OpenSSL is told. */

const profile = z.strictObject({
  protocols: z.array(z.string()),
  ciphers: z.array(z.string()),
  curves: z.array(z.string()),
  isServerOrder: z.boolean(),
  hstsSeconds: z.int(),
});
const guidelines = z
  .strictObject({ source: z.url(), modern: profile, intermediate: profile })
  .parse(JSON.parse(readFileSync(new URL('testdata/tls-guidelines-6.0.json', import.meta.url), 'utf8')));

const part = { port: 443, names: ['a.test'], isTls: true, isRedirect: false };
const secure: NonNullable<SiteSpec['tls']> = {
  certificateId: 'abcdefghijklmnop',
  profile: 'intermediate',
  isForced: false,
  isHttp2: true,
  isHttp3: false,
  hsts: null,
};

/** nginx and OpenSSL as distributions and nginx.org pair them: the directive of HTTP/2, ML-KEM, and refusing a handshake. */
const pairs = [
  ['1.18.0', '1.1.1w', false, false, false],
  ['1.18.0', '3.0.2', false, false, false],
  ['1.22.1', '3.0.17', false, false, true],
  ['1.24.0', '3.0.13', false, false, true],
  ['1.25.1', '3.1.1', true, false, true],
  ['1.26.0', '3.2.1', true, false, true],
  ['1.26.3', '3.5.1', true, true, true],
  ['1.28.0', '3.5.0', true, true, true],
] as const;

describe.each(pairs)('nginx %s with OpenSSL %s', (nginx, openssl, hasHttp2Directive, hasMlKem, hasRejectHandshake) => {
  const build = readBuild(`nginx version: nginx/${nginx}\nbuilt with OpenSSL ${openssl} 1 Jan 2026\n`);
  const context = { ports: { http: 80, https: 443 }, build, certificates: '/certificates' };
  const said = (text: string): Map<string, string> =>
    new Map(parseDirectives(text).map(({ name, args }) => [name, args.join(' ')]));

  it.each(tlsProfiles)('T-1 the profile %s is that of the guidelines, as far as this pair knows it', (name) => {
    const wanted = guidelines[name];
    const spec = { tls: { ...secure, profile: name } } as SiteSpec;
    const lines = said(tlsLines(spec, part, context).join('\n'));
    expect(lines.get('ssl_protocols')?.split(' ')).toEqual(wanted.protocols);
    const curves = wanted.curves.filter((curve) => hasMlKem || curve !== 'X25519MLKEM768');
    expect(lines.get('ssl_ecdh_curve')?.split(':')).toEqual(curves);
    expect(lines.get('ssl_prefer_server_ciphers')).toBe(wanted.isServerOrder ? 'on' : 'off');
    expect([lines.get('ssl_session_tickets'), lines.get('ssl_stapling')]).toEqual(['off', undefined]);
    const ciphers = lines.get('ssl_ciphers')?.split(':') ?? [];
    // nginx takes no empty list: in its place stands one suite that nobody can agree on without a key shared before.
    if (wanted.ciphers.length === 0) expect(ciphers).toEqual([expect.stringMatching(/^PSK-/)]);
    else expect(ciphers).toEqual(wanted.ciphers);
    expect(hstsSteps.at(-1)).toBe(wanted.hstsSeconds);
  });

  it('T-1 HTTP/2 and the refusal of unknown names are said in the words of this pair', () => {
    const listen = listenLines(part, secure, { build, hasIpv6: false });
    expect(listen).toEqual(hasHttp2Directive ? ['listen 443 ssl;', 'http2 on;'] : ['listen 443 ssl http2;']);
    expect(refusalLines(build)[0]).toBe(
      hasRejectHandshake ? 'ssl_reject_handshake on;' : 'ssl_certificate /dev/null/$ssl_server_name;',
    );
    // What OpenSSL decides before it knows the name counts from the default server: both say the same.
    const nobody = renderNobody({ ...context, hasIpv6: false, isOverTcp: true, isOverQuic: false });
    const own = said(tlsLines({ tls: secure } as SiteSpec, part, context).join('\n'));
    const theirs = said(nobody.slice(nobody.indexOf('{') + 1, nobody.lastIndexOf('}')));
    for (const name of ['ssl_protocols', 'ssl_ecdh_curve', 'ssl_session_tickets', 'ssl_session_cache'])
      expect(theirs.get(name), name).toBe(own.get(name));
  });
});
