import { useCallback, useEffect, useRef, useState } from 'react';
import { maxEditBytes, type FileCondition } from '#shared/file-editing.ts';
import { ApiError } from '../../api/errors.ts';
import { dropDraft, keepDraft, readDraft, type Draft, type DraftPlace } from './drafts.ts';
import { readFile, saveBytes, type FileBytes } from './file-content.ts';
import type { CodeView } from './code-view.ts';
import {
  guessEncoding,
  readText,
  writeText,
  type Encoding,
  type OpenText,
  type TextForm,
  type Unwritable,
} from './text-bytes.ts';

/** What is known of a file that somebody wants to see. */
export type Opened =
  | { readonly state: 'loading' }
  | { readonly state: 'failed'; readonly error: unknown }
  | { readonly state: 'binary'; readonly sizeBytes: number }
  | { readonly state: 'large'; readonly sizeBytes: number; readonly encoding: Encoding }
  | { readonly state: 'text'; readonly first: OpenText };

/** What keeps a text from being saved, until somebody decides. */
export type Obstacle =
  | {
      readonly kind: 'changed';
      readonly etag: string;
      readonly mine: string;
      /** null: what is there now is no text. */
      readonly theirs: OpenText | null;
    }
  | { readonly kind: 'gone' }
  | { readonly kind: 'unwritable'; readonly unwritable: Unwritable };

const draftAfterMs = 600;

