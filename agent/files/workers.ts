import { fstatSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { AppError } from '#shared/errors.ts';
import { closeFile, openFolder } from '../core/files.ts';
import type { Machine } from '../core/machine.ts';
import { startProgram, type Program } from '../core/run.ts';
import type { FolderWork } from './folder-work.ts';
import type { Answer, Question } from './worker.ts';

/*
 * Processes of sites' users that work on files, each kept for a short while: a person who looks through folders asks again
 * at once. Two sites never share one.
 */

type Waiting = { readonly resolve: (result: unknown) => void; readonly reject: (error: unknown) => void };
type Helper = {
  readonly program: Program;
  readonly folder: { readonly dev: number; readonly ino: number };
  readonly waiting: Map<number, Waiting>;
  timer: NodeJS.Timeout | undefined;
  isGone: boolean;
};

const idleMs = 15_000;
const mostHelpers = 6;
/** A helper holds this much at most of what a folder of a million names needs. */
const nodeFlags = [
  '--permission',
  '--allow-fs-read=*',
  '--allow-fs-write=*',
  '--max-old-space-size=256',
  '--max-semi-space-size=2',
];

const helpers = new WeakMap<object, Map<string, Helper>>();
let lastId = 0;

export type Place = {
  /** Absolute path of the folder that is worked in. */
  readonly path: string;
  readonly uid: number;
  readonly gid: number;
};

/** Asks the process of the folder's user; starts it when there is none. */
export async function askHelper<V extends keyof FolderWork>(
  machine: Machine,
  place: Place,
  verb: V,
  ...[wish]: Parameters<FolderWork[V]>
): Promise<Awaited<ReturnType<FolderWork[V]>>> {
  const helper = helperOf(machine, place);
  clearTimeout(helper.timer);
  const id = ++lastId;
  try {
    return (await new Promise<unknown>((resolve, reject) => {
      helper.waiting.set(id, { resolve, reject });
      const question: Question = { id, verb, wish: wish ?? null };
      helper.program.stdin.write(`${JSON.stringify(question)}\n`);
    })) as Awaited<ReturnType<FolderWork[V]>>;
  } finally {
    helper.waiting.delete(id);
    if (helper.waiting.size === 0 && !helper.isGone) {
      helper.timer = setTimeout(() => helper.program.stdin.end(), idleMs);
      helper.timer.unref();
    }
  }
}

function helperOf(machine: Machine, { path, uid, gid }: Place): Helper {
  const all = helpers.get(machine) ?? new Map<string, Helper>();
  helpers.set(machine, all);
  const key = `${uid}:${gid}:${path}`;
  const root = openSiteFolder(path);
  try {
    const { dev, ino } = fstatSync(root);
    const present = all.get(key);
    // The folder that stands there now: another may have come into its place.
    if (present?.folder.dev === dev && present.folder.ino === ino && !present.isGone) return present;
    present?.program.stdin.end();
    if (present === undefined && all.size >= mostHelpers) {
      const idle = [...all].find(([, each]) => each.waiting.size === 0);
      if (idle === undefined)
        throw new AppError('busy', 'Files of too many sites are worked on.', { reason: 'files_busy' });
      idle[1].program.stdin.end();
      all.delete(idle[0]);
    }
    const helper = start(machine, { uid, gid, root, dev, ino }, (gone) => {
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
  { settings, isRoot }: Machine,
  {
    uid,
    gid,
    root,
    dev,
    ino,
  }: Omit<Place, 'path'> & { readonly root: number; readonly dev: number; readonly ino: number },
  onGone: (helper: Helper) => void,
): Helper {
  const [node, ...script] = settings.program;
  const who = isRoot ? [String(uid), String(gid)] : ['-', '-'];
  const program = startProgram(node, [...nodeFlags, ...script, '--files', ...who], {
    stdin: 'pipe',
    extraFds: [root],
    diesWithUs: true,
  });
  const helper: Helper = { program, folder: { dev, ino }, waiting: new Map(), timer: undefined, isGone: false };
  const lines = createInterface({ input: program.stdout, crlfDelay: Number.POSITIVE_INFINITY });
  lines.on('line', (line) => {
    const answer = JSON.parse(line) as Answer;
    const waiting = helper.waiting.get(answer.id);
    if (answer.ok) waiting?.resolve(answer.result);
    else waiting?.reject(errorOf(answer.error));
  });
  const over = (cause: unknown): void => {
    helper.isGone = true;
    clearTimeout(helper.timer);
    onGone(helper);
    const error = new AppError('internal', 'The work on files ended early.', { reason: 'files_failed', cause });
    for (const { reject } of helper.waiting.values()) reject(error);
  };
  program.ended.then(({ stderr }) => over(stderr), over);
  return helper;
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
