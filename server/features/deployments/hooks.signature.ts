import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/*
 * What the usual servers of repositories send with a push. One of the forms is looked at, in this order, and it alone
 * decides: a second, wrong one never helps.
 */

export type PushHeaders = Pick<IncomingHttpHeaders, string>;

/** Whether the body was sent by somebody who has the secret. */
export function isSigned(headers: PushHeaders, body: Buffer, secret: string): boolean {
  const hmac = (): string => createHmac('sha256', secret).update(body).digest('hex');
  const hub = one(headers['x-hub-signature-256']) ?? one(headers['x-hub-signature']);
  // GitHub, Bitbucket; Gitea and Forgejo send it too.
  if (hub !== undefined) return isSame(hub, `sha256=${hmac()}`);
  const plain = one(headers['x-gitea-signature']) ?? one(headers['x-forgejo-signature']);
  if (plain !== undefined) return isSame(plain, hmac());
  const token = one(headers['x-gitlab-token']);
  return token !== undefined && isSame(token, secret);
}

/** Two lines of one header are no answer. */
function one(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= 200 ? value : undefined;
}

/** In the same time whatever differs. */
function isSame(given: string, wanted: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}

export type Pushed = { readonly kind: 'branch' | 'tag'; readonly name: string };

/** Branches and tags that a push brought; empty for everything else, also for one that took them away. */
export function pushedRefs(contentType: string | undefined, body: Buffer): Pushed[] {
  const push = readBody(contentType, body);
  if (push === undefined) return [];
  const { ref, deleted, after } = push;
  const isGone = deleted === true || (typeof after === 'string' && /^0+$/.test(after));
  if (typeof ref === 'string') return isGone ? [] : refsOf(ref);
  return bitbucketRefs(push['push']);
}

function readBody(contentType: string | undefined, body: Buffer): Record<string, unknown> | undefined {
  const text = body.toString('utf8');
  const isForm = contentType?.toLowerCase().startsWith('application/x-www-form-urlencoded') === true;
  try {
    const json: unknown = JSON.parse(isForm ? (new URLSearchParams(text).get('payload') ?? '') : text);
    return typeof json === 'object' && json !== null && !Array.isArray(json)
      ? (json as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

function refsOf(ref: string): Pushed[] {
  const [, kind, name] = /^refs\/(heads|tags)\/(.{1,200})$/s.exec(ref) ?? [];
  if (kind === undefined || name === undefined) return [];
  return [{ kind: kind === 'heads' ? 'branch' : 'tag', name }];
}

function bitbucketRefs(push: unknown): Pushed[] {
  const changes = (push as { changes?: unknown } | null | undefined)?.changes;
  if (!Array.isArray(changes)) return [];
  return (changes as { new?: { type?: unknown; name?: unknown } | null }[])
    .slice(0, 100)
    .flatMap((change): Pushed[] => {
      const { type, name } = change?.new ?? {};
      if (typeof name !== 'string' || name.length > 200) return [];
      return type === 'branch' || type === 'tag' ? [{ kind: type, name }] : [];
    });
}
