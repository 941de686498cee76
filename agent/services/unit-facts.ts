import { bootStates, serviceResults, serviceUnit, unitStates, type Service } from '#shared/services.ts';
import { guardOf } from './guards.ts';

/** What `systemctl show` is asked for; org.freedesktop.systemd1(5). */
export const askedProperties = [
  'Id',
  'Description',
  'LoadState',
  'ActiveState',
  'SubState',
  'UnitFileState',
  'MainPID',
  'MemoryCurrent',
  'CPUUsageNSec',
  'TasksCurrent',
  'StateChangeTimestamp',
  'NRestarts',
  'Result',
  'ExecMainStatus',
  'CanReload',
  'FragmentPath',
] as const;

type Properties = ReadonlyMap<string, string>;

/** Blocks of `NAME=value` lines, one for each unit, divided by empty lines. */
export function propertiesOf(text: string): Properties[] {
  return text
    .split('\n\n')
    .map((block) => new Map(block.split('\n').flatMap(pairOf)))
    .filter((properties) => properties.size > 0);
}

function pairOf(line: string): [string, string][] {
  const at = line.indexOf('=');
  return at < 1 ? [] : [[line.slice(0, at), line.slice(at + 1)]];
}

/** A unit as people see it; undefined for one that is not there, or whose name is not one of a service. */
export function serviceOf(said: Properties): Service | undefined {
  const unit = said.get('Id') ?? '';
  const load = said.get('LoadState');
  if (!serviceUnit.safeParse(unit).success || load === 'not-found') return undefined;
  const state = oneOf(unitStates, said.get('ActiveState'), 'unknown');
  const nanoseconds = numberOf(said, 'CPUUsageNSec');
  const seconds = /^@(\d{1,12})/.exec(said.get('StateChangeTimestamp') ?? '')?.[1];
  const pid = numberOf(said, 'MainPID');
  return {
    unit,
    description: plain(said.get('Description') ?? '').slice(0, 300),
    state,
    subState: plain(said.get('SubState') ?? '').slice(0, 40),
    boot: load === 'masked' ? 'masked' : bootOf(said.get('UnitFileState') ?? ''),
    guard: guardOf(unit),
    mainPid: pid === 0 ? null : pid,
    memoryBytes: numberOf(said, 'MemoryCurrent'),
    cpuMs: nanoseconds === null ? null : Math.round(nanoseconds / 1_000_000),
    tasks: numberOf(said, 'TasksCurrent'),
    since: seconds === undefined || seconds === '0' ? null : new Date(Number(seconds) * 1_000).toISOString(),
    restarts: numberOf(said, 'NRestarts') ?? 0,
    failure: state === 'failed' || said.get('SubState') === 'auto-restart' ? failureOf(said) : null,
    canReload: said.get('CanReload') === 'yes',
  };
}

function failureOf(said: Properties): Service['failure'] {
  const result = said.get('Result');
  if (result === undefined || result === 'success') return null;
  return { result: oneOf(serviceResults, result, 'other'), code: numberOf(said, 'ExecMainStatus') };
}

/** Until the next boot only (`enabled-runtime`), or for one user: to people it is the same word. */
function bootOf(word: string): Service['boot'] {
  const [first = ''] = word.split('-');
  if (first === 'linked') return 'disabled';
  return oneOf(bootStates, first, 'unknown');
}

function oneOf<T extends string>(words: readonly T[], word: string | undefined, otherwise: T): T {
  return words.find((each) => each === word) ?? otherwise;
}

/** What is not measured is said as the largest number or in words. */
function numberOf(said: Properties, name: (typeof askedProperties)[number]): number | null {
  const value = said.get(name) ?? '';
  return /^\d{1,15}$/.test(value) ? Number(value) : null;
}

/** Without what would move a cursor or hide text. */
export function plain(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '');
}
