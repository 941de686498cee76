import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CommandError, type CommandContext } from './command.ts';

/*
 * Starts programs of the panel's own: this command once more (as the panel's user, where root must not touch its files),
 * and the agent's console. Absolute paths, argument arrays, never a shell.
 */

export type Ended = { readonly code: number; readonly out: string };

/** Called by root through the `aapanel` command of an installed panel, which drops root wherever it is not needed. */
export function installedCommand({ input }: Pick<CommandContext, 'input'>): string | undefined {
  const command = input.env['AAPANEL_COMMAND'];
  return command !== undefined && command.startsWith('/') ? command : undefined;
}

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** This command with other arguments. `inherit`: on the terminal of the person; else its output is returned. */
export function runSelf(
  ctx: CommandContext,
  args: readonly string[],
  { inherit = false }: { readonly inherit?: boolean } = {},
): Promise<Ended> {
  const all = [...args, '--lang', ctx.language];
  const command = installedCommand(ctx);
  if (command !== undefined) return run(ctx, command, all, { inherit });
  const script = process.argv[1];
  if (script === undefined) throw new Error('this command does not know its own file');
  return run(ctx, process.execPath, [script, ...all], { inherit });
}

/** Of an agent that is not installed; all undefined: the installed one's. */
export type ConsolePlace = {
  readonly stateFolder?: string;
  readonly socketPath?: string;
  readonly prefix?: string;
  readonly panelEnv?: string;
};

/** The agent's console. Its progress goes to standard error; its answer is one line of JSON. */
export async function runAgentConsole(
  ctx: CommandContext,
  args: readonly string[],
  more: ConsolePlace & { readonly input?: string } = {},
): Promise<unknown> {
  const folder = join(import.meta.dirname, '..', 'agent');
  const program = ['main.js', 'main.ts'].map((name) => join(folder, name)).find((path) => existsSync(path));
  if (program === undefined) throw new CommandError(ctx.text('consoleMissing'));
  const env = {
    ...(more.stateFolder === undefined ? {} : { AAPANEL_AGENT_STATE: more.stateFolder }),
    ...(more.socketPath === undefined ? {} : { AAPANEL_AGENT_SOCKET: more.socketPath }),
    ...(more.prefix === undefined ? {} : { AAPANEL_AGENT_PREFIX: more.prefix }),
    ...(ctx.input.env['NODE_COMPILE_CACHE'] === undefined
      ? {}
      : { NODE_COMPILE_CACHE: ctx.input.env['NODE_COMPILE_CACHE'] }),
    // An empty one would be taken for a path.
    ...(more.panelEnv === undefined || more.panelEnv === '' ? {} : { AAPANEL_AGENT_PANEL_ENV: more.panelEnv }),
  };
  const { out } = await run(ctx, process.execPath, [program, '--console', ...args], { input: more.input ?? '', env });
  try {
    return JSON.parse(out);
  } catch {
    throw new CommandError(ctx.text('consoleSilent'));
  }
}

/** `systemctl` and its like; undefined when it is not there or takes too long. */
export async function ask(ctx: CommandContext, program: string, args: readonly string[]): Promise<Ended | undefined> {
  if (!existsSync(program)) return undefined;
  return await run(ctx, program, args, { env: { LC_ALL: 'C', PATH: '/usr/bin:/bin' }, timeoutMs: 5_000 }).catch(
    () => undefined,
  );
}

/** A tool of a database server, with only these variables; what it says on the error channel is returned too. */
export function runTool(
  ctx: CommandContext,
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Ended & { readonly err: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...args], {
      cwd: ctx.input.cwd,
      env: { LC_ALL: 'C.UTF-8', PATH: '/usr/bin:/bin', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const texts = { out: '', err: '' };
    for (const [name, stream] of [
      ['out', child.stdout],
      ['err', child.stderr],
    ] as const) {
      stream
        .setEncoding('utf8')
        .on('data', (part: string) => (texts[name] += texts[name].length < maxOutput ? part : ''));
    }
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? 1, ...texts }));
  });
}

const maxOutput = 2 * 1024 * 1024;

function run(
  { input }: Pick<CommandContext, 'input'>,
  program: string,
  args: readonly string[],
  more: {
    readonly inherit?: boolean;
    readonly input?: string;
    readonly env?: Readonly<Record<string, string>>;
    readonly timeoutMs?: number;
  },
): Promise<Ended> {
  const isShared = more.inherit === true;
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...args], {
      cwd: input.cwd,
      env: isShared ? input.env : { ...(more.env ?? input.env) },
      stdio: isShared ? 'inherit' : ['pipe', 'pipe', 'inherit'],
      ...(more.timeoutMs === undefined ? {} : { timeout: more.timeoutMs }),
    });
    let out = '';
    child.stdout?.setEncoding('utf8').on('data', (part: string) => (out += out.length < maxOutput ? part : ''));
    child.stdin?.on('error', () => undefined).end(more.input ?? '');
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? 1, out }));
  });
}
