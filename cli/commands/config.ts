import { loadConfig, redactedEntries } from '#server/config.ts';
import { exitCodes, type Command } from '../command.ts';
import { parseOptions } from '../options.ts';

/** `aapanel config show`: secrets appear as `***(length)`, whatever the options. */
export const configShow: Command = (ctx) => {
  const { options } = parseOptions(ctx.args, { json: 'boolean' });
  const items = redactedEntries(loadConfig(ctx.input));
  if (options.json === true) {
    ctx.out(JSON.stringify({ items }, null, 2));
    return Promise.resolve(exitCodes.success);
  }
  const width = Math.max(...items.map((item) => item.key.length));
  for (const item of items) ctx.out(`${item.key.padEnd(width)}  ${item.source.padEnd(11)}  ${item.value}`);
  return Promise.resolve(exitCodes.success);
};
