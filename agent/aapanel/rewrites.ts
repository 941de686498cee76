import type { fallbacks } from '#shared/behaviour/proxies.ts';
import type { RewritePreset } from '#shared/behaviour/rewrite-presets.ts';
import { parseDirectives, TokenError, type Directive } from '../nginx/nginx.tokens.ts';

export type ReadRewrite =
  | { readonly kind: 'known'; readonly preset: RewritePreset; readonly fallback: (typeof fallbacks)[number] }
  | { readonly kind: 'by_hand' };

const frontController = [
  '/index.php?$args',
  '/index.php?$query_string',
  '/index.php$is_args$args',
  '/index.php$is_args$query_string',
  '/index.php',
];

/** Texts that aaPanel offers for known applications and that this panel has a preset for. */
const known: readonly (readonly [RewritePreset, string])[] = [
  [
    'wordpress',
    'location / { try_files $uri $uri/ /index.php?$args; } rewrite /wp-admin$ $scheme://$host$uri/ permanent;',
  ],
  [
    'wordpress',
    'location / { index index.html index.php; if (-f $request_filename/index.html){ rewrite (.*) $1/index.html break; } ' +
      'if (-f $request_filename/index.php){ rewrite (.*) $1/index.php; } ' +
      'if (!-f $request_filename){ rewrite (.*) /index.php; } } rewrite /wp-admin$ $scheme://$host$uri/ permanent;',
  ],
  ['laravel', 'location / { try_files $uri $uri/ /index.php$is_args$query_string; }'],
  ['thinkphp', 'location / { if (!-e $request_filename){ rewrite ^(.*)$ /index.php?s=$1 last; break; } }'],
  [
    'thinkphp',
    'location ~* (runtime|application)/{ return 403; } ' +
      'location / { if (!-e $request_filename){ rewrite ^(.*)$ /index.php?s=$1 last; break; } }',
  ],
];
const knownTexts = new Map(known.map(([preset, text]) => [canonical(parseDirectives(text)), preset]));

/** What a text for rewrites means here, as long as it says exactly that and nothing else. */
export function readRewrite(text: string, isPhp: boolean): ReadRewrite {
  let directives: Directive[];
  try {
    directives = parseDirectives(text);
  } catch (error) {
    if (error instanceof TokenError) return { kind: 'by_hand' };
    throw error;
  }
  if (directives.length === 0) return { kind: 'known', preset: 'none', fallback: 'none' };
  const preset = knownTexts.get(canonical(directives));
  if (preset !== undefined && isPhp) return { kind: 'known', preset, fallback: 'none' };
  const target = fallbackOf(directives);
  // Every PHP site here asks its index.php for what is not there.
  if (isPhp && target !== undefined && frontController.includes(target))
    return { kind: 'known', preset: 'none', fallback: 'none' };
  if (!isPhp && target === '/index.html') return { kind: 'known', preset: 'none', fallback: 'spa' };
  return { kind: 'by_hand' };
}

/** `location / { try_files $uri $uri/ X; }` and nothing besides: X. */
function fallbackOf(directives: readonly Directive[]): string | undefined {
  const [only, ...more] = directives;
  if (only === undefined || more.length > 0 || only.name !== 'location' || only.args.join(' ') !== '/')
    return undefined;
  const [inner, ...others] = only.block ?? [];
  if (inner === undefined || others.length > 0 || inner.name !== 'try_files') return undefined;
  const [first, second, last, ...rest] = inner.args;
  return first === '$uri' && second === '$uri/' && rest.length === 0 ? last : undefined;
}

function canonical(directives: readonly Directive[]): string {
  return directives
    .map(({ name, args, block }) => JSON.stringify([name, ...args, block === null ? null : canonical(block)]))
    .join('\n');
}
