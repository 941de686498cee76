/** One thing that happened on the screen of a terminal, `at` seconds since it began. */
export type CastEvent = { readonly at: number } & (
  | { readonly kind: 'output'; readonly text: string }
  | { readonly kind: 'resize'; readonly cols: number; readonly rows: number }
  | { readonly kind: 'full' }
);

export type Cast = {
  readonly cols: number;
  readonly rows: number;
  readonly events: readonly CastEvent[];
  readonly seconds: number;
};

/** Reads asciicast v2. What is not of it, as the last line of a terminal that still writes, is left out. */
export function readCast(text: string): Cast {
  const [head, ...lines] = text.split('\n');
  const { width = 80, height = 24 } = (parsed(head ?? '') ?? {}) as { width?: number; height?: number };
  const events = lines.flatMap((line): CastEvent[] => {
    const found = parsed(line);
    if (!Array.isArray(found)) return [];
    const [at, kind, what] = found as unknown[];
    if (typeof at !== 'number' || typeof what !== 'string') return [];
    if (kind === 'o') return [{ at, kind: 'output', text: what }];
    if (kind === 'm' && what === 'full') return [{ at, kind: 'full' }];
    const size = kind === 'r' ? /^(\d{1,3})x(\d{1,3})$/.exec(what) : null;
    return size === null ? [] : [{ at, kind: 'resize', cols: Number(size[1]), rows: Number(size[2]) }];
  });
  return { cols: width, rows: height, events, seconds: events.at(-1)?.at ?? 0 };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
