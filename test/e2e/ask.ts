import type { RoleId } from '#shared/access.ts';
import type { Panel } from './panel.ts';

/** Asks the panel as its own page would, for what a test needs before a person begins. */
export type Asker = {
  /** All cookies of the browser that asks, as a `Cookie` header has them. */
  readonly cookie: string;
  get<T>(path: string): Promise<T>;
  send<T>(method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<T>;
  /** Confirms with the password, so that dangerous actions are carried out for ten minutes. */
  elevate(): Promise<void>;
};

export const password = 'correct horse battery';

/** Creates the owner with the printed link, unless a person of the test does it. */
export async function createOwner(panel: Panel, displayName = 'سارة الأحمد'): Promise<Asker> {
  const token = panel.firstRunLink?.split('#token=')[1];
  if (token === undefined) throw new Error('the panel printed no first-run link');
  return enter(panel, '/api/v1/first-run', { token, name: 'owner', displayName, password });
}

export function signIn(panel: Panel, name: string, word = password): Promise<Asker> {
  return enter(panel, '/api/v1/sign-in', { name, password: word });
}

/** Invites somebody, in the name of the owner. Answers the link. */
export async function invite(
  owner: Asker,
  person: { readonly name: string; readonly role: RoleId } & Readonly<Record<string, unknown>>,
): Promise<string> {
  await owner.elevate();
  const { invitation } = await owner.send<{ invitation: { url: string } }>('POST', '/api/v1/people', person);
  return invitation.url;
}

/** Somebody who was invited and has chosen a password. */
export async function addPerson(
  panel: Panel,
  name: string,
  role: RoleId,
  more: Readonly<Record<string, unknown>> = {},
): Promise<Asker> {
  const link = await invite(await signIn(panel, 'owner'), { displayName: name, ...more, name, role });
  return enter(panel, '/api/v1/invitation/accept', { token: link.split('#token=')[1], password });
}

async function enter(panel: Panel, path: string, body: unknown): Promise<Asker> {
  const jar = new Map<string, string>();
  const cookie = (): string => [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
  const keep = (answer: Response): void => {
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') jar.delete(name);
      else jar.set(name, value);
    }
  };
  const read = async <T>(method: string, at: string, given?: unknown): Promise<T> => {
    const answer = await ask(panel, method, at, given, cookie());
    keep(answer);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${at}: ${answer.status} ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  };
  await read('POST', path, body);
  if (jar.size === 0) throw new Error(`${path}: no session`);
  return {
    get cookie() {
      return cookie();
    },
    get: <T>(at: string) => read<T>('GET', at),
    send: <T>(method: string, at: string, given?: unknown) => read<T>(method, at, given),
    elevate: () => read('POST', '/api/v1/me/elevation', { proof: { kind: 'password', password } }),
  };
}

function ask(panel: Panel, method: string, path: string, body?: unknown, cookie = ''): Promise<Response> {
  const headers: Record<string, string> = { origin: panel.origin, 'x-aapanel': '1', 'sec-fetch-site': 'same-origin' };
  if (cookie !== '') headers['cookie'] = cookie;
  if (body !== undefined) headers['content-type'] = 'application/json';
  return fetch(panel.origin + path, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
}
