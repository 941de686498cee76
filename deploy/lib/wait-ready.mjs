// wait-ready.mjs URL SECONDS - waits until the panel answers 200. Its own certificate is known to nobody, and only this
// machine is asked: it is not checked.
import { request } from 'node:https';
import { request as requestPlain } from 'node:http';

const [url, seconds] = process.argv.slice(2);
const end = Date.now() + Number(seconds) * 1000;
let last = 'no answer';

function ask() {
  return new Promise((resolve) => {
    const start = url.startsWith('https:') ? request : requestPlain;
    const call = start(url, { rejectUnauthorized: false, timeout: 2000 }, (answer) => {
      answer.resume();
      last = `status ${answer.statusCode}`;
      resolve(answer.statusCode === 200);
    });
    call.on('timeout', () => call.destroy(new Error('timeout')));
    call.on('error', (error) => {
      last = error.message;
      resolve(false);
    });
    call.end();
  });
}

while (!(await ask())) {
  if (Date.now() > end) {
    console.error(`${url}: ${last}`);
    process.exit(1);
  }
  await new Promise((resolve) => setTimeout(resolve, 100));
}
