#!/usr/bin/env node
import { CommandError, exitCodes, UsageError, type Command, type CommandContext } from './command.ts';
import { chooseLanguage, say, type Language, type TextKey } from './texts.ts';

/** Words of a command → where it is. Loaded when called: `aapanel version` must not pay for the server. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  account: async () => (await import('./commands/people.ts')).account,
  'audit index': async () => (await import('./commands/audit.ts')).auditIndex,
  'audit verify': async () => (await import('./commands/audit.ts')).auditVerify,
  backup: async () => (await import('./commands/backup.ts')).backup,
  'config show': async () => (await import('./commands/config.ts')).configShow,
  db: async () => (await import('./commands/db.ts')).db,
  'db move': async () => (await import('./commands/db-move.ts')).dbMove,
  doctor: async () => (await import('./commands/doctor.ts')).doctor,
  'doors open': async () => (await import('./commands/doors.ts')).doorsOpen,
  enable: async () => (await import('./commands/people.ts')).enable,
  entry: async () => (await import('./commands/entry.ts')).entry,
  'env info': async () => (await import('./commands/env.ts')).envInfo,
  'env validate': async () => (await import('./commands/env.ts')).envValidate,
  health: async () => (await import('./commands/health.ts')).health,
  help: async () => (await import('./commands/help.ts')).help,
  'import aapanel': async () => (await import('./commands/import-aapanel.ts')).importAapanel,
  link: async () => (await import('./commands/accounts.ts')).link,
  menu: async () => (await import('./menu.ts')).menu,
  migrate: async () => (await import('./commands/migrate.ts')).migrate,
  'migrate down': async () => (await import('./commands/migrate.ts')).migrateDownCommand,
  'migrate dry-run': async () => (await import('./commands/migrate.ts')).migrateDryRun,
  'migrate new': async () => (await import('./commands/migrate-files.ts')).migrateNew,
  'migrate status': async () => (await import('./commands/migrate.ts')).migrateStatus,
  'migrate up': async () => (await import('./commands/migrate.ts')).migrate,
  'migrate validate': async () => (await import('./commands/migrate-files.ts')).migrateValidate,
  people: async () => (await import('./commands/people.ts')).people,
  port: async () => (await import('./commands/doors.ts')).port,
  'remove-factor': async () => (await import('./commands/people.ts')).removeFactor,
  'reset-password': async () => (await import('./commands/people.ts')).resetPassword,
  sessions: async () => (await import('./commands/sessions.ts')).sessions,
  'sessions end': async () => (await import('./commands/sessions.ts')).sessionsEnd,
  'site export': async () => (await import('./commands/site-export.ts')).siteExport,
  'site import': async () => (await import('./commands/site-import.ts')).siteImport,
  start: async () => (await import('./commands/start.ts')).start,
  status: async () => (await import('./commands/health.ts')).status,
  'tls check': async () => (await import('./commands/tls.ts')).tlsCheck,
  unban: async () => (await import('./commands/bans.ts')).unban,
  version: async () => (await import('./commands/help.ts')).version,
};

/** Runs one command; resolves to the exit code. Never throws and never prints a stack. */
async function main(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
): Promise<number> {
  const { rest, language } = takeLanguage(argv, env);
  const text = (key: TextKey, params?: Readonly<Record<string, string | number>>) => say(language, key, params);
  const err = (line: string) => void process.stderr.write(`${line}\n`);
  const { name, args } = findCommand(rest);
  const load = name === undefined ? undefined : commands[name];
  if (load === undefined) {
    err(text('unknownCommand', { command: rest.slice(0, 2).join(' ') }));
    err(text('seeHelp'));
    return exitCodes.usage;
  }
  const ctx: CommandContext = {
    args,
    input: { argv: args, env, cwd },
    language,
    out: (line) => void process.stdout.write(`${line}\n`),
    err,
    text,
  };
  try {
    const command = await load();
    return await command(ctx);
  } catch (error) {
    return explain(error, ctx);
  }
}

/** `aapanel` alone is the menu on a terminal; otherwise it and `--help` show the help. */
function findCommand(words: readonly string[]): { name: string | undefined; args: readonly string[] } {
  const [first, second] = words;
  const isTerminal = process.stdin.isTTY && process.stdout.isTTY;
  if (first === undefined && isTerminal) return { name: 'menu', args: [] };
  if (first === undefined || words.includes('--help') || words.includes('-h')) return { name: 'help', args: [] };
  if (first === '--version' || first === '-v') return { name: 'version', args: words.slice(1) };
  const pair = `${first} ${second ?? ''}`;
  if (Object.hasOwn(commands, pair)) return { name: pair, args: words.slice(2) };
  return { name: Object.hasOwn(commands, first) ? first : undefined, args: words.slice(1) };
}

function takeLanguage(argv: readonly string[], env: Readonly<Record<string, string | undefined>>) {
  const rest: string[] = [];
  let named: string | undefined;
  for (let index = 0; index < argv.length; index += 1) {
    const word = argv[index] ?? '';
    if (word === '--lang') {
      named = argv[index + 1];
      index += 1;
    } else if (word.startsWith('--lang=')) {
      named = word.slice('--lang='.length);
    } else {
      rest.push(word);
    }
  }
  const language: Language = chooseLanguage(named, env);
  return { rest, language };
}

/** One line for a person; what a developer needs is in the log of the server. */
async function explain(error: unknown, ctx: CommandContext): Promise<number> {
  if (error instanceof UsageError) {
    ctx.err(ctx.text('badUsage', { detail: error.message }));
    ctx.err(ctx.text('seeHelp'));
    return exitCodes.usage;
  }
  if (error instanceof CommandError) {
    ctx.err(error.message);
    return exitCodes.failure;
  }
  const [{ ConfigError }, { redactText }, { printReport }] = await Promise.all([
    import('#server/config.ts'),
    import('#server/core/log.ts'),
    import('./report.ts'),
  ]);
  if (error instanceof ConfigError) {
    ctx.err(ctx.text('configRefused'));
    printReport({ ...error.report, warnings: [], info: [] }, ctx.language, ctx.err);
    return exitCodes.failure;
  }
  const message = error instanceof Error ? error.message : String(error);
  ctx.err(ctx.text('failed', { detail: redactText(message.split('\n', 1)[0] ?? '') }));
  return exitCodes.failure;
}

process.exitCode = await main(process.argv.slice(2), process.env, process.cwd());
// The work is done; a connection that somebody forgot to close must not keep the command alive.
setTimeout(() => process.exit(), 2_000).unref();
