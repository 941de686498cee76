import { createServer } from 'node:net';
import type { z } from 'zod';
import type { Job, jobEvent } from '#shared/jobs.ts';
import type { TestApp, TestClient } from '../../testing.ts';

/** For tests: reads a job until it is in one of these states. */
export async function untilJob(client: TestClient, id: string, states: readonly string[], ms = 15_000): Promise<Job> {
  const endsAt = Date.now() + ms;
  for (;;) {
    const job = (await client.get(`/api/v1/jobs/${id}`)).json as Job;
    if (states.includes(job.state)) return job;
    if (Date.now() > endsAt) throw new Error(`the job is still ${job.state}: ${JSON.stringify(job)}`);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}

export type Received = { event: string; id: string; data: unknown };

/** For tests: a real connection to an event stream of the application, on a free port from 15200 on. */
export async function listen(test: TestApp): Promise<number> {
  for (let port = 15_200; port < 15_300; port += 1) {
    const isFree = await new Promise<boolean>((resolve) => {
      const probe = createServer();
      probe.once('error', () => resolve(false));
      probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
    });
    if (!isFree) continue;
    await test.app.listen({ host: '127.0.0.1', port });
    return port;
  }
  throw new Error('no free port from 15200 to 15299');
}

/** Reads events until `isEnough` says so, then closes the connection. */
export async function readStream(
  port: number,
  path: string,
  client: TestClient,
  isEnough: (events: readonly Received[]) => boolean,
  { lastEventId, ms = 10_000 }: { lastEventId?: string; ms?: number } = {},
): Promise<Received[]> {
  const ended = new AbortController();
  const timer = setTimeout(() => ended.abort(new Error('the stream did not say enough')), ms);
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
    headers: {
      accept: 'text/event-stream',
      ...(client.cookie === undefined ? {} : { cookie: client.cookie }),
      ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
    },
    signal: ended.signal,
  });
  if (answer.status !== 200 || answer.body === null) throw new Error(`status ${answer.status}: ${await answer.text()}`);
  const events: Received[] = [];
  let text = '';
  try {
    for await (const chunk of answer.body.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        const fields = new Map(
          block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
        );
        const data = fields.get('data');
        if (data === undefined) continue;
        events.push({
          event: fields.get('event') ?? '',
          id: fields.get('id') ?? '',
          data: JSON.parse(data) as unknown,
        });
      }
      if (isEnough(events)) break;
    }
  } finally {
    clearTimeout(timer);
    ended.abort();
  }
  return events;
}

export type JobEvent = z.output<typeof jobEvent>;
