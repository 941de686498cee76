import { hiddenAsEscapes } from '../../ui/foreign-text.ts';

type Detail = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Detail {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Why it did not happen: the stable code, and code and reason as the log has them. */
export function failureOf({ failure }: Detail): { readonly code: string; readonly words: string } | undefined {
  if (!isObject(failure) || typeof failure['code'] !== 'string') return undefined;
  const { code, reason } = failure;
  return { code, words: typeof reason === 'string' ? `${code} / ${reason}` : code };
}

export type DetailChange = { readonly name: string; readonly before: string | null; readonly after: string | null };

/**
 * What was and what became, by fact; only what differs. null: the fact was not there, or is no more. What became may name
 * only the facts that were asked to change: the others stayed.
 */
export function changesOf({ before, after }: Detail): readonly DetailChange[] {
  const was = isObject(before) ? before : {};
  const is = isObject(after) ? after : {};
  return Object.keys(isObject(after) ? is : was)
    .map((name) => ({ name, before: wordOf(was[name]), after: wordOf(is[name]) }))
    .filter((change) => change.before !== change.after);
}

function wordOf(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** The rest as indented JSON, invisible characters written out; undefined when there is none. */
export function otherDetail(detail: Detail): string | undefined {
  const shown = new Set(['failure', ...(changesOf(detail).length > 0 ? ['before', 'after'] : [])]);
  const rest = Object.fromEntries(Object.entries(detail).filter(([name]) => !shown.has(name)));
  return Object.keys(rest).length === 0 ? undefined : hiddenAsEscapes(JSON.stringify(rest, null, 2));
}
