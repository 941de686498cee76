import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeTestApp, type TestApp, type TestClient } from '../../testing.ts';
import { createTestSite } from './testing.ts';

let test: TestApp;
let owner: TestClient;
let siteId = '';
const path = '/api/v1/sites';

beforeAll(async () => {
  test = await makeTestApp();
  owner = await (await test.signIn()).elevate();
  siteId = (await createTestSite(owner, ['answer.test', 'www.answer.test'])).site.id;
});
afterAll(() => test.close());

const first = { match: 'exact', path: '/old', target: '/new' };
const second = { match: 'prefix', path: '/old', target: 'https://b.example/', isPathKept: true, status: 308 };

async function save(client: TestClient, behaviour: Record<string, unknown>): Promise<string> {
  const answer = await client.patch(`${path}/${siteId}`, { behaviour });
  expect(answer.status).toBe(200);
  return (answer.json as { changeId: string }).changeId;
}

const ask = (body: Record<string, unknown>) => owner.post(`${path}/${siteId}/answer`, body);

it('DOM-2 the rule that answers is named with its place, its author and the change that brought it', async () => {
  const url = 'http://answer.test/old?x=1';
  expect((await ask({ url })).json).toMatchObject({ now: { by: 'files', status: null, setBy: null }, unsaved: null });
  const changeId = await save(owner, { redirects: [first] });
  const said = { by: 'redirects', index: 0, status: 301, location: 'http://answer.test/new?x=1' };
  const history = await owner.get(`/api/v1/site-changes?siteId=${siteId}`);
  const me = (history.json as { items: { actor: unknown }[] }).items[0]?.actor;
  expect((await ask({ url })).json).toMatchObject({ now: { ...said, setBy: { changeId, actor: me } } });
  // Another person puts a rule before it, and something else changes: its author stays who it was.
  const other = await test.signIn('administrator');
  const before = await save(other, { redirects: [{ ...second, path: '/other' }, first] });
  await owner.patch(`${path}/${siteId}`, { remark: 'later' });
  await save(owner, { redirects: [{ ...second, path: '/other' }, first], isListingOn: true });
  expect((await ask({ url })).json).toMatchObject({ now: { ...said, index: 1, setBy: { changeId, actor: me } } });
  const theirs = (await ask({ url: 'http://answer.test/other/x' })).json as { now: { setBy: { actor: unknown } } };
  expect(theirs).toMatchObject({ now: { index: 0, location: 'https://b.example/x', setBy: { changeId: before } } });
  expect(theirs.now.setBy.actor).not.toEqual(me);
  // Who takes a change back is the author of what stands there again.
  const gone = await save(owner, {});
  expect((await ask({ url })).json).toMatchObject({ now: { by: 'files' } });
  const undone = await other.post(`/api/v1/site-changes/${gone}/undo`, {});
  const { changeId: back } = undone.json as { changeId: string };
  expect((await ask({ url })).json).toMatchObject({ now: { ...said, index: 1, setBy: { changeId: back } } });
});

it('DOM-2 rules that are not saved are answered beside those that are, and nothing changes', async () => {
  await save(owner, { redirects: [first] });
  const url = 'http://answer.test/old';
  const answer = await ask({ url, behaviour: { redirects: [second, first] } });
  expect(answer.json).toMatchObject({
    now: { by: 'redirects', index: 0, location: 'http://answer.test/new' },
    unsaved: { by: 'redirects', index: 0, status: 308, location: 'https://b.example/', setBy: null },
  });
  const closed = { maintenance: { isOn: true, addresses: ['203.0.113.0/24'] } };
  expect((await ask({ url, behaviour: closed })).json).toMatchObject({
    unsaved: { by: 'files' },
  });
  expect((await ask({ url, address: '198.51.100.7', behaviour: closed })).json).toMatchObject({
    unsaved: { by: 'maintenance', status: 503, setBy: null },
  });
  expect((await ask({ url })).json).toMatchObject({ now: { by: 'redirects' }, unsaved: null });
});

it('what a visitor sends counts, and custom directives are mentioned where they come first', async () => {
  await save(owner, { access: { agents: ['BadBot'], methods: ['GET'] }, hotlink: { isOn: true } });
  const url = 'http://answer.test/a.png';
  expect((await ask({ url, agent: 'badbot/1' })).json).toMatchObject({ now: { by: 'agents', index: 0 } });
  expect((await ask({ url, method: 'POST' })).json).toMatchObject({ now: { by: 'methods', status: 405 } });
  expect((await ask({ url, referer: 'https://far.example/' })).json).toMatchObject({ now: { by: 'hotlink' } });
  expect((await ask({ url })).json).toMatchObject({ now: { by: 'files', mayCustomAnswer: false } });
  await owner.put(`${path}/${siteId}/custom-directives`, { text: 'add_header X-A b;' });
  expect((await ask({ url })).json).toMatchObject({ now: { by: 'files', mayCustomAnswer: true } });
  expect((await ask({ url, method: 'POST' })).json).toMatchObject({ now: { by: 'methods', mayCustomAnswer: false } });
  expect((await ask({ url: 'http://else.test/' })).json).toMatchObject({ now: { by: 'nobody' } });
});

it.each([
  ['nothing', 'url_invalid'],
  ['ftp://answer.test/', 'url_invalid'],
  ['http://a:b@answer.test/', 'url_invalid'],
  ['http://answer.test/%ff', 'url_invalid'],
  ['http://answer.test/%00', 'url_invalid'],
  ['', 'required'],
])('an address that nobody can ask for is refused: %j', async (url, code) => {
  expect((await ask({ url })).json).toMatchObject({ fields: [{ field: 'url', code }] });
});

it('wrong rules are refused by their fields', async () => {
  const behaviour = { redirects: [{ ...first, target: '//evil.example' }] };
  expect((await ask({ url: 'http://answer.test/', behaviour })).json).toMatchObject({
    fields: [{ field: 'behaviour.redirects.0.target', code: 'redirect_target_invalid' }],
  });
  expect((await ask({ url: 'http://answer.test/', address: '10.0.0.0/8' })).json).toMatchObject({
    fields: [{ field: 'address', code: 'address_invalid' }],
  });
});
