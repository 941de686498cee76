type Detail = Readonly<Record<string, unknown>>;

/** Why it did not happen: the stable code, and code and reason as the log has them. */
export function failureOf({ failure }: Detail): { readonly code: string; readonly words: string } | undefined {
  if (typeof failure !== 'object' || failure === null || !('code' in failure)) return undefined;
  const { code } = failure;
  if (typeof code !== 'string') return undefined;
  const reason = 'reason' in failure && typeof failure.reason === 'string' ? failure.reason : undefined;
  return { code, words: reason === undefined ? code : `${code} / ${reason}` };
}

/** The rest as indented JSON; undefined when there is none. */
export function otherDetail(detail: Detail): string | undefined {
  const rest = Object.fromEntries(Object.entries(detail).filter(([name]) => name !== 'failure'));
  return Object.keys(rest).length === 0 ? undefined : JSON.stringify(rest, null, 2);
}
