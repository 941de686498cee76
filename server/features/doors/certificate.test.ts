import { readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent } from 'node:https';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { X509Certificate } from 'node:crypto';
import { AppError } from '#shared/errors.ts';
import { checkPair, fallbackOf, readUsable } from '../../core/doors-certificate.ts';
import { securityHeaders } from '../../core/security-headers.ts';
import { withCertificates, type TestPair } from '../../core/testing/certificates.ts';
import { untilJob } from '../jobs/testing.ts';
import { lookAtFollowed } from './followed-certificate.ts';
import { ownHeaders, startDoorsTest, type DoorsTest } from './testing.ts';

const names = 'DNS:localhost,IP:127.0.0.1';
const made = withCertificates((make) => ({
  first: make.selfSigned(names),
  second: make.selfSigned(names),
  third: make.selfSigned(names),
  foreign: make.selfSigned('DNS:other.example'),
  issued: make.issued(names),
  short: make.selfSigned(names, 1),
  week: make.selfSigned(names, 7),
}));
const fingerprintOf = ({ certificate }: Pick<TestPair, 'certificate'>) =>
  new X509Certificate(certificate).fingerprint256;

let doors: DoorsTest;
const clock = { time: Date.now(), now: () => clock.time };
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'aapanel-tls-'));
  writeFileSync(join(folder, 'cert.pem'), made.first.certificate);
  writeFileSync(join(folder, 'key.pem'), made.first.key);
  doors = await startDoorsTest({
    clock,
    env: {
      SSL_CERT_PATH: join(folder, 'cert.pem'),
      SSL_KEY_PATH: join(folder, 'key.pem'),
      PUBLIC_URL: 'https://panel.example.com',
    },
  });
});
afterAll(async () => {
  await doors.close();
  await rm(folder, { recursive: true, force: true });
});

const origin = () => `https://localhost:${doors.port}`;
const own = (method: string, path: string, body?: unknown, agent?: Agent) =>
  doors.ask(path, {
    method,
    tls: true,
    headers: ownHeaders(doors.owner, origin()),
    ...(body === undefined ? {} : { body }),
    ...(agent === undefined ? {} : { agent }),
  });
const set = (pair: TestPair) => own('PUT', '/api/v1/doors/certificate', pair);
const served = async () => (await doors.ask('/health/live', { tls: true })).fingerprint;
const kept = () => readdirSync(join(doors.test.dataDir, 'tls'));

describe('one port for TLS and plain HTTP', () => {
  it('WEB-2 WEB-5 plain HTTP is sent to HTTPS at the address of the settings, never to the one of Host', async () => {
    for (const headers of [
      {},
      { host: 'evil.test' },
      { 'x-forwarded-host': 'evil.test', forwarded: 'host=evil.test' },
    ]) {
      const answer = await doors.ask('/api/v1/sign-in?a=1', { headers });
      expect([answer.status, answer.headers.location]).toEqual([308, 'https://panel.example.com/api/v1/sign-in?a=1']);
      expect(answer.headers).toMatchObject(securityHeaders);
    }
    const absolute = await new Promise<string | undefined>((resolve, reject) => {
      const sent = request(
        { host: '127.0.0.1', port: doors.port, path: 'http://evil.test/x', agent: false },
        (answer) => resolve(answer.resume().headers.location),
      );
      sent.on('error', reject).end();
    });
    expect(absolute).toBe('https://panel.example.com/');
  });

  it('T-10 TLS answers with the certificate of the settings, over TLS 1.2 at least; a self-signed one is shown for comparing and binds no browser', async () => {
    const answer = await doors.ask('/api/v1/sign-in', { tls: true, headers: { host: 'localhost' } });
    expect([answer.status, answer.fingerprint]).toEqual([200, fingerprintOf(made.first)]);
    expect(answer.json['selfSignedFingerprint']).toBe(fingerprintOf(made.first));
    for (const path of ['/api/v1/sign-in', '/', '/nothing'])
      for (const host of ['localhost', '127.0.0.1']) {
        const { headers } = await doors.ask(path, { tls: true, headers: { host } });
        expect([path, host, headers['strict-transport-security']]).toEqual([path, host, undefined]);
      }
  });

  it('TLS-3 what another tool puts into the files of the settings is checked and served without a restart; until it can be used the one before goes on', async () => {
    const write = async (name: 'cert.pem' | 'key.pem', text: string) => {
      writeFileSync(join(folder, name), text);
      await doors.test.ctx.doors.tick();
      const { json } = await own('GET', '/api/v1/doors');
      return [await served(), json['certificateFault']];
    };
    const [first, second] = [fingerprintOf(made.first), fingerprintOf(made.second)];
    // One after the other, as such tools do.
    expect(await write('cert.pem', made.second.certificate)).toEqual([first, 'key_of_another_certificate']);
    expect(await write('key.pem', made.second.key)).toEqual([second, null]);
    expect(await write('cert.pem', 'half a fi')).toEqual([second, 'no_certificate']);
    rmSync(join(folder, 'key.pem'));
    expect(await write('cert.pem', made.first.certificate)).toEqual([second, 'not_readable']);
    expect(await write('key.pem', made.first.key)).toEqual([first, null]);
  });

  it('what is neither is cut without a word', async () => {
    const received = await new Promise<string>((resolve) => {
      const socket = connect(doors.port, '127.0.0.1', () => socket.write('\u0000\u0001\u0002nonsense\r\n\r\n'));
      let text = '';
      socket.setEncoding('latin1').on('data', (part: string) => (text += part));
      socket.on('error', () => undefined).on('close', () => resolve(text));
    });
    expect(received).toBe('');
  });
});

