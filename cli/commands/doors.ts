import { createServer } from 'node:net';
import type { Doors } from '#shared/doors.ts';
import { writeDoors } from '#server/core/doors-rows.ts';
import { CommandError, UsageError, type Command, type CommandContext } from '../command.ts';
import { parseOptions } from '../options.ts';
import { withDatabase, type PanelDatabase } from '../panel-database.ts';

/** `aapanel doors open [--entry]`: from any address, under any name; with `--entry` without the secret path as well. */
export const doorsOpen: Command = async (ctx) => {
  const { options } = parseOptions(ctx.args, { entry: 'boolean' });
  return withDatabase(ctx, async (panel) => {
    const { doors } = panel.acting;
    const entryPath = options.entry === true ? null : doors.entryPath;
    await put(ctx, panel, { ...doors, allowedAddresses: [], domains: [], entryPath });
    await panel.record('openDoors', '', { isEntryOpen: entryPath === null });
    ctx.out(ctx.text('doorsOpened'));
    if (entryPath === null) ctx.out(ctx.text('entryOpened'));
  });
};

/** `aapanel port <n>`: a running panel moves within seconds. */
export const port: Command = async (ctx) => {
  const { words } = parseOptions(ctx.args, {}, 1);
  const [given = ''] = words;
  const wanted = Number(given);
  if (!/^\d{4,5}$/.test(given) || wanted < 1024 || wanted > 65_535) throw new UsageError('port <1024-65535>');
  return withDatabase(ctx, async (panel) => {
    const { doors } = panel.acting;
    if (wanted !== doors.port && !(await isFree(wanted, panel.config.host))) {
      throw new CommandError(ctx.text('portTakenNow', { port: wanted }));
    }
    await put(ctx, panel, { ...doors, port: wanted });
    await panel.record('setPort', String(wanted), { before: doors.port });
    ctx.out(ctx.text('portSet', { port: wanted }));
  });
};

/** Root at the console decides: nothing waits for a confirmation, and what waited is over. */
async function put(ctx: CommandContext, { db, row, acting, clock }: PanelDatabase, doors: Doors): Promise<void> {
  const next = { doors, certificateId: acting.certificateId, follows: acting.follows, pending: null };
  if (!(await writeDoors(db, row, next, clock.now()))) throw new CommandError(ctx.text('changedMeanwhile'));
}

function isFree(wanted: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port: wanted, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
