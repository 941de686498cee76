import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeOldServer } from '../agent/testing/aapanel.ts';
import type { CommandContext } from './command.ts';
import { importAapanel } from './commands/import-aapanel.ts';
import { say } from './texts.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'aapanel-import-'));
  const old = makeOldServer(join(folder, 'root/srv/old'), 'split');
  old.site({ name: 'spa.example.com', type: 'html' });
  old.vhost('html_spa.example.com', 'wordpress.conf', (text) =>
    text.replaceAll('blog.example.com', 'spa.example.com').replace('    include enable-php-82.conf;\n', ''),
  );
  old.file('/www/wwwroot/spa.example.com/index.html', 'one page');
  old.site({ name: 'elsewhere.example.com', path: '/root' });
  old.close();
});
afterAll(() => rmSync(folder, { recursive: true }));

async function run(...args: string[]): Promise<{ code: number; text: string }> {
  const lines: string[] = [];
  const ctx: CommandContext = {
    args,
    input: {
      argv: args,
      cwd: folder,
      env: {
        ENVIRONMENT: 'development',
        AGENT: 'real',
        DATA_DIR: folder,
        AAPANEL_AGENT_STATE: join(folder, 'state'),
        AAPANEL_AGENT_PREFIX: join(folder, 'root'),
      },
    },
    language: 'en',
    out: (line) => void lines.push(line),
    err: () => undefined,
    text: (key, params) => say('en', key, params),
  };
  return { code: await importAapanel(ctx), text: lines.join('\n') };
}

it('MIG-1 the command says what of another panel can be brought over, as lines and as JSON', async () => {
  const { code, text } = await run('--dry-run', '--from', '/srv/old');
  expect([code, text]).toEqual([0, expect.stringContaining('1 of 2 sites can be brought over. Nothing was written.')]);
  expect(text).toMatch(
    /· spa\.example\.com +with differences\n {4}certificate\n✗ elsewhere\.example\.com +not possible/,
  );
  expect(text).toContain('path_elsewhere: /root');
  const { sites } = JSON.parse((await run('--dry-run', '--from', '/srv/old', '--json')).text) as {
    sites: { name: string; state: string; files: object | null }[];
  };
  expect(sites.map(({ name, state }) => [name, state])).toEqual([
    ['spa.example.com', 'differs'],
    ['elsewhere.example.com', 'blocked'],
  ]);
});

it('what is no folder, has no aaPanel or wants more than to look is refused with a sentence', async () => {
  await expect(run('--from', '/srv/old')).rejects.toThrow('Only the dry run');
  await expect(run('--dry-run', '--from', '/srv/../etc')).rejects.toThrow('[base]');
  await expect(run('--dry-run', '--from', '/srv/none')).rejects.toThrow('aapanel_missing');
});
