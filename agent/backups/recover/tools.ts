import { AppError } from '#shared/errors.ts';
import { findProgram, run } from '../../core/run.ts';
import { findApt } from '../../packages/apt.ts';
import type { Manifest } from '../manifest.ts';
import type { BackupWork } from '../work.ts';

/*
 * What a bare machine lacks: the web server and the database servers of what comes back, from the distribution. Before
 * anything changes; what cannot be installed is named.
 */

type Part = Manifest['parts'][number];
type Tool = { readonly program: string; readonly packageName: string };

function toolsFor(parts: readonly Part[]): Tool[] {
  const tools = new Map<string, Tool>();
  const need = (program: string, packageName: string): void => void tools.set(packageName, { program, packageName });
  for (const { source } of parts) {
    if (source.kind === 'site' || source.kind === 'panel') need('nginx', 'nginx');
    if (source.kind !== 'database' && !(source.kind === 'panel' && 'engine' in source)) continue;
    if (source.engine === 'mariadb') need('mariadbd', 'mariadb-server');
    if (source.engine === 'postgresql') need('pg_dump', 'postgresql');
  }
  return [...tools.values()];
}

const limitMs = 15 * 60_000;
const calm = ['-q', '-y', '-o', 'DPkg::Lock::Timeout=300', '-o', 'Dpkg::Use-Pty=0'];
const keepFiles = ['-o', 'Dpkg::Options::=--force-confdef', '-o', 'Dpkg::Options::=--force-confold'];

/** Throws `backup_tool_missing` with the package that is needed. */
export async function installMissing(work: BackupWork, parts: readonly Part[]): Promise<void> {
  const missing = toolsFor(parts).filter(
    ({ program }) => findProgram(program, work.prefix) === undefined && findProgram(program) === undefined,
  );
  const [first] = missing;
  if (first === undefined) return;
  const apt = work.prefix === '' && work.isRoot ? findApt('') : undefined;
  const lacking = (packageName: string): AppError =>
    new AppError('internal', `${packageName} is needed.`, {
      reason: 'backup_tool_missing',
      params: { tool: packageName },
    });
  if (apt === undefined) throw lacking(first.packageName);
  const names = missing.map(({ packageName }) => packageName);
  work.phase('installing');
  work.log(`Installing ${names.join(', ')}.`);
  await run(apt, [...calm, 'update'], { timeoutMs: limitMs, signal: work.signal });
  const { code, stderr } = await run(apt, [...calm, ...keepFiles, '--no-install-recommends', 'install', ...names], {
    timeoutMs: limitMs,
    signal: work.signal,
  });
  if (code === 0) return;
  work.log(stderr.slice(-1_000));
  throw lacking(names.join(', '));
}
