/** One measured figure beside its limit. A figure without a limit is for comparison only. */
export type Figure = {
  readonly what: string;
  readonly unit: string;
  readonly value: number | null;
  /** The largest value allowed (`atMost`) or the smallest (`atLeast`). */
  readonly limit: { readonly atMost: number } | { readonly atLeast: number } | null;
  /** How it was measured, or why it was not. */
  readonly note: string;
};

export type Verdict = 'passed' | 'failed' | 'not run' | 'figure';

export function verdictOf({ value, limit }: Figure): Verdict {
  if (value === null) return 'not run';
  if (limit === null) return 'figure';
  return ('atMost' in limit ? value <= limit.atMost : value >= limit.atLeast) ? 'passed' : 'failed';
}

export function formatFigure(figure: Figure): string {
  const { what, unit, value, limit, note } = figure;
  const bound = limit === null ? '' : 'atMost' in limit ? `at most ${limit.atMost}` : `at least ${limit.atLeast}`;
  const shown = value === null ? '-' : `${round(value)} ${unit}`;
  return `${verdictOf(figure).padEnd(8)} ${what.padEnd(58)} ${shown.padStart(14)}  ${bound.padEnd(14)} ${note}`;
}

function round(value: number): number {
  return Math.abs(value) >= 100 ? Math.round(value) : Math.round(value * 100) / 100;
}

/** The value below which `share` (0 to 1) of the samples lie. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

export function median(samples: readonly number[]): number {
  return percentile(samples, 0.5);
}
