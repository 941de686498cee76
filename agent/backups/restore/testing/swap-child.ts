import { mkdirSync, writeFileSync } from 'node:fs';
import { makeHolder } from '../places.ts';
import { onSwapStep, swapAll } from '../swap.ts';

// For the test: makes new states ready for the given targets and swaps them; kills itself at one step, or just runs.
const [backups = '', stop = '', ...targets] = process.argv.slice(2);
onSwapStep((step) => {
  if (step === stop) process.kill(process.pid, 'SIGKILL');
});
const swaps = [];
for (const target of targets) {
  const holder = await makeHolder(backups, target);
  mkdirSync(holder.at('new'));
  writeFileSync(holder.at('new/state'), 'new');
  swaps.push({ holder, target });
}
process.stdout.write('ready\n');
await swapAll(backups, 'run1', swaps);
