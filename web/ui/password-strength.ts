export type PasswordLevel = 'weak' | 'fair' | 'good' | 'strong';

export type PasswordJudgement = {
  /** Characters still missing; 0 when long enough. */
  readonly missing: number;
  readonly isTooLong: boolean;
  readonly isLikeName: boolean;
  readonly level: PasswordLevel;
};

const least = 8;
const most = 128;

/**
 * A rough guess at what a guesser would need, for a hint while typing. The panel alone decides: it also refuses common
 * passwords. Length as the panel counts it: after NFKC.
 */
export function judgePassword(password: string, name = ''): PasswordJudgement {
  const text = password.normalize('NFKC');
  const bits = bitsOf(text);
  const level: PasswordLevel = bits < 38 ? 'weak' : bits < 55 ? 'fair' : bits < 80 ? 'good' : 'strong';
  const isLikeName = name.length >= 3 && strip(text) === strip(name);
  return {
    missing: Math.max(0, least - text.length),
    isTooLong: text.length > most,
    isLikeName,
    level: isLikeName || text.length < least ? 'weak' : level,
  };
}

/** Letters alone, so that `ahmad2024!` is seen as the name `ahmad`. */
function strip(text: string): string {
  return text.toLowerCase().replaceAll(/[^\p{L}]/gu, '');
}

/** Repeated and running characters (`aaaa`, `1234`) add almost nothing. */
function bitsOf(text: string): number {
  const pools: readonly (readonly [RegExp, number])[] = [
    [/[a-z]/, 26],
    [/[A-Z]/, 26],
    [/[0-9]/, 10],
    [/[\u0600-\u06ff]/, 36],
    [/[^a-zA-Z0-9\u0600-\u06ff]/, 24],
  ];
  const pool = pools.reduce((sum, [pattern, size]) => (pattern.test(text) ? sum + size : sum), 0);
  if (pool === 0) return 0;
  const seen = new Map<string, number>();
  let counted = 0;
  let before = Number.NaN;
  for (const letter of text) {
    const code = letter.codePointAt(0) ?? 0;
    const times = seen.get(letter) ?? 0;
    seen.set(letter, times + 1);
    const isRunning = Math.abs(code - before) <= 1;
    before = code;
    counted += isRunning ? 0.2 : times === 0 ? 1 : times < 3 ? 0.75 : 0.25;
  }
  return counted * Math.log2(pool);
}
