import type { ApiError } from '../../api/errors.ts';

/** The line of the directives that an error speaks of: named by the agent, or in nginx's words by file and line. */
export function lineOf({ params }: Pick<ApiError, 'params'>, slug: string): number | null {
  const named = Number(params['line']);
  if (Number.isInteger(named) && named > 0) return named;
  const words = String(params['message'] ?? '');
  const place = words.indexOf(`custom/${slug}.conf:`);
  const line = place === -1 ? undefined : /:(\d+)/.exec(words.slice(place))?.[1];
  return line === undefined ? null : Number(line);
}
