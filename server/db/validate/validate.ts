import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { checksumOf, type Effect, type ListEntry } from '../migrate-source.ts';
import { madeHere, operationsOf, type Operation } from './operations.ts';
import type { RuleId } from './rule-texts.ts';
import type { Severity } from './rule.ts';
import { ruleOf, rules } from './rules.ts';
import { inOrder, loadParser, parseSource, type Parsed, type SourceText } from './source.ts';

export { ValidatorUnavailableError } from './source.ts';

export type Finding = {
  readonly rule: RuleId;
  readonly severity: Severity;
  readonly line: number;
  readonly detail: string;
  /** The reason that the file gives for leaving the rule aside; null: it stands. */
  readonly allowed: string | null;
};

export type FileReport = { readonly path: string; readonly findings: readonly Finding[] };

export type Report = {
  readonly total_files: number;
  readonly valid_files: number;
  readonly files_with_errors: number;
  readonly files_with_warnings: number;
  readonly files: readonly FileReport[];
};

export type Options = {
  /** Files that stand around the ones looked at: the chain is judged over both. */
  readonly around?: readonly SourceText[];
  readonly rowCounts?: Readonly<Record<string, number>>;
};

type Subject = { readonly file: Parsed; readonly operations: readonly Operation[] };

/** Judges sources of migrations: all faults of each. Throws ValidatorUnavailableError. */
export async function validateSources(sources: readonly SourceText[], options: Options = {}): Promise<Report> {
  const parse = await loadParser();
  const broken = new Map<string, string>();
  const around = (options.around ?? []).filter(({ path }) => !sources.some((source) => source.path === path));
  const subjects = [...around, ...sources].flatMap((source): Subject[] => {
    try {
      const file = parseSource(parse, source);
      return [{ file, operations: operationsOf(file) }];
    } catch (error) {
      broken.set(source.path, (error instanceof Error ? error.message : String(error)).split('\n')[1] ?? '');
      return [];
    }
  });
  const order = inOrder(subjects.map((subject) => ({ ...subject, name: subject.file.name })));
  return reportOf(
    sources.map(({ path }): FileReport => {
      const subject = order.find(({ file }) => file.path === path);
      if (subject === undefined) return { path, findings: [structural(`not parseable: ${broken.get(path) ?? ''}`)] };
      return { path, findings: judge(subject, order, options.rowCounts ?? {}) };
    }),
  );
}

function judge(
  { file, operations }: Subject,
  all: readonly Subject[],
  rowCounts: Readonly<Record<string, number>>,
): Finding[] {
  const made = madeHere(operations);
  const findings = rules.flatMap(({ id, severity, check }) => {
    if (check === undefined) return [];
    const allowed = file.allowed.get(id) ?? null;
    return check({ file, operations, made, all, rowCounts }).map(
      ({ at, detail }): Finding => ({
        rule: id,
        severity,
        line: file.lineAt(at),
        detail,
        allowed,
      }),
    );
  });
  return findings.toSorted((a, b) => a.line - b.line);
}

/** A fault of the file itself. */
export function structural(detail: string): Finding {
  return { rule: 'V-file', severity: 'error', line: 1, detail, allowed: null };
}

export function reportOf(files: readonly FileReport[]): Report {
  const has = (severity: Severity) =>
    files.filter(({ findings }) => findings.some((one) => one.severity === severity && one.allowed === null)).length;
  const errors = has('error');
  return {
    total_files: files.length,
    valid_files: files.length - errors,
    files_with_errors: errors,
    files_with_warnings: has('warning'),
    files,
  };
}

/** Judges a file or every file of a folder on the disk. What is missing or no migration is an error of the report. */
export async function validatePaths(
  given: { readonly file?: string | undefined; readonly dir?: string | undefined },
  options: Options = {},
): Promise<Report> {
  if (given.file !== undefined) return await validateFile(given.file, options);
  const dir = given.dir ?? '';
  let names: string[];
  try {
    names = readdirSync(dir);
  } catch (error) {
    return reportOf([{ path: dir, findings: [structural(codeOf(error))] }]);
  }
  const sources = readFolder(dir, names);
  if (sources.length === 0) return reportOf([{ path: dir, findings: [structural('no migrations here')] }]);
  return await validateSources(sources, options);
}

async function validateFile(path: string, options: Options): Promise<Report> {
  if (!path.endsWith('.ts')) return reportOf([{ path, findings: [structural('not a .ts file')] }]);
  let text: string;
  try {
    if (!statSync(path).isFile()) return reportOf([{ path, findings: [structural('not a file')] }]);
    text = readFileSync(path, 'utf8');
  } catch (error) {
    return reportOf([{ path, findings: [structural(codeOf(error))] }]);
  }
  const folder = join(path, '..');
  return await validateSources([{ path, text }], { ...options, around: readFolder(folder, readdirSync(folder)) });
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
}

/** The migrations of a folder: `list.ts` beside them is none. */
export function readFolder(dir: string, names: readonly string[] = readdirSync(dir)): SourceText[] {
  return names
    .filter((name) => name.endsWith('.ts') && name !== 'list.ts')
    .map((name) => ({ path: join(dir, name), text: readFileSync(join(dir, name), 'utf8') }));
}

const weights: readonly Effect[] = ['safe', 'needs_window', 'destructive'];

/** What stands in `migrations/list.ts` about each file: its checksum, and what the rules it leaves aside mean. */
export async function listEntries(sources: readonly SourceText[]): Promise<ListEntry[]> {
  const { files } = await validateSources(sources);
  return files.map(({ path, findings }) => {
    const ids = [...new Set(findings.map(({ rule }) => rule))].toSorted();
    const effects = ids.map((id) => weights.indexOf(ruleOf(id).effect));
    return {
      name: (path.split('/').at(-1) ?? '').replace(/\.ts$/, ''),
      checksum: checksumOf(sources.find((source) => source.path === path)?.text ?? ''),
      effect: weights[Math.max(0, ...effects)] ?? 'safe',
      rules: ids,
    };
  });
}
