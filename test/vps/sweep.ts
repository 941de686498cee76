// `node test/vps/sweep.ts [PID]`: takes away machines and namespaces of runs whose process is gone; with a process id
// waits for the end of that one first.
import { setTimeout as wait } from 'node:timers/promises';
import { startTime, sweep } from './world.ts';

const pid = Number(process.argv[2] ?? 0);
const started = pid > 0 ? startTime(pid) : undefined;
while (started !== undefined && startTime(pid) === started) await wait(500);
await sweep();
