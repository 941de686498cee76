import packageJson from '../../package.json' with { type: 'json' };
import { exitCodes, type Command } from '../command.ts';
import { parseOptions } from '../options.ts';

/** `aapanel help` */
export const help: Command = (ctx) => {
  ctx.out(ctx.text('usage'));
  return Promise.resolve(exitCodes.success);
};

/** `aapanel version` */
export const version: Command = (ctx) => {
  parseOptions(ctx.args, {});
  ctx.out(`aapanel ${packageJson.version}`);
  return Promise.resolve(exitCodes.success);
};
