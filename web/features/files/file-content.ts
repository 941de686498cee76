import type { FileCondition, SavedFile } from '#shared/file-editing.ts';
import { maxEditBytes } from '#shared/file-editing.ts';
import { filesApi } from '#shared/files.ts';
import type { Operation } from '#shared/http.ts';
import { asSignedIn, errorOf, urlOf } from '../../api/client.ts';
import { ApiError } from '../../api/errors.ts';

/** Read at once, and at a time of a file that is too large to be changed. */
export const windowBytes = 256 * 1024;

export type FileBytes = {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly etag: string;
  /** Of all of the file; more than there are bytes here when only its beginning was read. */
  readonly sizeBytes: number;
};
type Place = { readonly siteId: string; readonly path: string };

/** The whole file, or its beginning when it is too large to be changed. */
export async function readFile(place: Place, signal: AbortSignal): Promise<FileBytes> {
  const first = await readRange(place, 0, windowBytes, signal);
  if (first.sizeBytes <= windowBytes || first.sizeBytes > maxEditBytes) return first;
  const rest = await ask(filesApi.download, place, {
    signal,
    headers: { range: `bytes=${windowBytes}-`, 'if-range': first.etag },
  });
  const bytes = new Uint8Array(await rest.arrayBuffer());
  // Another one by now: then it is all of it.
  if (rest.status === 200) return { bytes, etag: etagOf(rest), sizeBytes: bytes.length };
  const all = new Uint8Array(first.bytes.length + bytes.length);
  all.set(first.bytes);
  all.set(bytes, first.bytes.length);
  return { bytes: all, etag: first.etag, sizeBytes: all.length };
}

/** Bytes from `from`, at most `most` of them. */
export async function readRange(place: Place, from: number, most: number, signal: AbortSignal): Promise<FileBytes> {
  const headers = { range: `bytes=${from}-${from + most - 1}` };
  const response = await ask(filesApi.download, place, { signal, headers });
  const etag = etagOf(response);
  const sizeBytes = Number(response.headers.get('content-range')?.split('/')[1] ?? 0);
  // Behind the end, as in every empty file.
  if (response.status === 416) return { bytes: new Uint8Array(), etag, sizeBytes };
  const bytes = new Uint8Array(await response.arrayBuffer());
  return { bytes, etag, sizeBytes: response.status === 200 ? bytes.length : sizeBytes };
}

/** Throws ApiError: `file_changed` when the condition does not hold. */
export async function saveBytes(
  place: Place,
  bytes: Uint8Array<ArrayBuffer>,
  condition: FileCondition,
): Promise<SavedFile> {
  const headers: Record<string, string> =
    condition === 'absent' ? { 'if-none-match': '*' } : { 'if-match': condition === 'present' ? '*' : condition };
  const response = await ask(filesApi.save, place, { method: 'PUT', body: bytes, headers });
  return (await response.json()) as SavedFile;
}

export async function readVersion(
  place: Place,
  versionId: string,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const response = await ask(filesApi.version, place, { signal, params: { versionId } });
  return new Uint8Array(await response.arrayBuffer());
}

type Asking = {
  readonly headers?: Record<string, string>;
  readonly params?: Record<string, string>;
  readonly method?: string;
  readonly body?: Uint8Array<ArrayBuffer>;
  readonly signal?: AbortSignal;
};

function ask(operation: Operation, place: Place, asking: Asking): Promise<Response> {
  return asSignedIn(() => askOnce(operation, place, asking));
}

async function askOnce(operation: Operation, { siteId, path }: Place, asking: Asking): Promise<Response> {
  const { headers, params, method = 'GET', body, signal } = asking;
  const type = body === undefined ? {} : { 'content-type': 'application/octet-stream' };
  let response: Response;
  try {
    response = await fetch(urlOf(operation, { params: { siteId, ...params }, query: { path } }), {
      method,
      headers: { 'x-aapanel': '1', ...type, ...headers },
      credentials: 'same-origin',
      ...(body === undefined ? {} : { body }),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw new ApiError({ code: 'offline' }, error);
  }
  if (!response.ok && response.status !== 416) throw await errorOf(response);
  return response;
}

const etagOf = (response: Response): string => response.headers.get('etag') ?? '';
