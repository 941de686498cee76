import { pipeline } from 'node:stream/promises';
import { findProgram, startProgram } from '../core/run.ts';
import { ArchiveError } from './archive-error.ts';
import { ByteSource } from './byte-source.ts';
import { checkRatio } from './compression.ts';
import type { ExtractLimits } from './limits.ts';

/*
 * Node reads no xz: where the machine has its program, that is put in front of the extractor. It runs without rights as a
 * user of its own, reads a pipe and writes a pipe, and what comes out of it is as foreign as what went in.
 */

const magic = Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]);
/** What a tar in xz may not be again: something packed. */
const packed = [
  [0x1f, 0x8b],
  [0x28, 0xb5, 0x2f, 0xfd],
  [0x50, 0x4b],
  [0xfd, 0x37, 0x7a],
  [0x42, 0x5a, 0x68],
] as const;

export type XzWalls = {
  /** undefined: it stays who it is. */
  readonly user: number | undefined;
  /** Programs in front that take away what it does not need. */
  readonly before: readonly string[];
  readonly limits: ExtractLimits;
  readonly signal: AbortSignal | undefined;
};

/** The stream as it is, or what xz makes of it when it begins as one and the program is there. */
export async function* withoutXz(input: AsyncIterable<Buffer>, walls: XzWalls): AsyncGenerator<Buffer> {
  const source = new ByteSource(input);
  const head = await source.peek(magic.length);
  const xz = head.equals(magic) ? findProgram('xz') : undefined;
  const walled = rightless(walls.user);
  // As it is: the extractor refuses it by its name.
  if (xz === undefined || walled === undefined) return yield* source.rest();
  yield* unxz([...walls.before, ...walled, xz], source, walls);
}

async function* unxz(xz: readonly string[], source: ByteSource, { limits, signal }: XzWalls): AsyncGenerator<Buffer> {
  const [program, ...args] = [
    ...xz,
    '--decompress',
    '--stdout',
    '--threads=1',
    `--memlimit-decompress=${limits.decoderMemoryBytes}`,
  ];
  const child = startProgram(program, args, {
    stdin: 'pipe',
    ...(signal === undefined ? {} : { signal }),
  });
  let broken: unknown;
  const feeding = pipeline(source.rest(), child.stdin).catch((error: unknown) => {
    // A program that ends early breaks the pipe: why is in how it ended.
    if (!isPipe(error)) broken = error;
    if (broken !== undefined) child.kill();
  });
  let unpacked = 0;
  try {
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
      if (unpacked === 0 && packed.some((bytes) => bytes.every((each, at) => chunk[at] === each)))
        throw new ArchiveError('compression', 'Something packed lies in the compressed stream.');
      unpacked += chunk.length;
      checkRatio(unpacked, source.position, limits);
      yield chunk;
    }
    const { code, stderr } = await child.ended;
    if (broken !== undefined) throw broken;
    if (code !== 0)
      throw /memory usage limit/i.test(stderr)
        ? new ArchiveError('resources', 'The compressed stream asks for too much memory.')
        : new ArchiveError('damaged', 'The compressed stream is damaged.', '', stderr.slice(-500));
    await feeding;
  } finally {
    child.kill();
    await source.close();
  }
}

/** Programs in front that give up all rights; undefined where root would have to keep them. */
function rightless(user: number | undefined): string[] | undefined {
  const setpriv = findProgram('setpriv');
  const prlimit = findProgram('prlimit');
  if (user !== undefined && setpriv === undefined) return undefined;
  const nobody =
    user === undefined
      ? []
      : [`--reuid=${user}`, `--regid=${user}`, '--clear-groups', '--inh-caps=-all', '--bounding-set=-all'];
  return [
    ...(prlimit === undefined ? [] : [prlimit, '--core=0:0', '--nofile=64:64', '--fsize=0:0', '--']),
    ...(setpriv === undefined ? [] : [setpriv, '--no-new-privs', '--pdeathsig', 'KILL', ...nobody, '--']),
  ];
}

function isPipe(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  return code === 'EPIPE' || code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ERR_STREAM_DESTROYED';
}
