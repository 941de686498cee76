import type { SiteSpec } from '#shared/agent/sites.ts';
import { word } from './nginx.words.ts';

/** For the http block: a format of the site's own, where addresses lose their end. */
export function accessLogHttp({ siteId, behaviour: { accessLog } }: SiteSpec): string[] {
  if (!accessLog.isOn || accessLog.format !== 'short') return [];
  return [
    `map $remote_addr $aapanel_short_${siteId} {`,
    '    default "::";',
    // A network of 256 addresses for IPv4, and what a provider has for IPv6.
    '    "~^(?<aapanel_head>\\d+\\.\\d+\\.\\d+)\\.\\d+$" $aapanel_head.0;',
    '    "~^(?<aapanel_head>[0-9a-f]+:[0-9a-f]+):" $aapanel_head::;',
    '}',
    `log_format aapanel_short_${siteId} '$aapanel_short_${siteId} - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" $request_time $aapanel_request_id';`,
  ];
}

/** `base` of the log files; null while a candidate is only checked. */
export function accessLogLine({ siteId, behaviour: { accessLog } }: SiteSpec, base: string | null): string {
  if (base === null || !accessLog.isOn) return 'access_log off;';
  const formats = { full: 'aapanel', combined: 'combined', short: `aapanel_short_${siteId}` } as const;
  return `access_log ${word(`${base}.access.log`)} ${formats[accessLog.format]};`;
}
