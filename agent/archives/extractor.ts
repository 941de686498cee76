import { become } from '../core/become.ts';
import { closeFile, openFolder } from '../core/files.ts';
import { ByteSource } from './byte-source.ts';
import { extractInto } from './extract.ts';
import { readPreface, writeAnswer } from './protocol.ts';

/*
 * The process that unpacks: it opens the one folder it may write to, gives up every right, and only then reads. What it
 * answers is one line on standard output; exit 0 only after a whole archive.
 */

/** `args`: the folder, and the number of the user and group to become (`-` to stay who it is). Answers the exit code. */
export async function runExtractor(args: readonly string[]): Promise<number> {
  const [folder, owner] = args;
  if (folder === undefined || owner === undefined || args.length !== 2) throw new Error('usage: FOLDER OWNER');
  const root = openFolder(folder);
  if (owner !== '-') become(Number(owner), [Number(owner)]);
  process.umask(0o022);
  const source = new ByteSource(process.stdin);
  try {
    const rules = await readPreface(source);
    const report = await extractInto(source.rest(), root, rules);
    await say(writeAnswer(report));
    return 0;
  } catch (error) {
    await say(writeAnswer({ error }));
    return 1;
  } finally {
    // A source that never goes on must not keep this process.
    process.stdin.destroy();
    closeFile(root);
  }
}

async function say(line: string): Promise<void> {
  await new Promise<void>((resolve) => void process.stdout.write(line, () => resolve()));
}
