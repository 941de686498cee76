import type { Server } from 'node:http';

/** After the last request; long before anybody looks at an idle panel again. */
const quietMs = 15_000;

/**
 * Gives the memory of finished work back to the machine once nobody asks any more: V8 keeps what it once needed until it
 * needs more, and a panel is idle most of its life. Once per busy time; about 0.2 s of one core. Does nothing unless the process
 * was started with `--expose-gc`, as the systemd unit does.
 */
export function releaseMemoryWhenQuiet(server: Server, collect: (() => void) | undefined = ownCollector()): void {
  if (collect === undefined) return;
  let lastAt = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const look = (): void => {
    const waitMs = lastAt + quietMs - performance.now();
    timer = waitMs > 0 ? setTimeout(look, waitMs).unref() : undefined;
    if (timer === undefined) collect();
  };
  server.on('request', () => {
    lastAt = performance.now();
    timer ??= setTimeout(look, quietMs).unref();
  });
  server.once('close', () => clearTimeout(timer));
  // The start is work too.
  timer = setTimeout(look, quietMs).unref();
}

type Collector = (options: { type: 'major'; execution: 'sync'; flavor: 'last-resort' }) => void;

function ownCollector(): (() => void) | undefined {
  const { gc } = globalThis as { gc?: Collector };
  // An ordinary one keeps empty pages for later: a tenth of the whole process here.
  return gc === undefined ? undefined : () => gc({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}
