import type { OrderFailure } from './orders.ts';

const signs: readonly (readonly [RegExp, string])[] = [
  [/No space left on device/i, 'disk_full'],
  [/error:rateLimited|too many (?:certificates|failed authorizations|new orders|registrations)/i, 'acme_rate_limited'],
  [/error:caa|CAA record/i, 'acme_caa'],
  [/error:dns|DNS problem|NXDOMAIN|no valid A records|could not resolve/i, 'acme_dns'],
  [
    /error:connection|Timeout during connect|Fetching http:.*: (?:Connection refused|Timeout|Error getting)/i,
    'acme_connection',
  ],
  [/error:unauthorized|Invalid response from|error:incorrectResponse/i, 'acme_refused'],
  // Of the authority's own certificate, by this machine's clock.
  [/certificate is not yet valid|certificate has expired/i, 'acme_clock'],
  [
    /ConnectionError|Max retries exceeded|NewConnectionError|Name or service not known|Connection refused|Read timed out|CERTIFICATE_VERIFY_FAILED|SSLError|error:serverInternal|HTTP 50\d/i,
    'acme_ca_unreachable',
  ],
];

/** Why the tool that speaks with the authority gave up, from its words. */
export function failureOf(words: string): OrderFailure {
  const reason = signs.find(([sign]) => sign.test(words))?.[1];
  const host =
    /Domain:\s*(\S+)/.exec(words)?.[1] ?? /\b(?:for|from) (?:http:\/\/)?([a-z0-9.-]+\.[a-z0-9-]+)\b/.exec(words)?.[1];
  if (reason === 'acme_caa' || reason === 'acme_dns' || reason === 'acme_connection' || reason === 'acme_refused')
    return { reason, params: { host: host ?? '' } };
  if (reason === 'acme_rate_limited') return { reason, params: untilOf(words) };
  if (reason !== undefined) return { reason, params: {} };
  const last = words
    .trim()
    .split('\n')
    .findLast((line) => line.trim() !== '' && !/log(?:file|s)? |community/i.test(line));
  return { reason: 'acme_failed', params: { message: (last ?? '').trim().slice(0, 500) } };
}

/** `retry after 2026-12-01 10:00:00 UTC`, as Let's Encrypt says when it may be asked again. */
function untilOf(words: string): Record<string, string> {
  const [, date, time] = /retry after (\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)/i.exec(words) ?? [];
  const until = new Date(`${date}T${time}Z`);
  return Number.isNaN(until.getTime()) ? {} : { until: until.toISOString() };
}
