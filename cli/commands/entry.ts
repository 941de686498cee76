import { readPair, factsOf } from '#server/core/doors-certificate.ts';
import { throughEntry } from '#server/core/doors-rows.ts';
import type { Command } from '../command.ts';
import { localUrl } from '../local-url.ts';
import { parseOptions } from '../options.ts';
import { withDatabase } from '../panel-database.ts';

/** `aapanel entry`: where and how the panel is reached. */
export const entry: Command = async (ctx) => {
  const { options } = parseOptions(ctx.args, { json: 'boolean' });
  return withDatabase(ctx, async ({ config, acting, row }) => {
    const pair = await readPair(config, acting.certificateId).catch(() => null);
    const certificate = pair === null ? null : factsOf(pair.certificate);
    const { entryPath, allowedAddresses, domains } = acting.doors;
    const facts = {
      address: config.publicUrl,
      localUrl: localUrl(config),
      url: `${config.publicUrl}${throughEntry(acting.doors, '/')}`,
      entryPath,
      port: config.port,
      allowedAddresses,
      domains,
      fingerprint: certificate?.fingerprint ?? null,
      validUntil: certificate?.validUntil ?? null,
      waitsUntil: acting.pending === null ? null : new Date(acting.pending.revertsAt).toISOString(),
    };
    if (options.json === true) {
      ctx.out(JSON.stringify(facts, null, 2));
      return;
    }
    const lines: [string, string | null][] = [
      [ctx.text('entryAddress'), facts.url],
      [ctx.text('entryPort'), String(facts.port)],
      [ctx.text('entryPath'), entryPath ?? ctx.text('entryNone')],
      [
        ctx.text('entryAllowed'),
        allowedAddresses.length === 0 ? ctx.text('entryAnywhere') : allowedAddresses.join(' '),
      ],
      [ctx.text('entryDomains'), domains.length === 0 ? ctx.text('entryAnyName') : domains.join(' ')],
      [ctx.text('entryFingerprint'), facts.fingerprint],
      [ctx.text('entryValidUntil'), facts.validUntil],
      [ctx.text('entryWaits'), row.text === undefined ? null : facts.waitsUntil],
    ];
    for (const [name, value] of lines) if (value !== null) ctx.out(`${name}: ${value}`);
  });
};
