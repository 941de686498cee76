import { expect, it } from 'vitest';
import { listenAbstract } from '../testing/abstract-sockets.ts';
import { apart, givenVariable, isApart, notRunnable, withoutNewRights } from './apart.ts';
import { run, type RunResult } from './run.ts';

const through = async (
  before: readonly string[],
  command: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<RunResult> => {
  const [program = '', ...args] = [...before, ...command];
  return await run(program, args, { timeoutMs: 10_000, environment });
};

it('SITE-2 a program of a site connects to an abstract socket of its own processes and to none of others, where the kernel can keep it from that', async () => {
  const socket = await listenAbstract();
  try {
    expect((await through([], socket.command)).stdout).toBe(socket.reached);
    expect((await through([...withoutNewRights(), ...apart()], socket.command)).stdout).toBe(socket.kept);
  } finally {
    socket.close();
  }
});

it('a program gets its arguments as they are, and variables by the names that somebody gave them', async () => {
  const args = ['a b', '', '$HOME "\\ %n', '--', '-e'];
  const shown = await through(
    apart(),
    ['/bin/sh', '-c', 'printf "<%s>" "$@"; printf "<%s>" "$GIVEN" "$OWN"', 'sh', ...args],
    {
      OWN: 'own',
      [`${givenVariable}GIVEN`]: '"$`\\ \n=',
    },
  );
  expect(shown.stdout).toBe(`${args.map((each) => `<${each}>`).join('')}<"$\`\\ \n=><own>`);
  expect(shown.stderr).toBe('');
});

it('SITE-2 no variable that somebody gave means anything before the domain stands', async () => {
  const variables = { PERL5OPT: '-Mnothing::there', LD_PRELOAD: '/nonexistent.so' };
  const given = Object.fromEntries(Object.entries(variables).map(([name, value]) => [givenVariable + name, value]));
  const print = ['/bin/sh', '-c', 'echo "$PERL5OPT $LD_PRELOAD"'];
  const { code, stdout, stderr } = await through(apart(), print, given);
  expect([code, stdout]).toEqual([0, '-Mnothing::there /nonexistent.so\n']);
  // The loader complains of it once for the program, and never for what stands before it.
  expect(stderr.match(/LD_PRELOAD/g)).toHaveLength(1);
  expect((await through(apart(), print, variables)).code).not.toBe(0);
});

it('a program that cannot be run is said as systemd says it', async () => {
  const { code, stderr } = await through(apart(), ['/nonexistent/program']);
  expect([code, stderr]).toEqual([notRunnable, '/nonexistent/program: No such file or directory\n']);
});

it('stands in a command of systemd-run as it is: nothing of it is taken for a variable', () => {
  expect(apart()).toHaveLength(4);
  for (const word of apart()) expect(word).not.toMatch(/^\$|\$[{$]/);
  expect([isApart(apart().join(' ')), isApart('ExecStart="/usr/bin/node"'), isApart(undefined)]).toEqual([
    true,
    false,
    false,
  ]);
});
