import { closeSync, fstatSync } from 'node:fs';
import { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { AppError } from '#shared/errors.ts';
import type { FileFinding, fileSearch } from '#shared/file-search.ts';
import type { z } from 'zod';
import { closeFile, openFolder } from '../core/files.ts';
import type { Machine } from '../core/machine.ts';
import { findProgram, startProgram, type Program } from '../core/run.ts';
import type { FoundPlace } from './excerpts.ts';
import { binName, textToParts } from './file-names.ts';
import { gone, openBelow, told } from './handles.ts';
import { createOutputReader } from './search-output.ts';
import { askHelper, type Place } from './workers.ts';

/*
 * Search in files by ripgrep, which runs as the site's user in the folder that was opened by handle. It finds places; what
 * stands there is read again by the process that works on the site's files (`excerpts.ts`), and only that is told.
 */

type Wish = z.output<typeof fileSearch>;

/** On the whole machine: each uses every processor. */
const mostSearches = 3;
const checkMs = 5_000;
/** Lines of one file: it is written out only when it is whole. */
const mostOfFile = 1_000;
/** Of what is found in lines that were told already, for each line that may be told. */
const mostInLines = 50;
const placesAtOnce = 200;
/** What is found in this time is looked at together: each look takes the processors from the search. */
const gatherMs = 15;
const mostGathered = 256 * 1024;

const running = new WeakMap<object, { count: number }>();

/** Whoever gets the stream reads or destroys it. */
export async function searchFiles(machine: Machine, place: Place, wish: Wish): Promise<Readable> {
  const program = findProgram('rg');
  if (program === undefined)
    throw new AppError('not_found', 'ripgrep is not installed.', { reason: 'file_search_missing' });
  const searches = running.get(machine) ?? { count: 0 };
  running.set(machine, searches);
  if (searches.count >= mostSearches)
    throw new AppError('busy', 'Too many searches are going on.', {
      reason: 'file_search_many',
      params: { most: mostSearches },
    });
  searches.count++;
  try {
    const folder = await openSearched(machine, place, wish.path);
    try {
      const start = startIn(machine, place, program, folder);
      if (wish.isRegex || wish.only.length + wish.except.length > 0) await check(start, wish);
      return findingsOf(start(argsOf(wish), wish.text, wish.mostSeconds * 1_000), { machine, place, wish }, () => {
        searches.count--;
      });
    } finally {
      closeSync(folder);
    }
  } catch (error) {
    searches.count--;
    throw error;
  }
}

/** The folder that the site's own process came to, opened once more for a program that shall stand in it. */
async function openSearched(machine: Machine, place: Place, path: string): Promise<number> {
  const { dev, ino } = await askHelper(machine, place, 'folderFacts', { path });
  let folder: number;
  try {
    folder = openFolder(place.path);
  } catch {
    throw new AppError('not_found', "The site's folder is not there.", { reason: 'files_no_folder' });
  }
  for (const part of textToParts(path)) {
    const above = folder;
    try {
      folder = openBelow(above, part);
    } catch (error) {
      throw told(error, path);
    } finally {
      closeFile(above);
    }
  }
  const found = fstatSync(folder);
  if (found.dev === dev && found.ino === ino) return folder;
  closeSync(folder);
  throw gone(path);
}

type Start = (args: readonly string[], text: string, timeoutMs: number) => Program;

function startIn({ isRoot }: Machine, { uid, gid }: Place, program: string, folder: number): Start {
  return (args, text, timeoutMs) => {
    const started = startProgram(program, args, {
      cwd: '/proc/self/fd/3',
      extraFds: [folder],
      stdin: 'pipe',
      diesWithUs: true,
      timeoutMs,
      ...(isRoot ? { uid, gid } : {}),
    });
    // Never as an argument, which everybody on the machine can read.
    started.stdin.end(`${text}\n`);
    return started;
  };
}

/** Throws when the expression or a pattern of names is none: an empty file is searched for it. */
async function check(start: Start, { text, ...wish }: Wish): Promise<void> {
  const complaint = async (args: readonly string[], wanted: string): Promise<string | undefined> => {
    const program = start([...args, '--', '/dev/null'], wanted, checkMs);
    program.stdout.resume();
    const { code, stderr } = await program.ended;
    return code === 0 || code === 1 ? undefined : (/^(?:error: ?)?.*$/m.exec(stderr)?.[0] ?? '');
  };
  const globs = globsOf(wish);
  if (globs.length > 0 && (await complaint(['--no-config', ...globs, '--file=-'], 'x')) !== undefined)
    throw new AppError('invalid_request', 'A pattern of names is none.', { reason: 'file_search_glob' });
  if (wish.isRegex && (await complaint(matchingOf(wish), text)) !== undefined)
    throw new AppError('invalid_request', 'The expression is none.', { reason: 'file_search_expression' });
}

const matchingOf = ({ isRegex, isCaseSensitive, isWord }: Omit<Wish, 'text'>): string[] => [
  '--no-config',
  '--encoding=none',
  ...(isRegex ? [] : ['--fixed-strings']),
  isCaseSensitive ? '--case-sensitive' : '--ignore-case',
  ...(isWord ? ['--word-regexp'] : []),
  '--file=-',
];

const globsOf = ({ only, except }: Pick<Wish, 'only' | 'except'>): string[] => [
  ...only.map((glob) => `--glob=${glob}`),
  ...except.map((glob) => `--glob=!${glob}`),
];

function argsOf(wish: Wish): string[] {
  return [
    ...matchingOf(wish),
    ...globsOf(wish),
    // The last one counts.
    ...(wish.path === '' ? [`--glob=!/${binName}`] : []),
    ...(wish.showsHidden ? ['--hidden'] : []),
    '--no-ignore',
    '--no-follow',
    '--no-messages',
    '--no-heading',
    '--color=never',
    '--null',
    '--only-matching',
    '--line-number',
    '--byte-offset',
    `--max-count=${mostOfFile}`,
    `--max-filesize=${wish.mostFileBytes}`,
    '--',
    './',
  ];
}

type Search = { readonly machine: Machine; readonly place: Place; readonly wish: Wish };

function findingsOf(program: Program, search: Search, onEnd: () => void): Readable {
  const stream = Readable.from(linesOf(program, search), { objectMode: false });
  // Also of one that nobody began to read.
  stream.once('close', () => {
    program.kill();
    program.stdout.destroy();
    onEnd();
  });
  return stream;
}

async function* linesOf(program: Program, { machine, place, wish }: Search): AsyncGenerator<string> {
  const { path: folder, mostMatches } = wish;
  const output = createOutputReader();
  let matches = 0;
  let isFull = false;
  search: for await (const chunk of gathered(program.stdout)) {
    const places = output.read(chunk);
    for (let at = 0; at < places.length; at += placesAtOnce) {
      const some: FoundPlace[] = places.slice(at, at + placesAtOnce);
      for (const { path, matches: all } of await askHelper(machine, place, 'excerpts', { folder, places: some })) {
        const told = all.slice(0, mostMatches - matches);
        matches += told.length;
        if (told.length > 0) yield lineOf({ kind: 'found', path, matches: told });
        isFull ||= told.length < all.length;
      }
      if (isFull || matches >= mostMatches) break search;
    }
    isFull = output.count > mostMatches * mostInLines;
    if (isFull) break;
  }
  isFull ||= matches >= mostMatches;
  if (isFull) program.kill();
  const { code, isKilled } = await program.ended;
  // 2: something could not be read, which is said to nobody.
  const why = isFull ? 'matches' : isKilled ? 'time' : code === null ? 'failed' : 'whole';
  yield lineOf({ kind: 'end', why, matches });
}

/** The first bytes at once, then what came meanwhile, all of it at a time; no more is taken than that. */
async function* gathered(source: Readable): AsyncGenerator<Buffer> {
  let pieces: Buffer[] = [];
  let bytes = 0;
  let isOver = false;
  let wake: () => void = () => undefined;
  source.on('data', (piece: Buffer) => {
    pieces.push(piece);
    bytes += piece.length;
    if (bytes >= mostGathered) source.pause();
    wake();
  });
  for (const event of ['end', 'close', 'error'])
    source.once(event, () => {
      isOver = true;
      wake();
    });
  const something = async (): Promise<void> => await new Promise((resolve) => (wake = resolve));
  for (;;) {
    while (pieces.length === 0) {
      if (isOver) return;
      source.resume();
      await something();
    }
    const all = Buffer.concat(pieces);
    pieces = [];
    bytes = 0;
    yield all;
    for (const until = Date.now() + gatherMs; !isOver && bytes < mostGathered && Date.now() < until; ) {
      source.resume();
      await Promise.race([something(), wait(until - Date.now())]);
    }
  }
}

const lineOf = (finding: FileFinding): string => `${JSON.stringify(finding)}\n`;
