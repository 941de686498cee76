import { pino } from 'pino';
import { expect, it } from 'vitest';
import type { PanelEvent } from '#shared/events.ts';
import { createEvents } from './events.ts';

const site = (siteId: string): PanelEvent => ({ type: 'site', siteId, change: 'updated' });

function reader(
  events: ReturnType<typeof createEvents>,
  more: { topics?: string[]; maxWaiting?: number; forbidden?: string } = {},
) {
  let wakes = 0;
  const subscription = events.subscribe({
    topics: more.topics ?? [],
    isAllowed: ({ type }) => type !== more.forbidden,
    wake: () => (wakes += 1),
    ...(more.maxWaiting === undefined ? {} : { maxWaiting: more.maxWaiting }),
  });
  return { subscription, wakes: () => wakes };
}

it('everybody gets what they may see, woken once until they look', () => {
  const events = createEvents(pino({ level: 'silent' }));
  const one = reader(events);
  const other = reader(events, { forbidden: 'site' });
  events.publish(site('a'));
  events.publish(site('b'));
  expect(one.wakes()).toBe(1);
  expect(one.subscription.take()).toEqual([site('a'), site('b')]);
  expect(one.subscription.take()).toEqual([]);
  expect(other.subscription.take()).toEqual([]);
});

it('a reader too far behind gets resync instead of a hole, and the others lose nothing', () => {
  const events = createEvents(pino({ level: 'silent' }));
  const slow = reader(events, { maxWaiting: 3 });
  const quick = reader(events);
  for (const id of ['a', 'b', 'c', 'd', 'e']) events.publish(site(id));
  expect(slow.subscription.take()).toEqual([{ type: 'resync' }]);
  expect(quick.subscription.take()).toHaveLength(5);
  events.publish(site('f'));
  expect(slow.subscription.take()).toEqual([site('f')]);
});

it('readers of a topic are counted as they come and go', () => {
  const events = createEvents(pino({ level: 'silent' }));
  const counts: number[] = [];
  events.onReaders('system', (count) => counts.push(count));
  const one = reader(events, { topics: ['system'] });
  reader(events);
  const two = reader(events, { topics: ['system'] });
  one.subscription.close();
  one.subscription.close();
  two.subscription.close();
  expect(counts).toEqual([1, 2, 1, 0]);
});

it('a reader that throws harms nobody else', () => {
  const events = createEvents(pino({ level: 'silent' }));
  events.subscribe({
    topics: [],
    isAllowed: () => {
      throw new Error('broken');
    },
    wake: () => undefined,
  });
  const good = reader(events);
  events.publish(site('a'));
  expect(good.subscription.take()).toEqual([site('a')]);
});
