import type { TargetPlace } from '#shared/backups.ts';
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
    if (source.engine === 'postgresql') need('pg_ctlcluster', 'postgresql');
  }
  return [...tools.values()];
}

const limitMs = 15 * 60_000;
const calm = ['-q', '-y', '-o', 'DPkg::Lock::Timeout=300', '-o', 'Dpkg::Use-Pty=0'];
const keepFiles = ['-o', 'Dpkg::Options::=--force-confdef', '-o', 'Dpkg::Options::=--force-confold'];

/** Servers of what comes back. Throws `backup_tool_missing` with the package that is needed. */
export async function installMissing(work: BackupWork, parts: readonly Part[]): Promise<void> {
  await install(work, toolsFor(parts));
}

/** What the target itself is reached with. */
export async function installForTarget(work: BackupWork, place: TargetPlace): Promise<void> {
  const tools: Tool[] = [{ program: 'restic', packageName: 'restic' }];
  if (place.kind === 'sftp') tools.push({ program: 'ssh', packageName: 'openssh-client' });
  if (place.kind === 'rclone') tools.push({ program: 'rclone', packageName: 'rclone' });
  await install(work, tools);
}

async function install(work: BackupWork, tools: readonly Tool[]): Promise<void> {
  const isMissing = ({ program }: Tool): boolean =>
    findProgram(program, work.prefix) === undefined && findProgram(program) === undefined;
  const names = tools.filter(isMissing).map(({ packageName }) => packageName);
  if (names.length === 0) return;
  const apt = work.prefix === '' && work.isRoot ? findApt('') : undefined;
  if (apt === undefined) throw lacking(names);
  work.phase('installing');
  work.log(`Installing ${names.join(', ')}.`);
  const options = { timeoutMs: limitMs, signal: work.signal };
  // A list that cannot be refreshed may still do.
  await run(apt, [...calm, 'update'], options);
  const { code, stderr } = await run(
    apt,
    [...calm, ...keepFiles, '--no-install-recommends', 'install', ...names],
    options,
  );
  if (code === 0) return;
  work.log(stderr.slice(-1_000));
  throw lacking(names);
}

function lacking(names: readonly string[]): AppError {
  const tool = names.join(', ');
  return new AppError('internal', `${tool} is needed.`, { reason: 'backup_tool_missing', params: { tool } });
}
