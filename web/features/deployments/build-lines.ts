import type { BuildStep } from '#shared/site-deploy.ts';

/*
 * Steps of a build as people write them: one line each, words apart by blanks, quotes around what has blanks. This is no
 * shell: nothing is replaced, joined or run by a line.
 */

const wordPattern = /"((?:[^"\\]|\\.)*)"|'([^']*)'|(\S+)/g;

/** Empty lines are left out. */
export function stepsOf(text: string): BuildStep[] {
  return text
    .split('\n')
    .map((line) =>
      [...line.matchAll(wordPattern)].map(
        ([, double, single, plain]) => double?.replaceAll(/\\(.)/g, '$1') ?? single ?? plain ?? '',
      ),
    )
    .filter((step) => step.length > 0);
}

export function textOfSteps(steps: readonly BuildStep[]): string {
  return steps.map((step) => step.map(quoted).join(' ')).join('\n');
}

function quoted(word: string): string {
  return /^[^\s"'\\]+$/.test(word) ? word : `"${word.replaceAll(/["\\]/g, '\\$&')}"`;
}

/** Lines without blanks around them, and without empty ones. */
export function pathsOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
