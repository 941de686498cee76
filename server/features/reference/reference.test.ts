import { afterAll, beforeAll, expect, it } from 'vitest';
import { api } from '#shared/api.ts';
import type { Operation } from '#shared/http.ts';
import { openapiDocument } from '../../../scripts/generate/openapi.ts';
import { makeTestApp, type TestApp } from '../../testing.ts';
import type { OpenapiDocument } from './reference.document.ts';
import { renderReference } from './reference.page.ts';
import { arabicFeatures, arabicHeaders, arabicSummaries, pageTexts } from './reference.texts.ts';

const operations: Operation[] = Object.values(api).flatMap((feature): Operation[] => Object.values(feature));
const ids = operations.map(({ id }) => id).sort();

let test: TestApp;
beforeAll(async () => {
  test = await makeTestApp();
});
afterAll(() => test.close());

it.each(['/api/docs', '/api/docs/', '/api/docs?lang=en'])(
  'the reference page answers at %s with every operation',
  async (url) => {
    const page = await test.anonymous.get(url, { accept: 'text/html' });
    expect(page.status).toBe(200);
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    for (const { id, path, method } of operations) {
      expect(page.text).toContain(`<details id="${id}">`);
      expect(page.text).toContain(path);
      expect(page.text).toContain(`>${method}</span>`);
    }
  },
);

it('the page needs no script and no inline style: its policy allows one style element and nothing else', async () => {
  const { headers, text } = await test.anonymous.get('/api/docs');
  const nonce = /style-src 'nonce-([\w-]{22})'/.exec(String(headers['content-security-policy']))?.[1];
  expect(headers['content-security-policy']).toBe(
    `default-src 'none'; style-src 'nonce-${nonce}'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  );
  expect(text.match(/<style[^>]*>/g)).toEqual([`<style nonce="${nonce}">`]);
  expect(text).not.toMatch(/<script|\sstyle=|\son\w+=|javascript:|https?:\/\//i);
  const again = await test.anonymous.get('/api/docs');
  expect(String(again.headers['content-security-policy'])).not.toContain(String(nonce));
});

it('the language follows the address, the person, the browser, and is Arabic otherwise', async () => {
  const shown = async (url: string, headers: Record<string, string>, client = test.anonymous) =>
    /<html lang="(\w+)" dir="(\w+)">/
      .exec((await client.get(url, headers)).text)
      ?.slice(1)
      .join(' ');
  expect(await shown('/api/docs', {})).toBe('ar rtl');
  expect(await shown('/api/docs', { 'accept-language': 'fr-FR, en-GB;q=0.8' })).toBe('en ltr');
  expect(await shown('/api/docs?lang=ar', { 'accept-language': 'en' })).toBe('ar rtl');
  const owner = await test.signIn();
  await owner.put('/api/v1/me/preferences', { language: 'en' });
  expect(await shown('/api/docs', { 'accept-language': 'ar' }, owner)).toBe('en ltr');
});

it('every operation, feature and header has its Arabic words, and every text of the page both languages', () => {
  expect(Object.keys(arabicSummaries)).toEqual(ids);
  expect(Object.keys(arabicFeatures)).toEqual(Object.keys(api));
  expect(Object.keys(pageTexts.ar)).toEqual(Object.keys(pageTexts.en));
  const document = openapiDocument() as unknown as OpenapiDocument;
  const parameters = Object.values(document.paths).flatMap((path) =>
    Object.values(path).flatMap((entry) => entry.parameters ?? []),
  );
  const described = parameters.filter(({ description }) => description !== undefined).map(({ name }) => name);
  expect([...new Set(described)].sort()).toEqual(Object.keys(arabicHeaders));
});

it('the document is linked and the same everywhere', async () => {
  expect((await test.anonymous.get('/api/docs')).text).toContain('href="/api/docs/openapi.json"');
  const [one, other] = [
    await test.anonymous.get('/api/docs/openapi.json'),
    await test.anonymous.get('/api/v1/openapi.json'),
  ];
  expect(one.json).toEqual(other.json);
});

it('what stands in the document is text, never markup', () => {
  const entry = {
    operationId: '"><script>x</script>',
    tags: ['sites'],
    summary: '<img src=x onerror=x>',
    'x-permission': 'a&b',
    responses: {},
  };
  const page = renderReference(
    { tags: [{ name: 'sites' }], paths: { '/<b>': { get: entry } }, components: { schemas: {} } },
    'en',
    'n',
  );
  expect(page).not.toMatch(/<script|<img|<b>/);
  expect(page).toContain('&lt;img src=x onerror=x&gt;');
});