/** Opens, keeps and saves one file; the text itself lies in the editor, behind `handle`. */
export function useOpenFile(place: DraftPlace) {
  const { siteId, userId, path } = place;
  const [opened, setOpened] = useState<Opened>({ state: 'loading' });
  const [form, setForm] = useState<TextForm>({ encoding: 'utf-8', hasMark: false, lineEnd: 'lf' });
  const [isDirty, setIsDirty] = useState(false);
  const [isSaving, setIsSaving] = useState(false);
  const [obstacle, setObstacle] = useState<Obstacle | null>(null);
  const [draft, setDraft] = useState<Draft | null>(null);
  const [round, setRound] = useState(0);
  const handle = useRef<CodeView | null>(null);
  /** The file as it was last read or written. */
  const base = useRef<FileBytes | null>(null);
  const timer = useRef<number>(undefined);
  /** For an editor whose code is still on its way. */
  const waiting = useRef<string | null>(null);

  useEffect(() => {
    const stop = new AbortController();
    const drafts = readDraft({ siteId, userId, path });
    readFile({ siteId, path }, stop.signal).then(
      async (read) => {
        const found = openedOf(read);
        const kept = await drafts;
        if (stop.signal.aborted) return;
        base.current = read;
        setObstacle(null);
        setIsDirty(false);
        setOpened(found);
        if (found.state !== 'text') return;
        const { text, ...rest } = found.first;
        setForm(rest);
        setDraft(kept === undefined || kept.text === text ? null : kept);
      },
      (error: unknown) => !stop.signal.aborted && setOpened({ state: 'failed', error }),
    );
    return () => {
      stop.abort();
      window.clearTimeout(timer.current);
    };
  }, [siteId, userId, path, round]);

  const onView = useCallback((view: CodeView | null) => {
    handle.current = view;
    if (view === null || waiting.current === null) return;
    view.setText(waiting.current);
    waiting.current = null;
  }, []);
  const show = useCallback((text: string) => {
    if (handle.current === null) waiting.current = text;
    else handle.current.setText(text);
  }, []);
  const textNow = useCallback(() => handle.current?.text() ?? '', []);

  const changed = useCallback(() => {
    setIsDirty(true);
    window.clearTimeout(timer.current);
    timer.current = window.setTimeout(() => {
      const [text, etag] = [handle.current?.text(), base.current?.etag];
      if (text !== undefined && etag !== undefined)
        void keepDraft({ siteId, userId, path }, { ...form, text, etag, at: Date.now() });
    }, draftAfterMs);
  }, [siteId, userId, path, form]);

  function reload(): void {
    setOpened({ state: 'loading' });
    setRound((before) => before + 1);
  }

  function forgetDraft(): void {
    window.clearTimeout(timer.current);
    setDraft(null);
    void dropDraft({ siteId, userId, path });
  }

  /** Answers whether it was saved; throws ApiError for what stands in no other way. */
  async function save(how: { readonly form?: TextForm; readonly over?: FileCondition } = {}): Promise<boolean> {
    const text = handle.current?.text();
    const seen = base.current;
    if (text === undefined || seen === null || isSaving) return false;
    const as = how.form ?? form;
    const written = writeText({ ...as, text });
    if ('unwritable' in written) {
      setObstacle({ kind: 'unwritable', unwritable: written.unwritable });
      return false;
    }
    setIsSaving(true);
    try {
      const saved = await saveOver(written.bytes, how.over ?? seen.etag, seen);
      if (saved === null) return false;
      base.current = { bytes: written.bytes, ...saved };
      setForm(as);
      setObstacle(null);
      // What was typed while it was on its way stays to be saved.
      if (handle.current?.text() === text) {
        setIsDirty(false);
        forgetDraft();
      }
      return true;
    } finally {
      setIsSaving(false);
    }
  }

  async function saveOver(
    bytes: Uint8Array<ArrayBuffer>,
    condition: FileCondition,
    seen: FileBytes,
  ): Promise<Pick<FileBytes, 'etag' | 'sizeBytes'> | null> {
    try {
      return await saveBytes({ siteId, path }, bytes, condition);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.reason === 'file_gone') {
        setObstacle({ kind: 'gone' });
        return null;
      }
      if (error.reason !== 'file_changed') throw error;
      const now = await readFile({ siteId, path }, new AbortController().signal);
      // Another mode or a second name: nobody wrote anything.
      if (isSame(now.bytes, seen.bytes)) return await saveBytes({ siteId, path }, bytes, now.etag);
      const found = openedOf(now);
      setObstacle({
        kind: 'changed',
        etag: now.etag,
        mine: textNow(),
        theirs: found.state === 'text' ? found.first : null,
      });
      return null;
    }
  }

  /** Puts a text into the editor as one step that can be undone. */
  function put({ text, ...as }: OpenText): void {
    show(text);
    setForm(as);
    setIsDirty(true);
  }

  function takeDraft(): void {
    if (draft === null) return;
    const { etag, at: _at, ...kept } = draft;
    put(kept);
    // Saving says when the file is another one than the draft was made of.
    if (base.current !== null && etag !== base.current.etag) base.current = { ...base.current, etag, bytes: nothing };
    setDraft(null);
  }

  function takeTheirs(): void {
    setObstacle(null);
    forgetDraft();
    reload();
  }

  /** Reads the bytes as another encoding; answers false when they are none of it. */
  function readAs(encoding: Encoding): boolean {
    const found = base.current === null ? undefined : readText(base.current.bytes, encoding);
    if (found === undefined) return false;
    const { text, ...as } = found;
    show(text);
    setForm(as);
    setIsDirty(false);
    window.clearTimeout(timer.current);
    return true;
  }

  function change(next: TextForm): void {
    setForm(next);
    setIsDirty(true);
  }

  return {
    opened,
    form,
    isDirty,
    isSaving,
    obstacle,
    draft,
    onView,
    textNow,
    changed,
    change,
    reload,
    save,
    put,
    readAs,
    takeDraft,
    takeTheirs,
    forgetDraft,
    letObstacleBe: () => setObstacle(null),
  };
}

const nothing = new Uint8Array();

function openedOf({ bytes, sizeBytes }: FileBytes): Opened {
  const isWhole = bytes.length === sizeBytes;
  const encoding = guessEncoding(bytes, isWhole);
  if (encoding === undefined) return { state: 'binary', sizeBytes };
  if (!isWhole || sizeBytes > maxEditBytes) return { state: 'large', sizeBytes, encoding };
  const first = readText(bytes, encoding);
  return first === undefined ? { state: 'binary', sizeBytes } : { state: 'text', first };
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length > 0 && one.length === other.length && one.every((byte, at) => byte === other[at]);
}
