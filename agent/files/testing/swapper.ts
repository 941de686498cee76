import { existsSync, lstatSync, mkdirSync, renameSync, symlinkSync } from 'node:fs';

/*
 * For tests, as a process of its own: a folder and a link to somewhere else change places at one name, as fast as they can.
 */

const [base = '', outside = ''] = process.argv.slice(2);
let count = 0;
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
    // What is worked on took it away for a moment, or made a folder while there was none.
    putAside();
  }
}

function putAside(): void {
  try {
    if (existsSync(`${base}/real`) && lstatSync(`${base}/door`).isDirectory())
      renameSync(`${base}/door`, `${base}/aside-${count++}`);
  } catch {
    // Gone again.
  }
}
