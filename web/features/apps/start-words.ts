/*
 * What the arguments of known servers say, and the same arguments with another value: the list itself stays the only truth,
 * and whatever else stands in it is kept.
 */

export type ServerKind = 'gunicorn' | 'uvicorn' | 'uwsgi' | 'java';

export type StartWords = {
  readonly kind: ServerKind;
  /** Module and object, or the Java archive. */
  readonly object: string;
  /** null: the server's own number; undefined: it knows no such setting. */
  readonly processes: number | null | undefined;
  readonly threads: number | null | undefined;
  /** Options of the Java machine. */
  readonly jvm: readonly string[] | undefined;
};

type Flags = { readonly processes?: string; readonly threads?: string; readonly object?: string };

const flagsOf = {
  gunicorn: { processes: '--workers', threads: '--threads' },
  uvicorn: { processes: '--workers' },
  uwsgi: { processes: '--processes', threads: '--threads', object: '--module' },
  java: { object: '-jar' },
} as const satisfies Record<ServerKind, Flags>;

const kinds = ['gunicorn', 'uvicorn', 'uwsgi', 'java'] as const;

/** null: another program, or arguments that are not understood. */
export function readStart(program: string, list: readonly string[]): StartWords | null {
  const name = program.trim().split('/').at(-1);
  const kind = kinds.find((each) => each === name);
  if (kind === undefined) return null;
  const flags: Flags = flagsOf[kind];
  const object = flags.object === undefined ? (list.at(-1) ?? '') : valueOf(list, flags.object);
  if (object === undefined || (flags.object === undefined && !/^[A-Za-z_][\w.]*(:[\w.()]+)?$/.test(object)))
    return null;
  const number = (flag: string | undefined): number | null | undefined => {
    if (flag === undefined) return undefined;
    const value = valueOf(list, flag);
    return value !== undefined && /^\d{1,4}$/.test(value) ? Number(value) : null;
  };
  return {
    kind,
    object,
    processes: number(flags.processes),
    threads: number(flags.threads),
    jvm: kind === 'java' ? list.slice(0, list.indexOf('-jar')) : undefined,
  };
}

/** The list with what has changed. */
export function withStart(
  { kind }: Pick<StartWords, 'kind'>,
  list: readonly string[],
  change: { object?: string; processes?: number | null; threads?: number | null; jvm?: readonly string[] },
): string[] {
  const flags: Flags = flagsOf[kind];
  let next = [...list];
  if (change.object !== undefined)
    next =
      flags.object === undefined
        ? [...next.slice(0, -1), change.object]
        : withValue(next, flags.object, change.object, false);
  if (change.processes !== undefined && flags.processes !== undefined)
    next = withValue(next, flags.processes, change.processes, flags.object === undefined);
  if (change.threads !== undefined && flags.threads !== undefined)
    next = withValue(next, flags.threads, change.threads, flags.object === undefined);
  if (change.jvm !== undefined) next = [...change.jvm, ...next.slice(next.indexOf('-jar'))];
  return next;
}

/** `--name value` or `--name=value`. */
function valueOf(list: readonly string[], flag: string): string | undefined {
  const at = list.indexOf(flag);
  if (at >= 0) return list[at + 1];
  return list.find((each) => each.startsWith(`${flag}=`))?.slice(flag.length + 1);
}

/** `isObjectLast`: the last word is what is served, and stays it. */
function withValue(
  list: readonly string[],
  flag: string,
  value: string | number | null,
  isObjectLast: boolean,
): string[] {
  const at = list.indexOf(flag);
  const joined = list.findIndex((each) => each.startsWith(`${flag}=`));
  const words = value === null ? [] : [flag, String(value)];
  if (at >= 0) return [...list.slice(0, at), ...words, ...list.slice(at + 2)];
  if (joined >= 0) return [...list.slice(0, joined), ...words, ...list.slice(joined + 1)];
  return isObjectLast ? [...list.slice(0, -1), ...words, ...list.slice(-1)] : [...list, ...words];
}
