import { describe, expect, it } from 'vitest';
import { bodyOf, emptyDraft, isTyped, problemsOf, repositoryOf, withScheme } from './new-site-draft.ts';

describe('a new site', () => {
  it('of a domain only needs nothing else', () => {
    expect(bodyOf({ ...emptyDraft, domains: 'Example.com' })).toEqual({
      kind: 'static',
      domains: ['example.com'],
      remark: '',
      category: '',
    });
  });

  it('of an Arabic domain is called as people read it', () => {
    const body = bodyOf({ ...emptyDraft, domains: 'مثال.com' });
    expect([body?.domains, body?.name]).toEqual([['xn--mgbh0fb.com'], 'مثال.com']);
    expect(bodyOf({ ...emptyDraft, domains: 'مثال.com', name: ' متجري ' })?.name).toBe('متجري');
  });

  it('sends the application of a proxy, and never that of a static site', () => {
    const draft = { ...emptyDraft, domains: 'a.com', upstream: 'http://127.0.0.1:3000' };
    expect(bodyOf(draft)).not.toHaveProperty('upstream');
    expect(bodyOf({ ...draft, kind: 'proxy' })?.upstream).toEqual({ url: 'http://127.0.0.1:3000', isWebsocket: true });
  });

  it('is not sent while something is wrong', () => {
    expect(problemsOf(emptyDraft)).toEqual({ domains: 'required' });
    const wrong = { ...emptyDraft, kind: 'proxy', domains: '-a', upstream: 'file:///etc', root: '/etc' } as const;
    expect(problemsOf(wrong)).toEqual({ domains: 'invalid', upstream: 'upstream_scheme', root: 'root_outside' });
    expect(problemsOf({ ...emptyDraft, domains: 'a.com', root: '/www/wwwroot/a/../b' })).toEqual({
      root: 'root_invalid',
    });
    expect(bodyOf(wrong)).toBeUndefined();
  });

  it('is deployed from a repository that is one, unless nothing of it can be', () => {
    const draft = { ...emptyDraft, domains: 'a.com', repository: ' git@git.example:me/site.git ' };
    expect([problemsOf(draft), repositoryOf(draft)]).toEqual([{}, 'git@git.example:me/site.git']);
    expect(problemsOf({ ...draft, repository: 'file:///etc' })).toEqual({ repository: 'repository_scheme' });
    for (const other of [
      { kind: 'proxy', upstream: '127.0.0.1:1' },
      { kind: 'php', isWordpress: true },
    ] as const)
      expect(repositoryOf({ ...draft, ...other })).toBeUndefined();
    expect(isTyped({ ...emptyDraft, repository: 'x' })).toBe(true);
  });

  it('has something to lose once anything is typed', () => {
    expect(isTyped({ ...emptyDraft, kind: 'proxy', isWebsocket: false })).toBe(false);
    expect(isTyped({ ...emptyDraft, remark: 'x' })).toBe(true);
  });
});

it.each([
  ['127.0.0.1:3000', 'http://127.0.0.1:3000'],
  ['localhost', 'http://localhost'],
  ['app.internal/path', 'http://app.internal/path'],
  ['node:3000', 'http://node:3000'],
  ['[::1]:8080', 'http://[::1]:8080'],
  ['https://a.com', 'https://a.com'],
  ['file:///etc', 'file:///etc'],
  ['', ''],
])('the address %s is meant as %s', (typed, meant) => expect(withScheme(typed)).toBe(meant));
