import { renameSync, symlinkSync, mkdirSync } from 'node:fs';

/*
 * For tests, as a process of its own: a folder and a link to somewhere else change places at one name, as fast as they can.
 */

const [base = '', outside = ''] = process.argv.slice(2);
mkdirSync(`${base}/real`, { recursive: true });
symlinkSync(outside, `${base}/link`);
process.stdout.write('swapping\n');
for (;;) {
  try {
    renameSync(`${base}/real`, `${base}/door`);
    renameSync(`${base}/door`, `${base}/real`);
    renameSync(`${base}/link`, `${base}/door`);
    renameSync(`${base}/door`, `${base}/link`);
  } catch {
    // What is worked on took it away for a moment.
  }
}
