import { z } from 'zod';
import { targetLimits, targetPlace, targetSecret, type TargetPlace } from '#shared/backups.ts';
import { line } from '#shared/http.ts';
import { openBackups, pickTarget } from '../backup-console.ts';
import { isAgreed, newRunId, runAndSay } from '../backup-follow.ts';
import { exitCodes, UsageError, type Command, type CommandContext } from '../command.ts';
import { parseOptions } from '../options.ts';
import { sizeOf } from './backup-look.ts';
import { pathOf, readJson, readJsonOf } from './backup-move.ts';

const noLimits = { uploadKibPerSecond: null, downloadKibPerSecond: null, minFreeBytes: null, maxBytes: null };

/** A target with its secret: in a file or on standard input, so that the secret stands in no argument. */
const targetFile = z.strictObject({
  name: line(100, 1),
  place: targetPlace,
  limits: targetLimits.default(noLimits),
  secret: targetSecret.nullable().default(null),
});

/**
 * `backup targets` · `targets add NAME --local FOLDER` · `targets add --file FILE|-` · `targets check T` ·
 * `targets remove T [--yes]`.
 */
export const targets: Command = async (ctx) => {
  const { options, words } = parseOptions(
    ctx.args,
    { local: 'string', file: 'string', id: 'string', yes: 'boolean', json: 'boolean' },
    2,
  );
  const isJson = options.json === true;
  const [verb, word] = words;
  if (verb === undefined) return list(ctx, isJson);
  if (verb === 'add') return add(ctx, word, options);
  if (word === undefined) throw new UsageError(`targets ${verb} TARGET`);
  const console = openBackups(ctx);
  const target = pickTarget(ctx, await console.call('backups.state', {}), word);
  if (verb === 'check') return runAndSay(ctx, console, { kind: 'check_target', targetId: target.id }, isJson);
  if (verb !== 'remove') throw new UsageError(`targets ${verb}`);
  const question = ctx.text('backupTargetRemoveAsk', { target: target.name });
  if (!(await isAgreed(ctx, question, options.yes === true))) return exitCodes.failure;
  await console.call('backups.remove_target', { targetId: target.id });
  ctx.out(ctx.text('backupDone'));
  return exitCodes.success;
};

async function list(ctx: CommandContext, isJson: boolean): Promise<number> {
  const state = await openBackups(ctx).call('backups.state', {});
  if (isJson) ctx.out(JSON.stringify(state.targets, null, 2));
  else if (state.targets.length === 0) ctx.out(ctx.text('backupNoTarget'));
  else
    for (const { id, name, place, state: own } of state.targets) {
      const reach = own.isReachable === null ? 'backupNotAsked' : own.isReachable ? 'backupReachable' : 'backupAway';
      const size = own.storedBytes === null ? '' : `  ${sizeOf(own.storedBytes)}`;
      ctx.out(`${id}  ${name}  ${placeLine(place)}  ${ctx.text(reach)}  ${own.setCount}${size}`);
    }
  return exitCodes.success;
}

export function placeLine(place: TargetPlace): string {
  switch (place.kind) {
    case 'local':
      return place.path;
    case 'sftp':
      return `sftp://${place.user}@${place.host}:${place.port}/${place.path}`;
    case 's3':
      return `${place.endpoint}/${place.bucket}/${place.path}`;
    case 'rest':
      return place.url;
    case 'rclone':
      return `rclone:${place.remote}:${place.path}`;
  }
}

type AddOptions = { readonly local?: string; readonly file?: string; readonly id?: string; readonly json?: boolean };

/** With the id of a target that is there it is changed. Then the target is opened, so that a mistake is seen at once. */
async function add(
  ctx: CommandContext,
  name: string | undefined,
  { local, file, id, json }: AddOptions,
): Promise<number> {
  if ((local === undefined) === (file === undefined)) throw new UsageError('--local | --file');
  if (local !== undefined && name === undefined) throw new UsageError('targets add NAME --local FOLDER');
  const given =
    local === undefined
      ? readJson(ctx, file ?? '', targetFile)
      : readJsonOf(ctx, { name, place: { kind: 'local', path: pathOf(ctx, local) } }, targetFile);
  const console = openBackups(ctx);
  const targetId = id ?? newRunId();
  const { recovery } = await console.call('backups.put_target', { targetId, ...given });
  if (json !== true) ctx.out(ctx.text('backupTargetAdded', { name: given.name, id: targetId }));
  const code = await runAndSay(ctx, console, { kind: 'check_target', targetId }, json === true);
  if (recovery === null) ctx.err(ctx.text('backupNoRecovery'));
  return code;
}
