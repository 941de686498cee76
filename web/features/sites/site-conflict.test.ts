import { describe, expect, it } from 'vitest';
import { defaultSettings } from '#shared/site-defaults.ts';
import type { Site } from '#shared/sites.ts';
import { ApiError } from '../../api/errors.ts';
import { changedFacts, refusalOf, seenRevision } from './site-conflict.ts';

const site = {
  id: 'aaaaaaaaaaaaaaaa',
  slug: 'a.com',
  name: 'a.com',
  remark: '',
  category: '',
  kind: 'static',
  domains: [{ host: 'a.com', port: 80 }],
  isEnabled: true,
  root: '/www/wwwroot/a.com',
  upstream: null,
  customDirectives: '',
  ...defaultSettings,
  state: 'active',
  failure: null,
  linuxUser: 'site-abcdefgh',
  revision: 1,
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
} satisfies Site;

describe('a change that was refused', () => {
  it('because somebody was faster names what they changed, the own fields first', () => {
    const now = { ...site, revision: 3, name: 'b', root: '/www/wwwroot/b', updatedAt: '2026-01-02T00:00:00.000Z' };
    expect(changedFacts(site, now, ['root'])).toEqual(['root', 'name']);
    expect(changedFacts(site, { ...site, revision: 2 }, ['root'])).toEqual([]);
  });

  it('is told apart: by another person, by a file changed by hand, by anything else', () => {
    const of = (code: 'changed_meanwhile' | 'in_use', reason?: string) =>
      refusalOf(new ApiError({ code, ...(reason === undefined ? {} : { reason }) }));
    expect(of('changed_meanwhile', 'revision_changed')).toBe('changed_meanwhile');
    expect(of('changed_meanwhile', 'site_drift')).toBe('by_hand');
    expect(of('in_use', 'site_adopted')).toBe('by_hand');
    expect(of('in_use', 'port_taken')).toBe('other');
  });
});

it('the next try after a refusal counts from the present revision, unless somebody changed a fact', () => {
  expect(seenRevision(site, { ...site, revision: 3 })).toBe(3);
  expect(seenRevision(site, { ...site, revision: 3, remark: 'theirs' })).toBe(1);
});
