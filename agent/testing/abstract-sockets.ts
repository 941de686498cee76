import { randomUUID } from 'node:crypto';
import { createServer } from 'node:net';
import { run } from '../core/run.ts';

/*
 * For tests: an abstract socket of ours, and a program that says whether it could connect to it and to one that it listens on
 * itself, from a process that it starts.
 */

const connector = `
use Socket;
my ($own, @names) = @ARGV;
sub at { socket(my $s, AF_UNIX, SOCK_STREAM, 0) or die $!; ($s, pack_sockaddr_un("\\0$_[0]")) }
my ($s, $where) = at($own); bind($s, $where) or die $!; listen($s, 5) or die $!;
my $pid = fork;
if ($pid == 0) { for (@names, $own) { my ($c, $to) = at($_); print connect($c, $to) ? "connected\\n" : "$!\\n" } exit }
waitpid $pid, 0;
`;

export type AbstractSocket = {
  /** A program and its arguments. */
  readonly command: readonly [string, ...string[]];
  /** What it says where nothing keeps it from ours. */
  readonly reached: string;
  /** What it says behind what keeps it from ours, as far as this kernel does. */
  readonly kept: string;
  readonly close: () => void;
};

export async function listenAbstract(): Promise<AbstractSocket> {
  const name = `aapanel-${randomUUID()}`;
  const server = createServer((socket) => socket.end()).listen(`\0${name}`);
  // The ABI of Landlock.
  const { stdout } = await run('/usr/bin/perl', ['-e', 'print syscall 444, 0, 0, 1'], { timeoutMs: 10_000 });
  const isKept = Number(stdout) >= 6;
  if (!isKept) console.warn('not run: the kernel of this host keeps no abstract sockets apart (Linux 6.12)');
  const reached = 'connected\nconnected\n';
  return {
    command: ['/usr/bin/perl', '-e', connector, `${name}-own`, name],
    reached,
    kept: isKept ? 'Operation not permitted\nconnected\n' : reached,
    close: () => server.close(),
  };
}
