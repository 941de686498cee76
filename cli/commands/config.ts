import { loadConfig, redactedEntries } from '#server/config.ts';
import { exitCodes, type Command } from '../command.ts';
import { parseOptions } from '../options.ts';
import { loadActingConfig } from '../panel-database.ts';

/** `aapanel config show`: what was set through the panel has the source `database`; secrets appear as `***(length)`, whatever the options. */
export const configShow: Command = async (ctx) => {
  const { options } = parseOptions(ctx.args, { json: 'boolean' });
  const items = redactedEntries(await loadActingConfig(loadConfig(ctx.input)));
  if (options.json === true) {
    ctx.out(JSON.stringify({ items }, null, 2));
    return exitCodes.success;
  }
  const width = Math.max(...items.map((item) => item.key.length));
  for (const item of items) ctx.out(`${item.key.padEnd(width)}  ${item.source.padEnd(11)}  ${item.value}`);
  return exitCodes.success;
};
