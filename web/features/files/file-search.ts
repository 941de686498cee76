import { useEffect, useRef, useState } from 'react';
import type { FileFinding, FileMatch } from '#shared/file-search.ts';
import { filesApi } from '#shared/files.ts';
import type { BodyInputOf } from '#shared/http.ts';
import { asSignedIn, errorOf, urlOf } from '../../api/client.ts';
import { ApiError } from '../../api/errors.ts';

export type SearchWish = BodyInputOf<typeof filesApi.search>;
export type FoundFile = { readonly path: string; readonly matches: readonly FileMatch[] };
type End = Extract<FileFinding, { kind: 'end' }>['why'] | 'stopped';

export type SearchState = {
  readonly files: readonly FoundFile[];
  readonly lines: number;
  readonly isRunning: boolean;
  /** null: it goes on, or there was none yet. */
  readonly end: End | null;
  readonly error: unknown;
  /** Another one with each search. */
  readonly round: number;
};

const atFirst: SearchState = { files: [], lines: 0, isRunning: false, end: null, error: null, round: 0 };
/** What is found is shown so often: thousands of lines must not draw the page thousands of times. */
const showEveryMs = 120;

/** One search at a time: another one, or leaving the page, ends it on the server too. */
export function useFileSearch(siteId: string) {
  const [state, setState] = useState<SearchState>(atFirst);
  const running = useRef<AbortController | null>(null);
  const rounds = useRef(0);
  useEffect(() => () => running.current?.abort(), []);

  async function start(wish: SearchWish): Promise<void> {
    running.current?.abort();
    const stop = new AbortController();
    running.current = stop;
    const round = ++rounds.current;
    setState({ ...atFirst, isRunning: true, round });
    const files = new Map<string, FileMatch[]>();
    let lines = 0;
    let end: End | null = null;
    let shownAt = performance.now();
    const show = (more: Partial<SearchState>): void => {
      if (running.current !== stop) return;
      const found = [...files].map(([path, matches]) => ({ path, matches: [...matches] }));
      setState({ ...atFirst, files: found, lines, isRunning: true, round, ...more });
    };
    try {
      for await (const finding of findings(siteId, wish, stop.signal)) {
        if (finding.kind === 'end') end = finding.why;
        else {
          const known = files.get(finding.path);
          if (known === undefined) files.set(finding.path, [...finding.matches]);
          else known.push(...finding.matches);
          lines += finding.matches.length;
        }
        if (performance.now() - shownAt < showEveryMs) continue;
        shownAt = performance.now();
        show({});
      }
      // Without its end it broke off.
      show({ isRunning: false, end: end ?? 'failed' });
    } catch (error) {
      if (stop.signal.aborted) show({ isRunning: false, end: 'stopped' });
      else if (lines > 0) show({ isRunning: false, end: 'failed' });
      else show({ isRunning: false, error });
    }
  }

  return { ...state, start, stop: () => running.current?.abort() };
}

async function* findings(siteId: string, wish: SearchWish, signal: AbortSignal): AsyncGenerator<FileFinding> {
  const { body } = await asSignedIn(async () => await ask(siteId, wish, signal));
  if (body === null) return;
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    const lines = (rest + decoder.decode(value, { stream: !done })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield JSON.parse(line) as FileFinding;
    if (done) return;
  }
}

async function ask(siteId: string, wish: SearchWish, signal: AbortSignal): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(urlOf(filesApi.search, { params: { siteId } }), {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-aapanel': '1' },
      credentials: 'same-origin',
      body: JSON.stringify(wish),
      signal,
    });
  } catch (error) {
    if (signal.aborted) throw error;
    throw new ApiError({ code: 'offline' }, error);
  }
  if (!response.ok) throw await errorOf(response);
  return response;
}

/** What somebody types as patterns of names: with commas or blanks between them, not those of `{a,b}`. */
export function typedGlobs(text: string): string[] {
  return text.match(/(?:\{[^}]*\}|[^\s,،])+/g) ?? [];
}
