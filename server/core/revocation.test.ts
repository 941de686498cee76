import { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ocspQuestion, ocspWord } from '#shared/ocsp-words.ts';
import { revocationOf, type OcspReach } from './revocation.ts';
import type { TestPair } from './testing/certificates.ts';
import { openOcspAuthority, type OcspAuthority } from './testing/ocsp.ts';

const day = 86_400_000;
let authority: OcspAuthority;
beforeAll(async () => {
  authority = await openOcspAuthority('DNS:shop.test');
});
afterAll(() => authority.stop());

function pairOf(pem: string): { leaf: X509Certificate; issuer: X509Certificate } {
  return { leaf: new X509Certificate(pem), issuer: new X509Certificate(authority.ca) };
}
const ask = ({ certificate }: TestPair, reach: OcspReach = authority.reach, patienceMs = 5_000) =>
  revocationOf(chainOf(certificate), Date.now(), patienceMs, reach);
const chainOf = (pem: string) => ({ leaf: new X509Certificate(pem), chain: [new X509Certificate(authority.ca)] });

it('T-3 a real responder is asked, and what it says of each certificate is told', async () => {
  expect(await ask(authority.good)).toBe('good');
  expect(await ask(authority.revoked)).toBe('revoked');
  expect(await ask({ certificate: authority.ca, key: '' })).toBeNull();
  const alone = { ...chainOf(authority.good.certificate), chain: [] };
  expect(await revocationOf(alone, Date.now(), 5_000, authority.reach)).toBe('unknown');
});

it('T-3 an answer counts when the authority or whom it appointed has signed it, for this certificate, and now', () => {
  const good = pairOf(authority.good.certificate);
  const revoked = pairOf(authority.revoked.certificate);
  const question = ocspQuestion(revoked);
  const answer = authority.answer(question, 'appointed');
  expect(ocspWord(answer, revoked, Date.now())).toBe('revoked');
  expect(ocspWord(answer, good, Date.now())).toBeUndefined();
  for (const at of [-day, 2 * day]) expect([at, ocspWord(answer, revoked, Date.now() + at)]).toEqual([at, undefined]);
  // A server's own certificate is of the same authority, and speaks for nobody.
  expect(ocspWord(authority.answer(question, 'good'), revoked, Date.now())).toBeUndefined();
  const foreign = { ...revoked, issuer: good.leaf };
  expect(ocspWord(answer, foreign, Date.now())).toBeUndefined();
});

it('T-3 no change of an answer makes a revoked certificate good, and nothing of it throws', () => {
  const revoked = pairOf(authority.revoked.certificate);
  const answer = authority.answer(ocspQuestion(revoked));
  const words = new Map<string, number>();
  for (let at = 0; at < answer.length; at++)
    for (const change of [1, 0x80, 0xff]) {
      const changed = Buffer.from(answer);
      changed[at] = (changed[at] ?? 0) ^ change;
      const word = ocspWord(changed, revoked, Date.now()) ?? 'none';
      words.set(word, (words.get(word) ?? 0) + 1);
      if (change === 1) expect(ocspWord(answer.subarray(0, at), revoked, Date.now())).toBeUndefined();
    }
  expect(words.get('good')).toBeUndefined();
  // What the answer brings along of certificates is not signed, and not needed here.
  expect(words.get('none')).toBeGreaterThan(answer.length);
  expect(ocspWord(Buffer.from('30848000000002', 'hex'), revoked, Date.now())).toBeUndefined();
});

it('OUT-5 T-3 a certificate sends nobody into this network, nor to another place or for ever', async () => {
  let asked = 0;
  authority.answerBy((_request, response) => {
    asked++;
    response.end();
  });
  const { certificate } = authority.revoked;
  // The address of this machine, and a port where no responder stands, with what counts outside tests.
  expect(await revocationOf(chainOf(certificate), Date.now(), 1_000)).toBe('unknown');
  const mixed = { ...authority.reach, resolve: () => Promise.resolve(['127.0.0.1', '10.0.0.1']) };
  expect(await ask(authority.revoked, mixed)).toBe('unknown');
  expect(await ask(authority.revoked, { ...authority.reach, resolve: () => new Promise(() => undefined) }, 30)).toBe(
    'unknown',
  );
  expect(asked).toBe(0);
  const answer = authority.answer(ocspQuestion(pairOf(certificate)));
  authority.answerBy((_request, response) => response.writeHead(302, { location: '/asked' }).end(answer));
  expect(await ask(authority.revoked)).toBe('unknown');
  authority.answerBy((_request, response) => response.end(Buffer.concat([answer, Buffer.alloc(20_000)])));
  expect(await ask(authority.revoked)).toBe('unknown');
  authority.answerBy((_request, response) => void response.write('a'));
  expect(await ask(authority.revoked, authority.reach, 60)).toBe('unknown');
  authority.answerBy((request, response) => {
    expect([request.method, request.url, request.headers.host]).toEqual([
      'POST',
      '/asked',
      expect.stringMatching(/^ocsp\.test:/),
    ]);
    response.end(answer);
  });
  expect(await ask(authority.revoked)).toBe('revoked');
});
