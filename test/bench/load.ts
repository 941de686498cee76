// node test/bench/load.ts URL SECONDS, the cookie on standard input: 50 connections; prints one line of JSON.
import { text } from 'node:stream/consumers';
import autocannon from 'autocannon';

const [url = '', seconds = '10'] = process.argv.slice(2);
const cookie = (await text(process.stdin)).trim();
const result = await autocannon({ url, connections: 50, duration: Number(seconds), headers: { cookie } });
console.log(
  JSON.stringify({
    requestsPerSecond: result.requests.average,
    p99Ms: result.latency.p99,
    failures: result.errors + result.timeouts + result.non2xx,
  }),
);
