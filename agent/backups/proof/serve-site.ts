import { createHash } from 'node:crypto';
import { chownSync, existsSync, lstatSync, mkdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { AppError } from '#shared/errors.ts';
import { startProgram, type Program } from '../../core/run.ts';
import { findNginx } from '../../nginx/nginx.check.ts';
import type { TreePart } from '../manifest.ts';
import { mismatch, readMembers, type Member } from '../restore/members.ts';
import type { BackupWork } from '../work.ts';

/*
 * A site of a restore test answers: a throw-away nginx, without rights, on a socket that root alone can reach, serves what
 * was extracted, and one file is fetched and compared.
 */

const limitMs = 30_000;
const largestFetched = 4 * 1024 * 1024;

/** `folder` holds `tree`. Throws `backup_mismatch` when the site answers with something else, `backup_tool_failed` when it does not start. */
export async function askSite(work: BackupWork, part: TreePart, membersPath: string, folder: string): Promise<void> {
  const nginx = findNginx('');
  const file = await fileToFetch(membersPath);
  const report = (what: 'unchanged' | 'left_out', reason: string, params = {}): void =>
    work.report({ what, subject: part.name, reason, params });
  if (nginx === undefined) return report('left_out', 'nginx_missing');
  if (file === undefined) return report('left_out', 'nothing_to_serve');
  const served = serve(nginx, folder);
  try {
    const path = Buffer.from(file.key, 'latin1').toString('utf8');
    const url = `/${path.split('/').map(encodeURIComponent).join('/')}`;
    const { status, sum } = await fetchWhenUp(work, served, `${folder}/serve/socket`, url);
    if (status !== 200 || sum !== file.sha256) throw mismatch(`${part.name}: ${path}`, `the site answers ${status}`);
    report('unchanged', 'site_answers', { path });
  } finally {
    served.kill('SIGTERM');
    await served.ended;
  }
}

/** The page that visitors see first, or else the first file that can be asked for. */
async function fileToFetch(membersPath: string): Promise<Member | undefined> {
  let first: Member | undefined;
  for await (const member of readMembers(membersPath)) {
    const isHidden = member.key.split('/').some((part) => part.startsWith('.'));
    const isPlain = /^[\x21-\x7e]+$/.test(member.key);
    if (member.type !== 'file' || isHidden || !isPlain || (member.size ?? 0) > largestFetched) continue;
    if (member.key === 'index.html') return member;
    first ??= member;
  }
  return first;
}

function serve(nginx: string, folder: string): Program {
  const { uid, gid } = lstatSync(`${folder}/tree`);
  mkdirSync(`${folder}/serve`, { mode: 0o700 });
  writeFileSync(`${folder}/serve/nginx.conf`, configuration());
  const isOther = process.getuid?.() === 0 && uid !== 0;
  if (isOther) for (const name of ['', '/serve', '/serve/nginx.conf']) chownSync(folder + name, uid, gid);
  // Paths relative to the folder: the way to it is closed to whom nginx runs as. No `-e`: the nginx of Ubuntu 22.04 has none.
  return startProgram(nginx, ['-p', './', '-c', 'serve/nginx.conf'], {
    cwd: folder,
    ...(isOther && { uid, gid }),
    stdout: 'pipe',
    timeoutMs: 60_000,
  });
}

function configuration(): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `    ${name}_temp_path serve/${name};`,
  );
  return [
    'daemon off;',
    'master_process off;',
    'pid serve/pid;',
    'error_log stderr crit;',
    'events { worker_connections 16; }',
    'http {',
    ...temporary,
    '    access_log off;',
    '    default_type application/octet-stream;',
    '    server {',
    '        listen unix:serve/socket;',
    '        root tree;',
    '        disable_symlinks on;',
    '        location / { try_files $uri =404; }',
    '    }',
    '}',
    '',
  ].join('\n');
}

async function fetchWhenUp(
  work: BackupWork,
  served: Program,
  socketPath: string,
  path: string,
): Promise<{ status: number; sum: string }> {
  served.stdout.resume();
  let isOver = false;
  void served.ended.finally(() => (isOver = true)).catch(() => undefined);
  const endsAt = Date.now() + limitMs;
  for (;;) {
    if (existsSync(socketPath)) {
      const answer = await fetchOnce(socketPath, path).catch(() => undefined);
      if (answer !== undefined) return answer;
    }
    if (isOver || Date.now() > endsAt) {
      served.kill();
      const { stderr } = await served.ended;
      work.log(`The throw-away nginx does not answer: ${stderr.slice(0, 500)}`);
      // Of the backup this says nothing.
      throw new AppError('internal', 'The throw-away nginx does not answer.', {
        reason: 'backup_tool_failed',
        params: { tool: 'nginx' },
      });
    }
    await wait(20);
  }
}

async function fetchOnce(socketPath: string, path: string): Promise<{ status: number; sum: string }> {
  return await new Promise((resolve, reject) => {
    const sent = request({ socketPath, path, headers: { host: 'proof' }, agent: false }, (response) => {
      const hash = createHash('sha256');
      response.on('data', (chunk: Buffer) => hash.update(chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, sum: hash.digest('hex') }));
      response.on('error', reject);
    });
    sent.on('error', reject);
    sent.end();
  });
}
