import { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { WaitingProof } from '#shared/certificate-proofs.ts';
import type { Certificate } from '#shared/certificates.ts';
import type { Site } from '#shared/sites.ts';
import type { Actor } from '../../core/actor.ts';
import { withCertificates, type TestPair } from '../../core/testing/certificates.ts';
import { openOcspAuthority } from '../../core/testing/ocsp.ts';
import { untilJob } from '../jobs/testing.ts';
import { makeTestApp, type TestApp, type TestClient } from '../../testing.ts';
import { importCertificate, replaceCertificate } from './certificates.logic.ts';

const made = withCertificates((make) => ({
  shop: make.selfSigned('DNS:shop.test,DNS:www.shop.test'),
  renewed: make.selfSigned('DNS:shop.test,DNS:www.shop.test', 60),
  other: make.selfSigned('DNS:other.test', 10),
}));
const pairs = made;
const path = '/api/v1/certificates';

let test: TestApp;
let owner: TestClient;
let site: Site;
beforeAll(async () => {
  test = await makeTestApp();
  owner = await test.signIn();
  const answer = await owner.post('/api/v1/sites', { kind: 'static', domains: ['shop.test', 'm.shop.test'] });
  site = (answer.json as { site: Site }).site;
});
afterAll(() => test.close());

const add = async (client: TestClient, pair: TestPair, name = '') => client.post(path, { ...pair, name });
const idOf = (answer: { json: unknown }): string => (answer.json as Certificate).id;
const all = async () => (await owner.get(path)).json as { items: Certificate[]; total: number };

it('whoever may not gets none of it, and nothing is kept', async () => {
  expect((await test.anonymous.get(path)).status).toBe(401);
  expect((await add(test.anonymous, made.shop)).status).toBe(401);
  const viewer = await test.signIn('viewer');
  expect((await viewer.get(path)).status).toBe(200);
  expect((await add(viewer, made.shop)).status).toBe(403);
  const role = { name: 'some sites', permissions: ['certificates.read', 'certificates.write'], siteScope: 'assigned' };
  const made2 = await (await owner.elevate()).post('/api/v1/roles', role);
  const scoped = await test.signIn((made2.json as { id: string }).id, { siteIds: [site.id] });
  for (const answer of [await scoped.get(path), await add(scoped, made.shop)])
    expect([answer.status, answer.json]).toMatchObject([403, { reason: 'all_sites_needed' }]);
  expect((await all()).total).toBe(0);
});

it('T-8 a certificate is kept and shown without its key, which needs a fresh factor', async () => {
  const answer = await add(owner, made.shop, 'shop');
  expect([answer.status, answer.json]).toMatchObject([
    201,
    { name: 'shop', names: ['shop.test', 'www.shop.test'], isSelfSigned: true, sites: [] },
  ]);
  const id = idOf(answer);
  const shown = await owner.get(`${path}/${id}`);
  expect((shown.json as { chain: string }).chain).toContain('BEGIN CERTIFICATE');
  expect(JSON.stringify([answer.json, shown.json, await all()])).not.toContain('PRIVATE');
  const plain = await test.signIn();
  expect((await plain.post(`${path}/${id}/key`)).json).toMatchObject({ code: 'elevation_required' });
  const exported = await (await test.signIn()).elevate().then((client) => client.post(`${path}/${id}/key`));
  expect((exported.json as { key: string }).key.trim()).toBe(made.shop.key.trim());
  const rows = await test.ctx.db.selectFrom('audit').select(['action', 'detail_json']).execute();
  expect(JSON.stringify(rows)).not.toContain('PRIVATE');
  expect(rows.map(({ action }) => action)).toEqual(
    expect.arrayContaining(['importCertificate', 'exportCertificateKey']),
  );
});

it('what is wrong with a pair is said, and nothing is kept', async () => {
  const before = (await all()).total;
  const answer = await add(owner, { ...made.shop, key: made.other.key });
  expect([answer.status, answer.json]).toMatchObject([
    400,
    { reason: 'site_certificate_invalid', params: { why: 'key_of_another_certificate' } },
  ]);
  expect((await all()).total).toBe(before);
});

it('T-3 one that its authority has revoked is refused; one whose authority cannot be asked is kept', async () => {
  const authority = await openOcspAuthority('DNS:asked.test');
  const actor: Actor = {
    id: 'aaaaaaaaaaaaaaaa',
    name: 'owner',
    role: 'owner',
    permissions: ['certificates.read', 'certificates.write'],
    siteScope: 'all',
    siteIds: [],
    sessionId: 'aaaaaaaaaaaaaaaa',
  };
  const asking = { actor, requestId: 'aaaaaaaaaaaaaaaa' };
  try {
    const before = (await all()).total;
    const revoked = { ...authority.revoked, name: '' };
    await expect(importCertificate(test.ctx, asking, revoked, authority.reach)).rejects.toMatchObject({
      reason: 'site_certificate_invalid',
      params: { why: 'revoked' },
    });
    expect((await all()).total).toBe(before);
    const kept = idOf(await add(owner, authority.good));
    const replaced = replaceCertificate(test.ctx, asking, kept, authority.revoked, authority.reach);
    await expect(replaced).rejects.toMatchObject({ params: { why: 'revoked' } });
    // Over HTTP the responder in this machine is not asked.
    const unasked = await add(owner, authority.revoked);
    expect([unasked.status, (await all()).total]).toEqual([201, before + 2]);
    for (const id of [kept, idOf(unasked)]) await owner.delete(`${path}/${id}`);
  } finally {
    authority.stop();
  }
});

it('a site gets HTTPS, is told which of its names are left out, and its certificate cannot be removed meanwhile', async () => {
  const { items } = await all();
  const certificateId = items[0]?.id ?? '';
  const changed = await owner.patch(`/api/v1/sites/${site.id}`, { tls: { certificateId, isForced: true } });
  expect([changed.status, changed.json]).toMatchObject([
    200,
    {
      site: {
        tls: { certificateId, profile: 'intermediate', isForced: true, isHttp2: true, isHttp3: false, hsts: null },
      },
    },
  ]);
  const tls = await owner.get(`/api/v1/sites/${site.id}/tls`);
  expect(tls.json).toMatchObject({
    hasHttp3: true,
    certificate: { id: certificateId },
    uncovered: ['m.shop.test'],
    fitting: [{ id: certificateId, uncovered: ['m.shop.test'] }],
  });
  expect(JSON.stringify(tls.json)).not.toContain('siteIds');
  const removed = await owner.delete(`${path}/${certificateId}`);
  expect([removed.status, removed.json]).toMatchObject([409, { reason: 'certificate_in_use' }]);
  expect((await all()).items[0]?.sites).toEqual([{ id: site.id, name: site.name }]);
});

it('a manager of the site alone sees its certificate by way of the site', async () => {
  const manager = await test.signIn('site_manager', { siteIds: [site.id] });
  expect((await manager.get(path)).status).toBe(403);
  expect((await manager.get(`/api/v1/sites/${site.id}/tls`)).json).toMatchObject({ uncovered: ['m.shop.test'] });
  const caa = (await manager.get(`/api/v1/sites/${site.id}/caa`)).json as { records: string[]; hasAccount: boolean };
  expect(caa.hasAccount).toBe(true);
  expect(caa.records[0]).toBe('shop.test. CAA 0 issue "letsencrypt.org; accounturi=https://acme.example/acct/1"');
  const stranger = await test.signIn('site_manager', { siteIds: [] });
  for (const part of ['tls', 'caa'])
    expect((await stranger.get(`/api/v1/sites/${site.id}/${part}`)).status, part).toBe(404);
});

it('TLS-1 a certificate for other names, or HSTS with one that nobody trusts, is refused and the old stays', async () => {
  const other = idOf(await add(owner, made.other));
  const { tls } = (await owner.get(`/api/v1/sites/${site.id}`)).json as Site;
  const hsts = { maxAgeSeconds: 86_400 };
  for (const [wanted, field, code] of [
    [{ certificateId: other }, 'tls.certificateId', 'certificate_not_for_site'],
    [{ ...tls, hsts }, 'tls.hsts', 'hsts_self_signed'],
    [{ ...tls, hsts: { ...hsts, isPreload: true } }, 'tls.hsts', 'hsts_preload_conditions'],
  ] as const) {
    const answer = await owner.patch(`/api/v1/sites/${site.id}`, { tls: wanted });
    expect([answer.status, answer.json]).toMatchObject([400, { fields: [{ field, code }] }]);
  }
  expect(((await owner.get(`/api/v1/sites/${site.id}`)).json as Site).tls).toEqual(tls);
  expect((await owner.delete(`${path}/${other}`)).status).toBe(204);
});

it('a replaced certificate keeps its place, and one that loses names of sites is refused', async () => {
  const { items } = await all();
  const id = items[0]?.id ?? '';
  const answer = await owner.put(`${path}/${id}`, made.renewed);
  const { fingerprint256 } = new X509Certificate(made.renewed.certificate);
  expect([answer.status, answer.json]).toMatchObject([200, { id, name: 'shop', fingerprint: fingerprint256 }]);
  const lost = await owner.put(`${path}/${id}`, made.other);
  expect([lost.status, lost.json]).toMatchObject([
    409,
    { reason: 'certificate_loses_names', params: { names: 'shop.test' } },
  ]);
});

it('TLS-1 a site gets a certificate as a job, is served with it, and a renewal keeps its place', async () => {
  const made = await owner.post('/api/v1/sites', { kind: 'static', domains: ['new.test', '*.new.test'] });
  const fresh = (made.json as { site: Site }).site;
  const answer = await owner.post(`/api/v1/sites/${fresh.id}/certificate`, {});
  expect([answer.status, answer.json]).toMatchObject([202, { kind: 'certificates.issue' }]);
  await untilEnded((answer.json as { id: string }).id, 'succeeded');
  const tls = await owner.get(`/api/v1/sites/${fresh.id}/tls`);
  // A wildcard cannot be proven over port 80.
  expect(tls.json).toMatchObject({ certificate: { source: 'acme', names: ['new.test'] }, uncovered: ['*.new.test'] });
  const id = (tls.json as { certificate: { id: string } }).certificate.id;
  const renewal = await owner.post(`${path}/${id}/renewal`);
  expect(renewal.status).toBe(202);
  await untilEnded((renewal.json as { id: string }).id, 'succeeded');
  expect(((await owner.get(`${path}/${id}`)).json as Certificate).sites).toEqual([{ id: fresh.id, name: fresh.name }]);
});

it('a wildcard is issued by way of a DNS account, whose secret is seen by nobody, and which stays while it is needed', async () => {
  const accountId = 'dddddddddddddddd';
  const at = `/api/v1/dns-accounts/${accountId}`;
  const token = 'a-secret-token-of-forty-letters-and-more';
  const body = { kind: 'cloudflare', name: 'نطاقات', token };
  expect((await test.anonymous.put(at, body)).status).toBe(401);
  expect((await (await test.signIn('viewer')).put(at, body)).status).toBe(403);
  const added = await owner.put(at, body);
  expect([added.status, added.json]).toEqual([200, { id: accountId, name: 'نطاقات', kind: 'cloudflare' }]);
  expect((await owner.put(at, { ...body, token: null })).status).toBe(200);
  expect((await owner.put(at, { ...body, kind: 'rfc2136' })).status).toBe(400);
  const made = await owner.post('/api/v1/sites', { kind: 'static', domains: ['*.wild.test', 'www.wild.test'] });
  const { site: wild } = made.json as { site: Site };
  const order = (proof: object) => owner.post(`/api/v1/sites/${wild.id}/certificate`, { proof });
  expect((await order({ kind: 'dns', accountId: 'eeeeeeeeeeeeeeee' })).json).toMatchObject({
    reason: 'dns_account_unknown',
  });
  await untilEnded(((await order({ kind: 'dns', accountId })).json as { id: string }).id, 'succeeded');
  const tls = await owner.get(`/api/v1/sites/${wild.id}/tls`);
  expect(tls.json).toMatchObject({
    certificate: { names: ['*.wild.test'] },
    uncovered: [],
    dnsAccounts: [{ id: accountId, name: 'نطاقات' }],
  });
  const kept = await owner.delete(at);
  expect([kept.status, kept.json]).toMatchObject([409, { reason: 'dns_account_in_use' }]);
  const seen = [await owner.get('/api/v1/dns-accounts'), tls, kept, added].map(({ text }) => text);
  const rows = await test.ctx.db.selectFrom('audit').selectAll().execute();
  expect(JSON.stringify([seen, rows])).not.toContain(token);
  expect(rows.map(({ action }) => action)).toContain('putDnsAccount');
});

it('names are proven by hand: the records are shown to those who see the site, looked for, and the job ends by itself', async () => {
  const made = await owner.post('/api/v1/sites', { kind: 'static', domains: ['*.hand.test', 'hand.test'] });
  const { site: own } = made.json as { site: Site };
  const proofs = `/api/v1/sites/${own.id}/certificate-proofs`;
  const order = async () => {
    const answer = await owner.post(`/api/v1/sites/${own.id}/certificate`, { proof: { kind: 'manual' } });
    expect(answer.status).toBe(202);
    return (answer.json as { id: string }).id;
  };
  const given = await order();
  const waiting = (await owner.get(proofs)).json as { items: WaitingProof[] };
  expect(waiting).toMatchObject({ items: [{ orderId: given, hosts: ['*.hand.test', 'hand.test'] }] });
  expect(waiting.items[0]?.records.map(({ name }) => name)).toEqual(Array(2).fill('_acme-challenge.hand.test'));
  const viewer = await test.signIn('viewer');
  const stranger = await test.signIn('site_manager', { siteIds: [] });
  expect((await viewer.get(proofs)).status).toBe(200);
  expect((await test.anonymous.get(proofs)).status).toBe(401);
  for (const change of [`${proofs}/${given}/look`, `${proofs}/${given}`] as const) {
    const ask = (client: TestClient) => (change.endsWith('look') ? client.post(change) : client.delete(change));
    expect((await ask(test.anonymous)).status).toBe(401);
    expect((await ask(viewer)).status).toBe(403);
    expect((await ask(stranger)).status).toBe(404);
  }
  // By way of a site that the person sees, no order of another one is met.
  const elsewhere = `/api/v1/sites/${site.id}/certificate-proofs`;
  expect((await owner.get(elsewhere)).json).toEqual({ items: [] });
  expect((await owner.delete(`${elsewhere}/${given}`)).json).toMatchObject({ reason: 'certificate_proof_unknown' });
  expect((await owner.delete(`${proofs}/${given}`)).status).toBe(204);
  expect(await untilEnded(given, 'failed')).toMatchObject({ failure: { reason: 'acme_cancelled' } });
  const next = await order();
  for (let look = 0; look < 2; look++) expect((await owner.post(`${proofs}/${next}/look`)).status).toBe(204);
  await untilEnded(next, 'succeeded');
  expect((await owner.get(proofs)).json).toEqual({ items: [] });
  const { certificate } = (await owner.get(`/api/v1/sites/${own.id}/tls`)).json as { certificate: Certificate };
  expect(certificate.renewal?.stopped).toBe('by_hand');
  // A job that is cancelled gives the order up.
  const renewal = (await owner.post(`${path}/${certificate.id}/renewal`)).json as { id: string };
  expect((await owner.get(proofs)).json).toMatchObject({ items: [{ orderId: renewal.id }] });
  await owner.post(`/api/v1/jobs/${renewal.id}/cancel`);
  await untilEnded(renewal.id, 'cancelled');
  expect((await owner.get(proofs)).json).toEqual({ items: [] });
});

it('TLS-3 files of another tool are named by whoever confirms with a fresh factor, and nobody else', async () => {
  const body = { certificatePath: '/etc/ssl/shop/fullchain.pem', keyPath: '/etc/ssl/shop/privkey.pem' };
  const at = `${path}/files`;
  expect((await test.anonymous.post(at, body)).status).toBe(401);
  expect((await (await test.signIn('viewer')).post(at, body)).status).toBe(403);
  expect((await (await test.signIn()).post(at, body)).json).toMatchObject({ code: 'elevation_required' });
  const elevated = await (await test.signIn()).elevate();
  for (const bad of ['relative.pem', '/etc/../root/key.pem', '/etc//key.pem', '/etc/a\nb'])
    expect((await elevated.post(at, { ...body, keyPath: bad })).json).toMatchObject({ fields: [{ field: 'keyPath' }] });
  const missing = await elevated.post(at, { ...body, keyPath: '/etc/missing.pem' });
  expect([missing.status, missing.json]).toMatchObject([
    404,
    { reason: 'file_missing', params: { path: '/etc/missing.pem' } },
  ]);
  const made = await elevated.post(at, body);
  expect([made.status, made.json]).toMatchObject([201, { source: 'files', files: { ...body, fault: null } }]);
  const replaced = await owner.put(`${path}/${idOf(made)}`, { certificate: 'x', key: 'y' });
  expect([replaced.status, replaced.json]).toMatchObject([409, { reason: 'certificate_of_files' }]);
  expect((await owner.delete(`${path}/${idOf(made)}`)).status).toBe(204);
});

it('a certificate is revoked for good by whoever confirms with a fresh factor, as a job, and is known as such until it is renewed', async () => {
  const made = await owner.post('/api/v1/sites', { kind: 'static', domains: ['taken.test'] });
  const { site: own } = made.json as { site: Site };
  const order = await owner.post(`/api/v1/sites/${own.id}/certificate`, {});
  await untilEnded((order.json as { id: string }).id, 'succeeded');
  const { certificate } = (await owner.get(`/api/v1/sites/${own.id}/tls`)).json as { certificate: Certificate };
  const at = `${path}/${certificate.id}/revocation`;
  const body = { reason: 'key_compromise' };
  expect((await test.anonymous.post(at, body)).status).toBe(401);
  expect((await (await test.signIn('viewer')).post(at, body)).status).toBe(403);
  expect((await (await test.signIn()).post(at, body)).json).toMatchObject({ code: 'elevation_required' });
  const shown = async () => (await owner.get(`${path}/${certificate.id}`)).json as Certificate;
  expect((await shown()).revoked).toBeNull();
  const elevated = await (await test.signIn()).elevate();
  expect((await elevated.post(at, { reason: 'because' })).status).toBe(400);
  const job = await elevated.post(at, body);
  expect([job.status, job.json]).toMatchObject([202, { kind: 'certificates.revoke' }]);
  await untilEnded((job.json as { id: string }).id, 'succeeded');
  expect((await shown()).revoked?.reason).toBe('key_compromise');
  expect((await elevated.post(at, body)).json).toMatchObject({ reason: 'certificate_revoked' });
  const row = await test.ctx.db
    .selectFrom('audit')
    .select('detail_json')
    .where('action', '=', 'revokeCertificate')
    .execute();
  expect(JSON.stringify(row)).toContain(certificate.fingerprint);
  const renewal = await owner.post(`${path}/${certificate.id}/renewal`);
  await untilEnded((renewal.json as { id: string }).id, 'succeeded');
  expect((await shown()).revoked).toBeNull();
  const imported = idOf(await add(owner, pairs.other));
  expect((await elevated.post(`${path}/${imported}/revocation`, body)).json).toMatchObject({
    reason: 'certificate_not_issued',
  });
  await owner.delete(`${path}/${imported}`);
});

it('T-12 the bell hears of a certificate in use that ends soon, and of no other; who sees some sites only hears nothing', async () => {
  // The certificate is made now, for 30 days, and the panel lives in 25 days.
  const late = await makeTestApp({ clock: { now: () => Date.now() + 25 * 86_400_000 } });
  try {
    const person = await late.signIn();
    const troubles = async (client: TestClient) => (await client.get(`${path}/troubles`)).json;
    const certificateId = idOf(await add(person, made.shop, 'shop'));
    expect(await troubles(person)).toEqual({ items: [] });
    await person.post('/api/v1/sites', { kind: 'static', domains: ['shop.test'] });
    const { items } = (await person.get('/api/v1/sites')).json as { items: Site[] };
    await person.patch(`/api/v1/sites/${items[0]?.id}`, { tls: { certificateId } });
    const standing = { certificateId, name: 'shop', kind: 'ending', stage: 'sixth', reason: null };
    expect(await troubles(person)).toMatchObject({ items: [standing] });
    expect((await late.anonymous.get(`${path}/troubles`)).status).toBe(401);
    const role = { name: 'some sites', permissions: ['certificates.read'], siteScope: 'assigned' };
    const { id } = (await (await person.elevate()).post('/api/v1/roles', role)).json as { id: string };
    expect(await troubles(await late.signIn(id, { siteIds: [] }))).toEqual({ items: [] });
  } finally {
    await late.close();
  }
});

it('TLS-1 an order that fails says why in the job, and the site stays as it is', async () => {
  const made = await owner.post('/api/v1/sites', { kind: 'static', domains: ['fail-acme.test'] });
  const { id } = (made.json as { site: Site }).site;
  const answer = await owner.post(`/api/v1/sites/${id}/certificate`, {});
  const job = await untilEnded((answer.json as { id: string }).id, 'failed');
  expect(job).toMatchObject({ failure: { reason: 'acme_ca_unreachable' } });
  expect(((await owner.get(`/api/v1/sites/${id}`)).json as Site).tls).toBeNull();
  const viewer = await test.signIn('viewer');
  expect((await viewer.post(`/api/v1/sites/${id}/certificate`, {})).status).toBe(403);
});

async function untilEnded(jobId: string, state: string): Promise<unknown> {
  const job = await untilJob(owner, jobId, ['succeeded', 'failed', 'cancelled']);
  expect(job).toMatchObject({ state });
  return job;
}
