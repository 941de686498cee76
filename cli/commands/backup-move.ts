import { z } from 'zod';
import { absolutePath, targetPlace, targetSecret } from '#shared/backups.ts';
import { openBackups, pickSet, pickTarget, readGiven } from '../backup-console.ts';
import { runAndSay } from '../backup-follow.ts';
import { CommandError, exitCodes, UsageError, type Command, type CommandContext } from '../command.ts';
import { parseOptions, typedPath } from '../options.ts';
import { readSecretLine } from '../password.ts';

/** `backup export SET --to FILE [--target T]`: one backup in one sealed file, opened by the recovery key. */
export const exportSet: Command = async (ctx) => {
  const { options, words } = parseOptions(ctx.args, { target: 'string', to: 'string', json: 'boolean' }, 1);
  if (words[0] === undefined || options.to === undefined) throw new UsageError('export SET --to FILE');
  const console = openBackups(ctx);
  const state = await console.call('backups.state', {});
  const named = options.target === undefined ? null : pickTarget(ctx, state, options.target).id;
  const { targetId, setId } = await pickSet(ctx, console, { word: words[0], targetId: named });
  const path = pathOf(ctx, options.to);
  return runAndSay(ctx, console, { kind: 'export', targetId, setId, path }, options.json === true);
};

/**
 * `backup import FILE [--target T] [--recovery-key-file FILE|-]`: without a recovery key only files of this machine's own
 * keys can be opened.
 */
export const importSet: Command = async (ctx) => {
  const { options, words } = parseOptions(
    ctx.args,
    { target: 'string', 'recovery-key-file': 'string', json: 'boolean' },
    1,
  );
  if (words[0] === undefined) throw new UsageError('import FILE');
  const path = pathOf(ctx, words[0]);
  const console = openBackups(ctx);
  const targetId = pickTarget(ctx, await console.call('backups.state', {}), options.target).id;
  const keyFile = options['recovery-key-file'];
  if (keyFile === undefined) {
    return runAndSay(ctx, console, { kind: 'import', path, targetId }, options.json === true);
  }
  const done = await console.obey('backup-import', { path, targetId, recoveryKey: readGiven(ctx, keyFile) });
  ctx.out(options.json === true ? JSON.stringify(done, null, 2) : ctx.text('backupDone'));
  return exitCodes.success;
};

/**
 * `backup import-legacy FILE --into FOLDER --allow-v1|--allow-v2 [--old-key-file FILE|-]`: an archive of the earlier panel,
 * unpacked into a folder of its own. Nothing in place changes.
 */
export const importLegacy: Command = async (ctx) => {
  const { options, words } = parseOptions(
    ctx.args,
    { into: 'string', 'allow-v1': 'boolean', 'allow-v2': 'boolean', 'old-key-file': 'string', json: 'boolean' },
    1,
  );
  if (words[0] === undefined || options.into === undefined) throw new UsageError('import-legacy FILE --into FOLDER');
  const isV1 = options['allow-v1'] === true;
  if (isV1 === (options['allow-v2'] === true)) throw new UsageError('--allow-v1 | --allow-v2');
  if (isV1) ctx.err(ctx.text('backupLegacyWeak'));
  const keyFile = options['old-key-file'];
  const done = await openBackups(ctx).obey('backup-import-legacy', {
    path: pathOf(ctx, words[0]),
    into: pathOf(ctx, options.into),
    allow: isV1 ? 'v1' : 'v2',
    oldKey: keyFile === undefined ? null : readGiven(ctx, keyFile),
  });
  ctx.out(options.json === true ? JSON.stringify(done, null, 2) : ctx.text('backupDone'));
  return exitCodes.success;
};

const recovered = z.object({
  parts: z.array(z.object({ name: z.string(), setId: z.string(), at: z.string() })),
  durationMs: z.number(),
});

/**
 * `backup recover --local FOLDER | --place-file FILE [--secret-file FILE] [--recovery-key-file FILE|-] [--part NAME …]
 * [--set ID]`: everything back on a machine that knows nothing, from a target and the recovery key.
 */
export const recover: Command = async (ctx) => {
  const { options } = parseOptions(ctx.args, {
    local: 'string',
    'place-file': 'string',
    'secret-file': 'string',
    'recovery-key-file': 'string',
    part: 'strings',
    set: 'string',
    json: 'boolean',
  });
  const { local, 'place-file': placeFile, 'secret-file': secretFile, 'recovery-key-file': keyFile } = options;
  if ((local === undefined) === (placeFile === undefined)) throw new UsageError('--local | --place-file');
  const place =
    local === undefined
      ? readJson(ctx, placeFile ?? '', targetPlace)
      : readJsonOf(ctx, { kind: 'local', path: pathOf(ctx, local) }, targetPlace);
  const secret = secretFile === undefined ? { kind: 'none' as const } : readJson(ctx, secretFile, targetSecret);
  const console = openBackups(ctx);
  const recoveryKey =
    keyFile === undefined
      ? await readSecretLine(ctx, process.stdin, ctx.text('backupAskRecoveryKey'))
      : readGiven(ctx, keyFile);
  const parts = options.part ?? null;
  const answer = await console.obey('backup-recover', {
    place,
    secret,
    recoveryKey,
    parts,
    setId: options.set ?? null,
  });
  if (options.json === true) {
    ctx.out(JSON.stringify(answer, null, 2));
    return exitCodes.success;
  }
  const done = recovered.parse(answer);
  for (const { name, at } of done.parts) ctx.out(`${name}  ${at}`);
  ctx.out(ctx.text('backupRecovered', { seconds: Math.ceil(done.durationMs / 1000) }));
  return exitCodes.success;
};

/** As people type it, absolute for the agent. Throws CommandError. */
export function pathOf(ctx: CommandContext, word: string): string {
  const path = absolutePath.safeParse(typedPath(ctx, word));
  if (!path.success) throw new CommandError(ctx.text('backupPathWrong', { path: word }));
  return path.data;
}

/** A document in a file, or on standard input for `-`. Never says what is in it: it may hold secrets. */
export function readJson<T extends z.ZodType>(ctx: CommandContext, path: string, shape: T): z.output<T> {
  let json: unknown;
  try {
    json = JSON.parse(readGiven(ctx, path));
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError(ctx.text('backupNoJson', { path }));
  }
  return readJsonOf(ctx, json, shape);
}

export function readJsonOf<T extends z.ZodType>(ctx: CommandContext, json: unknown, shape: T): z.output<T> {
  const parsed = shape.safeParse(json);
  if (parsed.success) return parsed.data;
  const fields = [...new Set(parsed.error.issues.map(({ path }) => path.map(String).join('.')))].join(', ');
  throw new CommandError(ctx.text('backupWrongValues', { fields }));
}
