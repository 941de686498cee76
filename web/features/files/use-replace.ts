import { useEffect, useRef, useState } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import { filesApi } from '#shared/files.ts';
import { call } from '../../api/client.ts';
import { readFile, readVersion, saveBytes } from './file-content.ts';
import { patternOf, replaceIn, type LineChange, type ReplaceWish } from './replace-text.ts';
import { guessEncoding, readText, writeText, type OpenText } from './text-bytes.ts';

/** Files of one replacement: as many as the history of a site surely keeps. */
export const mostReplacedFiles = 200;
const mostReplacedBytes = 100 * 1024 ** 2;

/** Why a file is not written. `not_undone`: somebody wrote it after the replacement. `unwritable`: its encoding does not have what would stand in it. */
export type ReplaceTrouble = 'no_text' | 'large' | 'changed' | 'unwritable' | 'not_undone' | 'failed';
export type ReplaceFile = {
  readonly path: string;
  /** The very file that was looked at. */
  readonly etag: string;
  readonly changes: readonly LineChange[];
  readonly state: 'waiting' | 'replaced' | 'undone' | ReplaceTrouble;
  /** Of the file as it was written. */
  readonly savedEtag: string | null;
  readonly error: unknown;
};
export type ReplaceState = {
  readonly step: 'idle' | 'reading' | 'preview' | 'writing' | 'done' | 'undoing';
  readonly files: readonly ReplaceFile[];
  /** There were more than one replacement takes. */
  readonly isCut: boolean;
  readonly isWrong: boolean;
};

const atFirst: ReplaceState = { step: 'idle', files: [], isCut: false, isWrong: false };

/** Reads, shows, writes and takes back: each file by the way of the editor, so that its history keeps what it held. */
export function useReplace(siteId: string) {
  const client = useQueryClient();
  const [state, setState] = useState<ReplaceState>(atFirst);
  const running = useRef(new AbortController());
  useEffect(() => () => running.current.abort(), []);

  async function preview(paths: readonly string[], wish: ReplaceWish): Promise<void> {
    running.current.abort();
    const stop = new AbortController();
    running.current = stop;
    const pattern = patternOf(wish);
    if (pattern === undefined) return setState({ ...atFirst, isWrong: true });
    setState({ ...atFirst, step: 'reading' });
    const files: ReplaceFile[] = [];
    let bytes = 0;
    let isCut = paths.length > mostReplacedFiles;
    for (const path of paths.slice(0, mostReplacedFiles)) {
      const found = await look({ siteId, path }, pattern, wish, stop.signal);
      if (stop.signal.aborted) return;
      bytes += found.sizeBytes;
      if (bytes > mostReplacedBytes) {
        isCut = true;
        break;
      }
      if (found.file !== undefined) files.push(found.file);
    }
    setState({ step: 'preview', files, isCut, isWrong: false });
  }

  /** One after the other; a file that somebody changed since the preview is left. */
  async function each(
    step: 'writing' | 'undoing',
    end: 'done',
    isMeant: (file: ReplaceFile) => boolean,
    act: (file: ReplaceFile) => Promise<Partial<ReplaceFile>>,
  ): Promise<void> {
    const files = [...state.files];
    setState({ ...state, step });
    for (const [at, file] of files.entries()) {
      if (!isMeant(file)) continue;
      files[at] = {
        ...file,
        ...(await act(file).catch((error: unknown) => ({
          state: step === 'undoing' ? 'not_undone' : troubleOf(error),
          error,
        }))),
      };
      setState({ ...state, step, files: [...files] });
    }
    setState({ ...state, step: end, files });
    void client.invalidateQueries({ queryKey: ['site', siteId] });
  }

  async function write(chosen: ReadonlySet<string>, wish: ReplaceWish): Promise<void> {
    const pattern = patternOf(wish);
    if (pattern === undefined) return;
    await each(
      'writing',
      'done',
      ({ path, state: was }) => chosen.has(path) && was === 'waiting',
      async ({ path, etag }) => {
        const place = { siteId, path };
        const read = await readFile(place, running.current.signal);
        if (read.etag !== etag) return { state: 'changed' };
        const text = textOf(read);
        if (typeof text === 'string') return { state: text };
        const written = writeText({ ...text, text: replaceIn(text.text, pattern, wish).text });
        if ('unwritable' in written) return { state: 'unwritable' };
        const saved = await saveBytes(place, written.bytes, etag);
        return { state: 'replaced', savedEtag: saved.etag };
      },
    );
  }

  /** Only what nobody wrote since: then the newest of its history is what it held before. */
  async function undo(): Promise<void> {
    await each(
      'undoing',
      'done',
      ({ state: was }) => was === 'replaced',
      async ({ path, savedEtag }) => {
        const place = { siteId, path };
        const { items } = await call(filesApi.versions, { params: { siteId }, query: { path } });
        const newest = items[0];
        if (newest === undefined || savedEtag === null) return { state: 'not_undone' };
        const bytes = await readVersion(place, newest.id, running.current.signal);
        await saveBytes(place, bytes, savedEtag);
        return { state: 'undone' };
      },
    );
  }

  return { ...state, preview, write, undo, forget: () => setState(atFirst) };
}

async function look(
  place: { readonly siteId: string; readonly path: string },
  pattern: RegExp,
  wish: ReplaceWish,
  signal: AbortSignal,
): Promise<{ readonly sizeBytes: number; readonly file: ReplaceFile | undefined }> {
  const { path } = place;
  const none = { path, etag: '', changes: [], savedEtag: null, error: null };
  try {
    const read = await readFile(place, signal);
    const text = textOf(read);
    if (typeof text === 'string') return { sizeBytes: 0, file: { ...none, state: text } };
    const { changes } = replaceIn(text.text, pattern, wish);
    const file = { ...none, etag: read.etag, changes, state: 'waiting' as const };
    return { sizeBytes: read.sizeBytes, file: changes.length === 0 ? undefined : file };
  } catch (error) {
    return { sizeBytes: 0, file: { ...none, state: 'failed', error } };
  }
}

function textOf({ bytes, sizeBytes }: Awaited<ReturnType<typeof readFile>>): OpenText | 'large' | 'no_text' {
  if (sizeBytes > bytes.length) return 'large';
  const encoding = guessEncoding(bytes);
  return (encoding === undefined ? undefined : readText(bytes, encoding)) ?? 'no_text';
}

function troubleOf(error: unknown): ReplaceTrouble {
  return (error as { reason?: string }).reason === 'file_changed' ? 'changed' : 'failed';
}
