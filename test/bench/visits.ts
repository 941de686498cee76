import { request } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';

/** Status of one request on a connection of its own, as a first visitor makes it; 0 when there was no answer. */
export async function visit(host: string, path = '/'): Promise<number> {
  return await new Promise((resolve) => {
    const sent = request({ host: '127.0.0.1', port: 80, path, headers: { Host: host }, agent: false }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0));
      response.on('error', () => resolve(0));
    });
    sent.on('error', () => resolve(0));
    sent.end();
  });
}

/** Asks until nginx answers this host with 200. */
export async function firstAnswer(host: string, path = '/'): Promise<void> {
  const end = Date.now() + 20_000;
  while ((await visit(host, path)) !== 200) {
    if (Date.now() > end) throw new Error(`${host} is not served`);
    await wait(1);
  }
}
