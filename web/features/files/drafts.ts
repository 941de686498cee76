import { filesApi } from '#shared/files.ts';
import { call } from '../../api/client.ts';
import type { TextForm } from './text-bytes.ts';

/*
 * What was typed and not saved, in this browser only: a closed tab, a lost connection or a session that ended takes nothing
 * away. Each person has their own, sealed with a key that the panel gives to them alone; none is kept for long.
 */

export type Draft = TextForm & {
  readonly text: string;
  /** Of the file that was changed. */
  readonly etag: string;
  readonly at: number;
};
export type DraftPlace = { readonly userId: string; readonly siteId: string; readonly path: string };

type Sealed = { readonly iv: Uint8Array<ArrayBuffer>; readonly bytes: ArrayBuffer; readonly at: number };

const keptMs = 14 * 24 * 60 * 60 * 1_000;
const mostDrafts = 50;
const store = 'drafts';
let opened: Promise<IDBDatabase> | undefined;

/** Answers undefined also where the browser keeps nothing. */
export async function readDraft(place: DraftPlace): Promise<Draft | undefined> {
  try {
    const [key, name] = await Promise.all([keyOf(place), nameOf(place)]);
    const sealed = await work<Sealed | undefined>('readonly', (drafts) => drafts.get(name));
    if (sealed === undefined || Date.now() - sealed.at > keptMs) return undefined;
    const opened = await crypto.subtle.decrypt({ name: 'AES-GCM', iv: sealed.iv }, key, sealed.bytes);
    return JSON.parse(new TextDecoder().decode(opened)) as Draft;
  } catch {
    // Sealed under another secret of the panel, or this page is not served over HTTPS: there is no draft.
    return undefined;
  }
}

/** One after another: what is dropped must not come back by one that was still being sealed. */
let last: Promise<void> = Promise.resolve();
function inTurn(task: () => Promise<void>): Promise<void> {
  last = last.then(task);
  return last;
}

export const keepDraft = (place: DraftPlace, draft: Draft): Promise<void> => inTurn(() => keep(place, draft));
export const dropDraft = (place: DraftPlace): Promise<void> => inTurn(() => drop(place));

async function keep(place: DraftPlace, draft: Draft): Promise<void> {
  try {
    const [key, name] = await Promise.all([keyOf(place), nameOf(place)]);
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const text = new TextEncoder().encode(JSON.stringify(draft));
    const bytes = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, text);
    await work('readwrite', (drafts) => drafts.put({ iv, bytes, at: draft.at } satisfies Sealed, name));
    await tidy();
  } catch {
    // As above: then what is typed lives as long as the page.
  }
}

async function drop(place: DraftPlace): Promise<void> {
  try {
    const name = await nameOf(place);
    await work('readwrite', (drafts) => drafts.delete(name));
  } catch {
    // Nothing was kept either.
  }
}

async function tidy(): Promise<void> {
  const keys = await work<IDBValidKey[]>('readonly', (drafts) => drafts.getAllKeys());
  const all = await work<Sealed[]>('readonly', (drafts) => drafts.getAll());
  if (keys === undefined || all === undefined) return;
  const old = all
    .map(({ at }, index) => ({ at, key: keys[index] }))
    .sort((one, other) => other.at - one.at)
    .filter(({ at }, index) => index >= mostDrafts || Date.now() - at > keptMs);
  for (const { key } of old) if (key !== undefined) await work('readwrite', (drafts) => drafts.delete(key));
}

let known: { readonly userId: string; readonly key: Promise<CryptoKey> } | undefined;

/** The panel's, for whoever is signed in: what lies in the browser is nothing without it. */
function keyOf({ userId }: DraftPlace): Promise<CryptoKey> {
  if (known?.userId === userId) return known.key;
  const key = (async () => {
    const { key: text } = await call(filesApi.draftKey, {});
    const raw = Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (each) => each.charCodeAt(0));
    return await crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt']);
  })();
  known = { userId, key };
  // Asked again with the next draft.
  key.catch(() => {
    known = undefined;
  });
  return key;
}

/** Names of files tell something too. */
async function nameOf({ userId, siteId, path }: DraftPlace): Promise<string> {
  const sum = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(`${userId}/${siteId}/${path}`));
  return Array.from(new Uint8Array(sum), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** A browser that keeps nothing (a private window, a full disk) is no reason to stop anybody from editing. */
async function work<T>(mode: IDBTransactionMode, ask: (drafts: IDBObjectStore) => IDBRequest): Promise<T | undefined> {
  try {
    opened ??= open();
    const database = await opened;
    return (await answerOf(ask(database.transaction(store, mode).objectStore(store)))) as T;
  } catch {
    opened = undefined;
    return undefined;
  }
}

async function open(): Promise<IDBDatabase> {
  const request = indexedDB.open('aapanel-drafts', 1);
  request.onupgradeneeded = () => request.result.createObjectStore(store);
  return (await answerOf(request)) as IDBDatabase;
}

async function answerOf(request: IDBRequest): Promise<unknown> {
  return await new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('the browser keeps nothing'));
  });
}
