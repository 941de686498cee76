import type { SiteSpec } from '#shared/agent/sites.ts';
import { word } from './nginx.words.ts';

/** Files that answer for a folder. `own`: directives that the person set by hand; theirs stand. */
export function indexLines({ kind, behaviour }: SiteSpec, own: ReadonlySet<string>): string[] {
  if (own.has('index')) return [];
  if (behaviour.index.length > 0) return [`index ${behaviour.index.map(word).join(' ')};`];
  if (kind === 'php') return ['index index.php index.html index.htm;'];
  return kind === 'static' ? ['index index.html index.htm;'] : [];
}
