import { loadConfig, validateConfig, type Config } from '#server/config.ts';
import { PortInUseError, startServer, type RunningServer } from '#server/main.ts';
import { banner } from '../banner.ts';
import { CommandError, exitCodes, type Command, type CommandContext } from '../command.ts';
import { parseOptions } from '../options.ts';
import { printReport } from '../report.ts';

/** `aapanel start`: validate, migrate with `--migrate`, listen, serve until a signal. */
export const start: Command = async (ctx) => {
  const { options } = parseOptions(ctx.args, {
    port: 'string',
    host: 'string',
    dev: 'boolean',
    migrate: 'boolean',
    check: 'boolean',
    'no-reload': 'boolean',
  });
  if (options.check === true) return check(ctx);
  const config = loadConfig(ctx.input);
  if (options.dev === true && options['no-reload'] !== true) replaceByWatcher(ctx);
  if (options.migrate === true) {
    const { migrateBeforeStart } = await import('./migrate.ts');
    await migrateBeforeStart(ctx, config);
  }
  const { inWords } = await import('../migrate-words.ts');
  const server = await inWords(
    ctx,
    () => listen(ctx, config),
    () => undefined,
  );
  // The link signs somebody in as the owner: in production it goes to a person's terminal only, never into a journal.
  const isPrivate = !config.isProduction || process.stdout.isTTY;
  for (const line of banner({ ...config, ...server.place }, isPrivate ? server.firstRunLink : null)) ctx.out(line);
  return serveUntilSignal(ctx, server);
};

/** `--check`: the same report as `env validate`, and nothing is started. */
function check(ctx: CommandContext): number {
  const report = validateConfig(ctx.input);
  printReport(report, ctx.language, ctx.out);
  ctx.out(report.summary[ctx.language]);
  return report.is_valid ? exitCodes.success : exitCodes.failure;
}

async function listen(ctx: CommandContext, config: Config): Promise<RunningServer> {
  try {
    return await startServer(config);
  } catch (error) {
    if (error instanceof PortInUseError) throw new CommandError(ctx.text('portInUse', { port: error.port }));
    throw error;
  }
}

/** `--dev`: this process becomes Node's watcher, which starts the panel again after each change of a source file. */
function replaceByWatcher(ctx: CommandContext): void {
  const script = process.argv[1];
  if (script === undefined || process.execve === undefined) return;
  const env = Object.fromEntries(Object.entries(ctx.input.env).filter(([, value]) => value !== undefined));
  const args = ['--watch', '--watch-preserve-output', script, 'start', '--no-reload', ...ctx.args];
  process.execve(process.execPath, [process.execPath, ...args], env);
}

/** Ctrl-C reaches the whole process group, and a wrapper may pass the same wish on: this soon it is one signal. */
const sameSignalMs = 500;

/** First signal: drain, code 0. Second: cut everything, code 1. */
function serveUntilSignal(ctx: CommandContext, server: RunningServer): Promise<number> {
  return new Promise((resolve, reject) => {
    let stoppingSince: number | undefined;
    const stop = () => {
      if (stoppingSince !== undefined) {
        if (performance.now() - stoppingSince < sameSignalMs) return;
        server.destroy();
        ctx.err(ctx.text('stoppedByForce'));
        process.exit(exitCodes.failure);
      }
      stoppingSince = performance.now();
      ctx.err(ctx.text('stopping'));
      server.close().then(() => {
        process.off('SIGTERM', stop);
        process.off('SIGINT', stop);
        resolve(exitCodes.success);
      }, reject);
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
  });
}
