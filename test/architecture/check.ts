import { checkBoundaries } from './boundary-rules.ts';
import { checkCode, type Violation } from './code-rules.ts';
import { parseFile, type SourceFile } from './parse.ts';

export type { Violation } from './code-rules.ts';
export type { SourceFile } from './parse.ts';

/** Everything that is wrong with these files, by path. Pure: nothing is read from the disk. */
export function checkArchitecture(files: readonly SourceFile[]): Violation[] {
  const violations: Violation[] = [];
  const parsed = files.map((file) => {
    const whole = parseFile(file);
    violations.push(...checkCode(whole));
    // Millions of them, all looked at: boundaries need imports alone.
    return { ...whole, nodes: [] };
  });
  violations.push(...checkBoundaries(parsed), ...files.flatMap(checkMarks));
  return violations.sort((a, b) => a.path.localeCompare(b.path) || a.line - b.line);
}

// Put together, so that this file does not find itself.
const marks = new RegExp(
  `@ts-(${['ignore', 'nocheck', 'expect-error'].join('|')})|(eslint|oxlint|biome)-(disable|ignore)`,
);

/** Comments that switch a check off. */
function checkMarks({ path, text }: SourceFile): Violation[] {
  return text
    .split('\n')
    .flatMap((line, index) =>
      marks.test(line) ? [{ path, line: index + 1, rule: 'mark', detail: 'a check is switched off' }] : [],
    );
}

/** One line each, for a test's message. */
export function describe(violations: readonly Violation[]): string[] {
  return violations.map(({ path, line, rule, detail }) => `${path}:${line} [${rule}] ${detail}`);
}