describe('a certificate of the panel', () => {
  it('acts for new connections at once, is kept for the panel alone, and stays after a confirmation', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false });
    const state = await own('PUT', '/api/v1/doors/certificate', made.second, agent);
    expect([state.status, state.text]).toEqual([200, expect.any(String)]);
    const { pending, certificate } = state.json as { pending: { id: string }; certificate: Record<string, unknown> };
    expect(certificate).toMatchObject({ fingerprint: fingerprintOf(made.second), isSelfSigned: true });
    expect(certificate['names']).toEqual(['localhost', '127.0.0.1']);
    expect(await served()).toBe(fingerprintOf(made.second));
    const old = await own('POST', '/api/v1/doors/confirm', { id: pending.id }, agent);
    expect(old.json['reason']).toBe('confirm_needs_new_connection');
    expect((await own('POST', '/api/v1/doors/confirm', { id: pending.id })).status).toBe(200);
    agent.destroy();
    const [id = ''] = kept();
    expect(kept()).toHaveLength(1);
    const mode = (path: string) => statSync(join(doors.test.dataDir, 'tls', path)).mode & 0o777;
    expect([mode(id), mode(join(id, 'key.pem')), mode(join(id, 'cert.pem'))]).toEqual([0o700, 0o600, 0o600]);
    const rows = await doors.test.ctx.db.selectFrom('audit').select('detail_json').execute();
    expect(rows.map((row) => row.detail_json).join()).not.toContain('PRIVATE KEY');
  });

  it('that nobody confirms is taken back, and its key is gone', async () => {
    const before = await served();
    const { key, chain } = made.issued;
    expect((await set({ certificate: chain.join(''), key })).status).toBe(200);
    expect(await served()).toBe(new X509Certificate(chain[0]).fingerprint256);
    expect(kept()).toHaveLength(2);
    doors.clock.time = doors.test.ctx.clock.now();
    const { pending } = doors.test.ctx.doors.acting();
    await own('POST', '/api/v1/doors/revert', { id: pending?.id });
    expect(await served()).toBe(before);
    expect(kept()).toHaveLength(1);
  });

  it('T-10 one of an authority binds browsers to HTTPS under a name, never under an address', async () => {
    const { key, chain } = made.issued;
    expect((await set({ certificate: chain.join(''), key })).status).toBe(200);
    for (const [host, hsts] of [
      ['localhost', 'max-age=31536000'],
      [`127.0.0.1:${doors.port}`, undefined],
      [`[::1]:${doors.port}`, undefined],
    ]) {
      const answer = await doors.ask('/api/v1/sign-in', { tls: true, headers: { host } });
      expect([host, answer.headers['strict-transport-security']]).toEqual([host, hsts]);
      expect(answer.json['selfSignedFingerprint']).toBeNull();
    }
    const { pending } = doors.test.ctx.doors.acting();
    expect((await own('POST', '/api/v1/doors/revert', { id: pending?.id })).status).toBe(200);
  });

  describe('T-10 of the shelf', () => {
    const api = async (method: string, path: string, body?: unknown) => {
      const answer = await own(method, `/api/v1${path}`, body);
      expect([path, answer.status < 300 ? '' : answer.text]).toEqual([path, '']);
      return answer.json;
    };
    const confirmed = async (method: string, path: string, body?: unknown) => {
      const { pending } = (await api(method, path, body)) as { pending: { id: string } };
      return await api('POST', '/doors/confirm', { id: pending.id });
    };
    const choose = '/doors/certificate/followed';

    it('it is served after a fresh factor, and each renewal by itself, without a restart or a confirmation', async () => {
      const { id } = await api('POST', '/certificates', made.second);
      const { id: foreign } = await api('POST', '/certificates', made.foreign);
      const { names: known, items } = (await api('GET', '/doors/certificates')) as {
        names: string[];
        items: { id: string; isRenewed: boolean }[];
      };
      expect(known).toEqual(['panel.example.com', 'localhost']);
      expect(items).toMatchObject([{ id, isRenewed: false }]);
      const refused = await own('PUT', `/api/v1${choose}`, { certificateId: foreign });
      expect([refused.status, refused.json['params']]).toEqual([400, { why: 'not_for_this_name' }]);
      const plain = await doors.test.signIn();
      expect((await plain.put(`/api/v1${choose}`, { certificateId: id })).json).toMatchObject({
        code: 'elevation_required',
      });
      const state = await confirmed('PUT', choose, { certificateId: id });
      expect(state).toMatchObject({ followedCertificateId: id, hasWayBack: true, certificateFault: null });
      expect(await served()).toBe(fingerprintOf(made.second));

      const { first: next } = made;
      await api('PUT', `/certificates/${String(id)}`, next);
      await lookAtFollowed(doors.test.ctx);
      expect([await served(), kept().length]).toEqual([fingerprintOf(next), 1]);
      expect(doors.test.ctx.doors.acting().pending).toBeNull();
      await lookAtFollowed(doors.test.ctx);
      expect(kept()).toHaveLength(1);

      // What is for other names is not shown, and said.
      await api('PUT', `/certificates/${String(id)}`, made.foreign);
      await lookAtFollowed(doors.test.ctx);
      expect(await served()).toBe(fingerprintOf(next));
      expect(await api('GET', '/doors')).toMatchObject({ certificateFault: 'not_for_this_name' });
      await api('PUT', `/certificates/${String(id)}`, made.second);
      await lookAtFollowed(doors.test.ctx);
      expect([await served(), (await api('GET', '/doors'))['certificateFault']]).toEqual([
        fingerprintOf(made.second),
        null,
      ]);
      const gone = await own('DELETE', `/api/v1/certificates/${String(id)}`);
      expect(gone.json['reason']).toBe('certificate_of_panel');
    });

    it('a change that waits is left alone; taken back it follows as before', async () => {
      const { items } = (await api('GET', '/doors/certificates')) as { items: { id: string }[] };
      const id = items[0]?.id ?? '';
      const { pending } = (await api('DELETE', '/doors/certificate')) as { pending: { id: string } };
      expect([await served(), doors.test.ctx.doors.acting().follows]).toEqual([fingerprintOf(made.first), null]);
      await lookAtFollowed(doors.test.ctx);
      await api('POST', '/doors/revert', { id: pending.id });
      await api('PUT', `/certificates/${id}`, made.third);
      await lookAtFollowed(doors.test.ctx);
      expect([await served(), doors.test.ctx.doors.acting().follows]).toEqual([fingerprintOf(made.third), id]);
    });

    it('and back to the self-signed one, whose key was never away; the agent forgets the choice', async () => {
      const { items } = (await api('GET', '/certificates')) as { items: { id: string; isOfPanel: boolean }[] };
      const followed = items.find(({ isOfPanel }) => isOfPanel);
      const state = await confirmed('DELETE', '/doors/certificate');
      expect(state).toMatchObject({ followedCertificateId: null, hasWayBack: false });
      expect([await served(), kept()]).toEqual([fingerprintOf(made.first), []]);
      await lookAtFollowed(doors.test.ctx);
      expect((await own('DELETE', `/api/v1/certificates/${followed?.id ?? ''}`)).status).toBe(204);
      const again = await own('DELETE', '/api/v1/doors/certificate');
      expect([again.status, again.json['reason']]).toEqual([409, 'panel_certificate_none']);
    });
  });

  describe('T-10 of the panel’s own name', () => {
    it('one order brings it, without a site and without a confirmation, and it is followed from then on', async () => {
      const order = (host: string) => own('POST', '/api/v1/doors/certificate/order', { host });
      expect((await own('GET', '/api/v1/doors')).json['orderableNames']).toEqual(['panel.example.com']);
      const plain = await doors.test.signIn();
      const refused = await plain.post('/api/v1/doors/certificate/order', { host: 'panel.example.com' });
      expect(refused.json).toMatchObject({ code: 'elevation_required' });
      expect((await order('bank.example')).json).toMatchObject({
        fields: [{ field: 'host', code: 'not_a_name_of_panel' }],
      });
      const job = await order('panel.example.com');
      expect([job.status, job.json]).toMatchObject([202, { kind: 'doors.certificate' }]);
      clock.time += 2_000;
      await untilJob(doors.owner, String(job.json['id']), ['succeeded']);
      const { doors: panel } = doors.test.ctx;
      expect([panel.acting().pending, panel.certificate()?.names]).toEqual([null, ['panel.example.com']]);
      expect(await served()).toBe(panel.certificate()?.fingerprint);
      const { items } = (await own('GET', '/api/v1/certificates')).json as {
        items: { id: string; isOfPanel: boolean }[];
      };
      expect(items.filter(({ isOfPanel }) => isOfPanel).map(({ id }) => id)).toEqual([panel.acting().follows]);
    });

    it('one that ends within two days without a renewal gives way to the self-signed one, which is said, until a good one is there', async () => {
      const { ctx } = doors.test;
      const follows = ctx.doors.acting().follows ?? '';
      const bell = async () => (await own('GET', '/api/v1/certificates/troubles')).json['items'];
      const issued = await served();
      expect([ctx.doors.fallback(), await bell()]).toEqual([null, []]);
      await ctx.doors.takeUp({ follows, pair: made.short });
      expect([await served(), ctx.doors.fallback()?.why]).toEqual([fingerprintOf(made.first), 'ending']);
      // It stays the one that is followed, and a look that brings nothing new changes nothing.
      await ctx.doors.tick();
      expect((await own('GET', '/api/v1/doors')).json).toMatchObject({
        followedCertificateId: follows,
        certificate: { fingerprint: fingerprintOf(made.first) },
        certificateFallback: { why: 'ending', names: ['localhost', '127.0.0.1'] },
      });
      expect(await bell()).toMatchObject([{ kind: 'fallen_back', certificateId: follows, name: 'localhost' }]);
      await ctx.doors.takeUp({ follows, pair: made.third });
      expect([await served(), ctx.doors.fallback(), await bell()]).toEqual([fingerprintOf(made.third), null, []]);
      // Time alone brings it about, and brings it back.
      const now = clock.time;
      await ctx.doors.takeUp({ follows, pair: made.week });
      expect(ctx.doors.fallback()).toBeNull();
      clock.time = now + 5.5 * 86_400_000;
      await ctx.doors.tick();
      expect(ctx.doors.fallback()?.why).toBe('ending');
      clock.time = now;
      await ctx.doors.tick();
      expect([await served(), ctx.doors.fallback()]).toEqual([fingerprintOf(made.week), null]);
      // Files that cannot be used are no reason not to start.
      const [id = ''] = kept();
      writeFileSync(join(doors.test.dataDir, 'tls', id, 'key.pem'), 'worn');
      expect(await readUsable(ctx.config, id)).toBeNull();
      expect(fallbackOf(null, made.first, now)?.why).toBe('broken');
      expect(fallbackOf(made.short, made.short, now)).toBeNull();
      await lookAtFollowed(ctx);
      expect(await served()).toBe(issued);
    });
  });

  const { chain } = made.issued;
  it.each<[string, TestPair]>([
    ['no_certificate', { certificate: 'hello', key: made.first.key }],
    ['not_readable', { certificate: made.first.certificate.slice(0, 300), key: made.first.key }],
    ['not_only_certificates', { certificate: made.first.certificate + made.first.key, key: made.first.key }],
    ['key_not_readable', { certificate: made.first.certificate, key: 'no key' }],
    ['key_of_another_certificate', { certificate: made.first.certificate, key: made.second.key }],
    ['chain_order', { certificate: [chain[0], chain[2], chain[1]].join(''), key: made.issued.key }],
    ['chain_order', { certificate: [chain[0], made.first.certificate].join(''), key: made.issued.key }],
    ['not_for_this_name', made.foreign],
  ])('%s: refused before anything changes', async (why, pair) => {
    const before = await served();
    const answer = await set(pair);
    expect([answer.status, answer.json['reason'], answer.json['params']]).toEqual([
      400,
      'certificate_invalid',
      { why },
    ]);
    expect([await served(), doors.test.ctx.doors.acting().pending]).toEqual([before, null]);
    expect(answer.text).not.toContain('BEGIN');
  });

  it('one that is over, or begins later, is refused', () => {
    const why = (days: number) => {
      try {
        checkPair(made.first, { names: ['localhost'], now: Date.now() + days * 86_400_000 });
        return undefined;
      } catch (error) {
        return error instanceof AppError ? error.params['why'] : error;
      }
    };
    expect([why(31), why(-1), why(1)]).toEqual(['expired', 'not_valid_yet', undefined]);
  });
});
