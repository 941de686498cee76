import { markBansChanged } from '#server/core/doors-rows.ts';
import { deleteActing, listActing } from '#server/features/bans/bans.store.ts';
import { CommandError, type Command } from '../command.ts';
import { parseOptions } from '../options.ts';
import { withDatabase } from '../panel-database.ts';

/** `aapanel unban [value | --all]`: without a value it shows who is banned. */
export const unban: Command = async (ctx) => {
  const { options, words } = parseOptions(ctx.args, { all: 'boolean' }, 1);
  const [value] = words;
  return withDatabase(ctx, async ({ db, clock, record }) => {
    if (value === undefined && options.all !== true) {
      const { items, total } = await listActing(db, clock.now(), { page: 1, pageSize: 200 });
      if (total === 0) ctx.out(ctx.text('nobodyBanned'));
      for (const ban of items) ctx.out(`${ban.value.padEnd(40)}${ban.until ?? ctx.text('forGood')}`);
      return;
    }
    const freed = await deleteActing(db, clock.now(), value);
    if (freed.length === 0 && value !== undefined) throw new CommandError(ctx.text('notBanned', { value }));
    await markBansChanged(db, clock.now());
    await record('unban', value ?? '', { count: freed.length });
    ctx.out(ctx.text('unbanned', { count: freed.length }));
  });
};
