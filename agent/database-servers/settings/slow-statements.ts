import type { ActionResult } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import { AppError } from '#shared/errors.ts';
import { closeFile, look, openFile, readAt } from '../../core/files.ts';
import type { Machine } from '../../core/machine.ts';
import { mustRun } from '../../databases/engines/engines.ts';
import { mariadb } from '../../databases/engines/mariadb.ts';
import { readSlowLog } from './slow-log.ts';

/** Links, pipes and devices are no log. */
function openLog(path: string): ReturnType<typeof openFile> {
  try {
    return openFile(path);
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}

const readBytes = 4 * 1024 * 1024;

/**
 * From the end of the log that the server itself names. The server may be made to name any file of the machine, so only one
 * of its own counts: in its folder of data or of logs, and belonging to whom its data belong to.
 */
export async function listSlowStatements(
  machine: Machine,
): Promise<ActionResult<AgentActions['database_servers.slow_statements']>> {
  await mustRun(machine, 'mariadb');
  const [[isOn = '0', data = '', named = ''] = []] = await mariadb.ask(
    machine,
    'select @@global.slow_query_log, @@global.datadir, @@global.slow_query_log_file;',
  );
  const none = { isOn: isOn === '1', items: [], isCut: false };
  const dataFolder = data.replace(/\/+$/, '');
  const name = named.startsWith('/') ? (/\/([^/]+)$/.exec(named)?.[1] ?? '') : named.replace(/^\.\//, '');
  const folder = [dataFolder, `${machine.prefix}/var/log/mysql`].find(
    (each) => named === `${each}/${name}` || (each === dataFolder && !named.startsWith('/')),
  );
  if (folder === undefined || !/^[\w.-]+$/.test(name) || name.startsWith('..')) return none;
  const owner = look(dataFolder);
  const file = openLog(`${folder}/${name}`);
  if (file === undefined) return none;
  try {
    const { size, uid } = file.stats;
    if (owner.type !== 'folder' || owner.uid !== uid) return none;
    const start = Math.max(0, size - readBytes);
    const text = readAt(file.fd, start, Math.min(size, readBytes)).toString('utf8');
    return { ...none, items: readSlowLog(text), isCut: start > 0 };
  } finally {
    closeFile(file.fd);
  }
}
