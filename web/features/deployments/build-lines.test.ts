import { expect, it } from 'vitest';
import { stepsOf, textOfSteps } from './build-lines.ts';

it('a line is one program with its arguments, and reads back as it was written', () => {
  const steps = [
    ['npm', 'ci'],
    ['node', '-e', 'a "b" c'],
    ['echo', "it's", 'back\\slash', 'a b'],
  ];
  expect(stepsOf(textOfSteps(steps))).toEqual(steps);
  expect(stepsOf('  npm   run  build \n\n composer install --no-dev\n')).toEqual([
    ['npm', 'run', 'build'],
    ['composer', 'install', '--no-dev'],
  ]);
});

it('nothing in a line is a shell’s', () => {
  expect(stepsOf('npm ci && rm -rf / | cat > x; $(id)')).toEqual([
    ['npm', 'ci', '&&', 'rm', '-rf', '/', '|', 'cat', '>', 'x;', '$(id)'],
  ]);
});
