import { readFileSync } from 'node:fs';
import { dumps } from '../dumps.ts';
import { readAll } from '../stream.ts';
import { mariadbSource, postgresSource, workIn } from './servers.ts';

/* dump-child.ts PREFIX ENGINE DATABASE: dumps into nothing and says what it took, as JSON. */

const [prefix = '', engine = '', database = ''] = process.argv.slice(2);
const source = engine === 'mariadb' ? mariadbSource(database) : postgresSource(database);
const startedAt = performance.now();
const dump = await dumps.open(workIn(prefix), source);
await readAll(dump.stream);
const { bytes, tables } = await dump.facts;
const seconds = (performance.now() - startedAt) / 1000;
// What getrusage() says begins with what the process was forked from.
const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
const maxRssMb = Math.round(Number(peak) / 1024);
const cpuSeconds = process.resourceUsage().userCPUTime / 1e6;
console.log(JSON.stringify({ bytes, tables, seconds, cpuSeconds, maxRssMb }));
