import { hashPassword } from '#server/core/auth/passwords.ts';
import { openDatabase } from '#server/db/connect.ts';
import { loadConfig } from '#server/config.ts';
import { insertPerson } from '#server/features/accounts/accounts.store.ts';
import type { Role } from '#shared/access.ts';
import { join } from 'node:path';
import type { Panel } from './panel.ts';

/** Asks the panel as its own page would, for what a test needs before a person begins. */
export type Asker = {
  readonly cookie: string;
  get<T>(path: string): Promise<T>;
  send<T>(method: 'POST' | 'PUT' | 'PATCH', path: string, body?: unknown): Promise<T>;
};

export const password = 'correct horse battery';

/** Creates the owner with the printed link, unless a person of the test does it. */
export async function createOwner(panel: Panel, displayName = 'سارة الأحمد'): Promise<Asker> {
  const token = panel.firstRunLink?.split('#token=')[1];
  if (token === undefined) throw new Error('the panel printed no first-run link');
  return enter(panel, '/api/v1/first-run', { token, name: 'owner', displayName, password });
}

export function signIn(panel: Panel, name: string): Promise<Asker> {
  return enter(panel, '/api/v1/sign-in', { name, password });
}

/** There is no screen for further people yet: written where the panel keeps them. */
export async function addPerson(panel: Panel, name: string, role: Role): Promise<Asker> {
  const env = {
    ENVIRONMENT: 'development',
    DATA_DIR: panel.dataDir,
    DATABASE_TYPE: 'sqlite',
    DEV_DATABASE_PATH: join(panel.dataDir, 'panel.db'),
  };
  const db = await openDatabase(loadConfig({ argv: [], cwd: panel.dataDir, env }));
  try {
    const passwordHash = await hashPassword(password);
    await insertPerson(db, { name, displayName: name, role, passwordHash, at: Date.now() });
  } finally {
    await db.destroy();
  }
  return signIn(panel, name);
}

async function enter(panel: Panel, path: string, body: unknown): Promise<Asker> {
  const answer = await ask(panel, 'POST', path, body);
  const cookie = answer.headers.getSetCookie()[0]?.split(';')[0];
  if (!answer.ok || cookie === undefined) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return {
    cookie,
    get: <T>(at: string) => read<T>(panel, 'GET', at, undefined, cookie),
    send: <T>(method: string, at: string, given?: unknown) => read<T>(panel, method, at, given, cookie),
  };
}

async function read<T>(panel: Panel, method: string, path: string, body: unknown, cookie: string): Promise<T> {
  const answer = await ask(panel, method, path, body, cookie);
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

function ask(panel: Panel, method: string, path: string, body?: unknown, cookie?: string): Promise<Response> {
  const headers: Record<string, string> = { origin: panel.origin, 'x-aapanel': '1', 'sec-fetch-site': 'same-origin' };
  if (cookie !== undefined) headers['cookie'] = cookie;
  if (body !== undefined) headers['content-type'] = 'application/json';
  return fetch(panel.origin + path, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
}
