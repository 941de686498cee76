/*
 * Reads a unit file as apps.render.ts writes it: only the lines that a supervisor can act on. Pure.
 */

export type UnitFacts = {
  readonly program: string;
  readonly args: readonly string[];
  readonly folder: string;
  readonly user: string | null;
  readonly group: string | null;
  readonly variables: Readonly<Record<string, string>>;
  readonly environmentFile: string;
  readonly log: string;
  readonly umask: number;
  readonly restart: string;
  readonly restartMs: number;
  readonly stopMs: number;
  readonly startLimitMs: number;
  readonly startLimitBurst: number;
  readonly memoryBytes: number;
  readonly tasks: number;
};

/** Throws when a line is missing without which nothing can be started. */
export function readUnit(text: string): UnitFacts {
  const all = (name: string): string[] =>
    text.split('\n').flatMap((line) => (line.startsWith(`${name}=`) ? [line.slice(name.length + 1)] : []));
  const one = (name: string): string => {
    const [value] = all(name);
    if (value === undefined) throw new Error(`the unit has no ${name}`);
    return value;
  };
  const number = (name: string): number => Number.parseInt(one(name), 10);
  const [program = '', ...args] = words(one('ExecStart')).map((word) => word.replaceAll('$$', '$'));
  const variables = all('Environment')
    .flatMap(words)
    .map((each) => [each.slice(0, each.indexOf('=')), each.slice(each.indexOf('=') + 1)]);
  return {
    program,
    args,
    folder: one('WorkingDirectory'),
    user: all('User')[0] ?? null,
    group: all('Group')[0] ?? null,
    variables: Object.fromEntries(variables) as Record<string, string>,
    environmentFile: one('EnvironmentFile'),
    log: one('StandardOutput').replace(/^append:/, ''),
    umask: Number.parseInt(one('UMask'), 8),
    restart: one('Restart'),
    restartMs: number('RestartSec') * 1_000,
    stopMs: number('TimeoutStopSec') * 1_000,
    startLimitMs: number('StartLimitIntervalSec') * 1_000,
    startLimitBurst: number('StartLimitBurst'),
    memoryBytes: number('MemoryMax') * 1024 * 1024,
    tasks: number('TasksMax'),
  };
}

function words(line: string): string[] {
  return [...line.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, word]) =>
    (word ?? '').replace(/\\(.)/g, '$1').replaceAll('%%', '%'),
  );
}
