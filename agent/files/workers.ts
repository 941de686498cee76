import { fstatSync } from 'node:fs';
import { IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { AppError } from '#shared/errors.ts';
import { closeFile, openFolder } from '../core/files.ts';
import type { Machine } from '../core/machine.ts';
import { startProgram, type Program } from '../core/run.ts';
import { createFrameReader, sendFrames, streamOf } from './frames.ts';
import { wayCount, type Answer, type Question, type Work } from './worker.ts';

/*
 * Processes of sites' users that work on files, each kept for a short while: a person who looks through folders asks again
 * at once. Two sites never share one.
 */

/** A process of its own has them too. */
type Starter = Pick<Machine, 'settings' | 'isRoot'>;
type Waiting = { readonly resolve: (result: unknown) => void; readonly reject: (error: unknown) => void };
type Helper = {
  readonly program: Program;
  readonly hasNetwork: boolean;
  readonly folder: { readonly dev: number; readonly ino: number };
  readonly waiting: Map<number, Waiting>;
  /** Numbers of the ways that nothing travels on. */
  readonly freeWays: number[];
  readonly forWay: ((way: number) => void)[];
  timer: NodeJS.Timeout | undefined;
  isGone: boolean;
};

const idleMs = 15_000;
const mostHelpers = 6;
/** What is fetched may take hours, and must not keep others from their files. */
const mostFetching = 4;
/** Longer than a piece of an upload usually takes. */
const wayPatienceMs = 15_000;
/** A helper holds this much at most of what a folder of a million names needs. */
const nodeFlags = [
  '--permission',
  '--allow-fs-read=*',
  '--allow-fs-write=*',
  '--max-old-space-size=256',
  '--max-semi-space-size=2',
];
/** All others have no network. */
const netFlags = ['--allow-net'];

const helpers = new WeakMap<object, Map<string, Helper>>();
let lastId = 0;

export type Place = {
  /** Absolute path of the folder that is worked in. */
  readonly path: string;
  readonly uid: number;
  readonly gid: number;
  /** Work that takes its time has a process of its own: a look at a folder must not wait for it. */
  readonly isLong?: boolean;
  /** Asks servers of others, and has a process of its own for that. */
  readonly hasNetwork?: boolean;
  /**
   * A group besides the user's own, where rights are changed: a folder of the web server's group would lose its set-group-ID
   * bit by the hand of somebody who is not in that group.
   */
  readonly alsoGid?: number;
};

/** Asks the process of the folder's user; starts it when there is none. */
export async function askHelper<V extends keyof Work>(
  machine: Starter,
  place: Place,
  verb: V,
  ...[wish]: Parameters<Work[V]>
): Promise<Awaited<ReturnType<Work[V]>>> {
  return await ask(helperOf(machine, place), verb, ...([wish] as Parameters<Work[V]>));
}

type Taking = 'save' | 'uploadWrite';
type Giving = 'archive' | 'download' | 'version';
type WithWay<V extends Giving | Taking> = Omit<Parameters<Work[V]>[0], 'way'>;

/** Sends bytes along with a question. They are no longer read as soon as there is an answer. */
export async function sendToHelper<V extends Taking>(
  machine: Starter,
  place: Place,
  verb: V,
  wish: WithWay<V>,
  bytes: Readable,
): Promise<Awaited<ReturnType<Work[V]>>> {
  const helper = helperOf(machine, place);
  const way = await takeWay(helper);
  const stop = new AbortController();
  const sent = sendFrames(wayOf(helper, way), bytes, { signal: stop.signal, isOurs: bytes instanceof IncomingMessage });
  try {
    return await ask(helper, verb, ...([{ ...wish, way }] as unknown as Parameters<Work[V]>));
  } finally {
    stop.abort();
    void sent.finally(() => giveWayBack(helper, way));
  }
}

/** Asks for bytes: they come as a stream, which may be given up at any time. */
export async function fetchFromHelper<V extends Giving>(
  machine: Starter,
  place: Place,
  verb: V,
  wish: WithWay<V>,
): Promise<{ facts: Awaited<ReturnType<Work[V]>>; stream: Readable | null }> {
  const helper = helperOf(machine, place);
  const way = await takeWay(helper);
  let stream: Readable | null = null;
  try {
    const facts = await ask(helper, verb, ...([{ ...wish, way }] as unknown as Parameters<Work[V]>));
    if (facts.hasBytes) {
      const reader = createFrameReader(wayOf(helper, way));
      stream = streamOf(reader, () => {
        void ask(helper, 'stopDownload', { way }).catch(() => undefined);
        void reader.drain().finally(() => giveWayBack(helper, way));
      });
    }
    return { facts, stream };
  } finally {
    if (stream === null) giveWayBack(helper, way);
  }
}

function wayOf({ program }: Helper, number: number): Program['pipes'][number] {
  const way = program.pipes[number];
  if (way === undefined) throw new Error('there is no such way to the helper');
  return way;
}

async function takeWay(helper: Helper): Promise<number> {
  const free = helper.freeWays.pop();
  if (free !== undefined) return free;
  return await new Promise((resolve, reject) => {
    const take = (way: number): void => {
      clearTimeout(timer);
      resolve(way);
    };
    const timer = setTimeout(() => {
      helper.forWay.splice(helper.forWay.indexOf(take), 1);
      reject(new AppError('busy', 'Too many files of this site are on their way.', { reason: 'files_ways_busy' }));
    }, wayPatienceMs);
    helper.forWay.push(take);
  });
}

function giveWayBack(helper: Helper, way: number): void {
  const next = helper.forWay.shift();
  if (next === undefined) helper.freeWays.push(way);
  else next(way);
  restLater(helper);
}

async function ask<V extends keyof Work>(
  helper: Helper,
  verb: V,
  ...[wish]: Parameters<Work[V]>
): Promise<Awaited<ReturnType<Work[V]>>> {
  clearTimeout(helper.timer);
  const id = ++lastId;
  try {
    return (await new Promise<unknown>((resolve, reject) => {
      if (helper.isGone) throw endedEarly(undefined);
      helper.waiting.set(id, { resolve, reject });
      const question: Question = { id, verb, wish: wish ?? null };
      helper.program.stdin.write(`${JSON.stringify(question)}\n`);
    })) as Awaited<ReturnType<Work[V]>>;
  } finally {
    helper.waiting.delete(id);
    restLater(helper);
  }
}

const isIdle = ({ waiting, freeWays }: Helper): boolean => waiting.size === 0 && freeWays.length === wayCount;

/** One that nobody asks for a while ends. */
function restLater(helper: Helper): void {
  if (!isIdle(helper) || helper.isGone) return;
  clearTimeout(helper.timer);
  helper.timer = setTimeout(() => {
    // Nobody asks one that is on its way out.
    helper.isGone = true;
    helper.program.stdin.end();
  }, idleMs);
  helper.timer.unref();
}

function helperOf(machine: Starter, place: Place): Helper {
  const { path, uid, gid, isLong = false, hasNetwork = false, alsoGid } = place;
  const all = helpers.get(machine) ?? new Map<string, Helper>();
  helpers.set(machine, all);
  const key = `${uid}:${gid}:${alsoGid ?? ''}:${hasNetwork ? 'net' : isLong ? 'long' : ''}:${path}`;
  const root = openSiteFolder(path);
  try {
    const { dev, ino } = fstatSync(root);
    const present = all.get(key);
    // The folder that stands there now: another may have come into its place.
    if (present?.folder.dev === dev && present.folder.ino === ino && !present.isGone) return present;
    present?.program.stdin.end();
    const others = [...all].filter(([, each]) => each.hasNetwork === hasNetwork);
    if (present === undefined && others.length >= (hasNetwork ? mostFetching : mostHelpers)) {
      const idle = others.find(([, each]) => isIdle(each));
      if (idle === undefined)
        throw new AppError('busy', 'Files of too many sites are worked on.', { reason: 'files_busy' });
      idle[1].program.stdin.end();
      all.delete(idle[0]);
    }
    const helper = start(machine, { uid, gid, alsoGid, hasNetwork, root, dev, ino }, (gone) => {
      if (all.get(key) === gone) all.delete(key);
    });
    all.set(key, helper);
    return helper;
  } finally {
    closeFile(root);
  }
}

function openSiteFolder(path: string): number {
  try {
    return openFolder(path);
  } catch {
    throw new AppError('not_found', "The site's folder is not there.", { reason: 'files_no_folder' });
  }
}

function start(
  { settings, isRoot }: Starter,
  {
    uid,
    gid,
    alsoGid,
    hasNetwork,
    root,
    dev,
    ino,
  }: Pick<Place, 'uid' | 'gid'> & {
    readonly alsoGid: number | undefined;
    readonly hasNetwork: boolean;
    readonly root: number;
    readonly dev: number;
    readonly ino: number;
  },
  onGone: (helper: Helper) => void,
): Helper {
  const [node, ...script] = settings.program;
  const groups = [gid, ...(alsoGid === undefined ? [] : [alsoGid])];
  const who = isRoot ? [String(uid), groups.join(',')] : ['-', '-'];
  const program = startProgram(node, [...nodeFlags, ...(hasNetwork ? netFlags : []), ...script, '--files', ...who], {
    stdin: 'pipe',
    extraFds: [root],
    pipes: wayCount,
    diesWithUs: true,
  });
  const helper: Helper = {
    program,
    hasNetwork,
    folder: { dev, ino },
    waiting: new Map(),
    freeWays: Array.from({ length: wayCount }, (_, number) => number),
    forWay: [],
    timer: undefined,
    isGone: false,
  };
  // Whoever sends or reads on it sees that it is gone.
  for (const way of program.pipes) way.on('error', () => undefined);
  const lines = createInterface({ input: program.stdout, crlfDelay: Number.POSITIVE_INFINITY });
  lines.on('line', (line) => {
    const answer = answerOf(line);
    // Half a line: it is dying in the middle of an answer, or it is not itself any more.
    if (answer === undefined) return program.kill();
    const waiting = helper.waiting.get(answer.id);
    if (answer.ok) waiting?.resolve(answer.result);
    else waiting?.reject(errorOf(answer.error));
  });
  const over = (cause: unknown): void => {
    helper.isGone = true;
    clearTimeout(helper.timer);
    onGone(helper);
    const error = endedEarly(cause);
    for (const { reject } of helper.waiting.values()) reject(error);
  };
  program.ended.then(({ stderr }) => over(stderr), over);
  return helper;
}

function answerOf(line: string): Answer | undefined {
  try {
    return JSON.parse(line) as Answer;
  } catch {
    return undefined;
  }
}

function endedEarly(cause: unknown): AppError {
  return new AppError('internal', 'The work on files ended early.', { reason: 'files_failed', cause });
}

function errorOf({ code, message, reason, params }: Extract<Answer, { ok: false }>['error']): AppError {
  return new AppError(code, message, { ...(reason === undefined ? {} : { reason }), params });
}

/** For tests and for the end: nobody is left waiting. */
export async function endHelpers(machine: object): Promise<void> {
  const all = [...(helpers.get(machine)?.values() ?? [])];
  for (const { program } of all) program.stdin.end();
  await Promise.all(all.map(({ program }) => program.ended));
}
