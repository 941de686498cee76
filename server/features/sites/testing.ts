import { expect } from 'vitest';
import type { Site } from '#shared/sites.ts';
import type { TestClient } from '../../testing.ts';
import type { SiteResult } from './site-editing.ts';

/** For tests: a created static (or proxied) site. */
export async function createTestSite(
  client: TestClient,
  domains: string[],
  more: Record<string, unknown> = {},
): Promise<SiteResult> {
  const answer = await client.post('/api/v1/sites', { kind: 'static', domains, ...more });
  expect(answer.json).toMatchObject({ site: { state: 'active' } });
  expect(answer.status).toBe(201);
  return answer.json as SiteResult;
}

export async function readSite(client: TestClient, id: string): Promise<Site> {
  const answer = await client.get(`/api/v1/sites/${id}`);
  expect(answer.status).toBe(200);
  return answer.json as Site;
}

export async function countSites(client: TestClient): Promise<number> {
  return ((await client.get('/api/v1/sites?pageSize=1')).json as { total: number }).total;
}

type Change = {
  id: string;
  action: string;
  outcome: string;
  isUndoable: boolean;
  fields: string[];
  undoes: string | null;
};

export async function readHistory(client: TestClient, siteId: string): Promise<Change[]> {
  const answer = await client.get(`/api/v1/site-changes?siteId=${siteId}`);
  return (answer.json as { items: Change[] }).items;
}
