import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { expect, it } from 'vitest';
import { findNginx } from './nginx.check.ts';
import { plainBuild } from './nginx.build.ts';
import { renderNobody } from './nginx.tls.ts';
import { freePort } from '../testing/world.ts';

/** What a visitor of TLS meets: the words of the refusal, or that it was let in. */
async function visit(port: number, servername: string): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', servername, rejectUnauthorized: false });
  const met = await once(socket, 'secureConnect').then(
    () => 'let in',
    (error: unknown) => String(error),
  );
  socket.destroy();
  return met;
}

/** Of TLS itself: before any certificate. */
const refusal = /alert internal error|unrecognized name/;

it.each([true, false])('T-13 nobody is refused before any certificate (ssl_reject_handshake: %s)', async (hasIt) => {
  const nginx = findNginx('');
  if (nginx === undefined) throw new Error('nginx is missing');
  const folder = mkdtempSync(join(tmpdir(), 'aapanel-nobody-'));
  const port = await freePort();
  const build = { ...plainBuild, hasRejectHandshake: hasIt };
  const nobody = { ports: { http: 1, https: port }, build, hasIpv6: false, isOverTcp: true, isOverQuic: false };
  writeFileSync(
    join(folder, 'nginx.conf'),
    `daemon off; master_process off; pid ${folder}/pid; error_log ${folder}/log;
    events {} http { access_log off; ${renderNobody(nobody)} }`,
  );
  const child = spawn(nginx, ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'log')]);
  const ended = once(child, 'exit');
  try {
    await expect.poll(() => visit(port, 'a.test')).toMatch(refusal);
    // A name in the path of a file: none leads out of it, and without a name it is the same.
    expect(await visit(port, 'x.y-z.test')).toMatch(refusal);
    expect(await visit(port, '')).toMatch(refusal);
  } finally {
    child.kill();
    await ended;
    rmSync(folder, { recursive: true });
  }
});
