import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { Readable } from 'node:stream';
import { startProgram } from '../core/run.ts';

/*
 * The output of a terminal in a flood. The kernel gives 4 KiB at a time and waits until they are taken, so that whoever
 * reads is woken 25,000 times a second for 100 MB/s; on a virtual machine each waking of an idle processor costs more than
 * carrying the bytes. So where there are several processors, a process does nothing but take them from the kernel at once and
 * hand them on, while this one is not idle at all as long as the flood lasts. Measured on two processors: 64 MB/s became 100,
 * with the processor time of all together as before; with one processor it would be less than without.
 */

/** What the program wrote; the bytes are others as soon as it returns. */
export type Output = (chunk: Uint8Array) => void;

const perl = '/usr/bin/perl';

/**
 * From the terminal (3) to its output, until the program's side is closed (EIO) or whoever reads has gone: nobody else may hold
 * a terminal open. What waits between the two is kept small (SO_SNDBUF): the echo of a key is behind it. The farewell of a
 * closed terminal (SIGHUP) is the shell's, whose last words still come. Perl is a part of every Debian and Ubuntu (perl-base).
 */
const text = [
  'use Errno qw(EAGAIN EINTR)',
  '$SIG{HUP} = "IGNORE"',
  'open my $t, "<&=3" or exit',
  'setsockopt STDOUT, 1, 7, pack "l", 65536',
  'my $both = ""',
  'vec($both, $_, 1) = 1 for 1, 3',
  `for (;;) {
    my $n = sysread $t, my $b, 65536;
    if (defined $n) {
      last unless $n;
      for (my ($o, $w) = (0); $o < $n; $o += $w) { defined ($w = syswrite STDOUT, $b, $n - $o, $o) or exit }
    } elsif ($! == EAGAIN or $! == EINTR) {
      select my $r = $both, undef, undef, undef;
      exit if vec $r, 1, 1;
    } else { last }
  }`,
].join('; ');

/** What a terminal says; its end is the end of the terminal. */
export type Said = {
  readonly stream: Pick<Readable, 'pause' | 'resume' | 'on'>;
  /** Somebody types into a flood: for a while it may be slower, and others get the processor at once. */
  calm?(): void;
  /** Nobody waits for more. */
  cut(): void;
};

export function relayOutput(fd: number, onOutput: Output): Said {
  const waker = createWaker();
  const relay = startProgram(perl, ['-e', text], { extraFds: [fd] });
  relay.ended.catch(() => relay.stdout.destroy());
  const { stdout: stream } = relay;
  stream.on('data', (chunk: Buffer) => {
    onOutput(chunk);
    if (chunk.length >= floodBytes) waker.keepAwake();
  });
  stream.on('error', () => stream.destroy());
  return { stream, calm: () => waker.calm(), cut: () => relay.kill() };
}

export const hasRelay = (): boolean => availableParallelism() > 1 && existsSync(perl);

/** Whoever writes so much at once has more. */
const floodBytes = 4_000;
/** In a flood the next piece comes long before. */
const awakeMs = 2;
/** Part of the time that may be waited in vain, and how much of it is saved up. */
const vain = { share: 0.3, mostMs: 10 } as const;
const calmMs = 1_000;

/**
 * `keepAwake`: from each call on the process is not idle until the next one, or for two milliseconds. Where that is often in vain, others have
 * the processors: then none is idle, and waking costs little.
 */
function createWaker(): { keepAwake(): void; calm(): void } {
  let isAwake = false;
  let calledAt = 0;
  let calmUntil = 0;
  let leftMs: number = vain.mostMs;
  const turn = (): void => {
    const now = performance.now();
    const waitedMs = now - calledAt;
    if (waitedMs < awakeMs && now >= calmUntil) return void setImmediate(turn);
    isAwake = false;
    leftMs -= waitedMs;
  };
  return {
    keepAwake() {
      const now = performance.now();
      leftMs = Math.min(leftMs + vain.share * (now - calledAt), vain.mostMs);
      calledAt = now;
      if (isAwake || leftMs < 0 || now < calmUntil) return;
      isAwake = true;
      setImmediate(turn);
    },
    calm() {
      calmUntil = performance.now() + calmMs;
    },
  };
}
