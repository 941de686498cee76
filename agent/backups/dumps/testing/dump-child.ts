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
const maxRssMb = Math.round(process.resourceUsage().maxRSS / 1024);
const cpuSeconds = process.resourceUsage().userCPUTime / 1e6;
console.log(JSON.stringify({ bytes, tables, seconds, cpuSeconds, maxRssMb }));
