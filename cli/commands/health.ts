import { get as getPlain } from 'node:http';
import { https } from '#shared/lazy-node.ts';
import { loadConfig, type Config } from '#server/config.ts';
import { exitCodes, UsageError, type Command } from '../command.ts';
import { localUrl } from '../local-url.ts';
import { parseOptions } from '../options.ts';
import { loadActingConfig } from '../panel-database.ts';

const answerLimitMs = 5_000;

/** `aapanel health --ready|--live`: asks the running panel, nothing else. */
export const health: Command = async (ctx) => {
  const { options } = parseOptions(ctx.args, { ready: 'boolean', live: 'boolean' });
  if ((options.ready === true) === (options.live === true)) throw new UsageError('--ready | --live');
  const config = await loadActingConfig(loadConfig(ctx.input));
  const status = await probe(config, options.ready === true ? 'ready' : 'live');
  const url = localUrl(config);
  if (status === 200) {
    ctx.out(ctx.text(options.ready === true ? 'ready' : 'alive'));
    return exitCodes.success;
  }
  ctx.err(ctx.text(status === undefined ? 'notRunning' : 'notReady', { url }));
  return exitCodes.failure;
};

/** `aapanel status`: one sentence; exit code 1 unless running and ready. */
export const status: Command = async (ctx) => {
  parseOptions(ctx.args, {});
  const config = await loadActingConfig(loadConfig(ctx.input));
  const code = await probe(config, 'ready');
  if (code === 200) {
    ctx.out(ctx.text('running', { url: config.publicUrl }));
    return exitCodes.success;
  }
  ctx.err(ctx.text(code === undefined ? 'notRunning' : 'notReady', { url: localUrl(config) }));
  return exitCodes.failure;
};

/** Status of a health probe; undefined when nothing answers in time or something else than the panel does. */
export function probe(config: Config, name: 'ready' | 'live'): Promise<number | undefined> {
  return new Promise((resolve) => {
    const get = config.tls === null ? getPlain : https().get;
    // The panel's own certificate is known to nobody, and only this machine is asked: it is not checked.
    const options = { timeout: answerLimitMs, rejectUnauthorized: false };
    const request = get(`${localUrl(config)}/health/${name}`, options, (response) => {
      const isOurs = (response.headers['content-type'] ?? '').includes('json');
      response.resume();
      resolve(isOurs ? response.statusCode : undefined);
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(undefined));
  });
}
