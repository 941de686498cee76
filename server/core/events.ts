import type { PanelEvent } from '#shared/events.ts';
import type { Log } from './log.ts';

/** Events that wait for one reader; one more and everything waiting is replaced by `resync`. */
const defaultMaxWaiting = 256;

export type EventSubscription = {
  /** Everything that waits, oldest first; empty when nothing does. */
  take(): PanelEvent[];
  close(): void;
};

export type EventReader = {
  /** Names from `?topics=`: events of a topic go only to those who asked for it. */
  readonly topics: readonly string[];
  /** Whether this person may see the event. */
  isAllowed(event: PanelEvent): boolean;
  /** Called when something waits; at most once until `take()`. */
  wake(): void;
  readonly maxWaiting?: number;
};

export type Events = {
  /** Never throws and never waits: slow readers get `resync`. */
  publish(event: PanelEvent): void;
  subscribe(reader: EventReader): EventSubscription;
  /** How many readers follow this topic. */
  readerCount(topic: string): number;
  /** Called with each new number of readers of this topic; returns a function that ends it. */
  onReaders(topic: string, callback: (count: number) => void): () => void;
};

/** Event types that only go to readers who named the topic. */
const topicOf: Partial<Record<PanelEvent['type'], string>> = { system: 'system' };

/** The bus between the parts of this process and the browsers that listen. */
export function createEvents(log: Log): Events {
  const readers = new Set<{ readonly reader: EventReader; readonly offer: (event: PanelEvent) => void }>();
  const watchers = new Set<{ readonly topic: string; readonly callback: (count: number) => void }>();

  function readerCount(topic: string): number {
    return [...readers].filter(({ reader }) => reader.topics.includes(topic)).length;
  }

  function announce(topics: readonly string[]): void {
    for (const { topic, callback } of watchers) if (topics.includes(topic)) callback(readerCount(topic));
  }

  return {
    publish(event) {
      const topic = topicOf[event.type];
      for (const { reader, offer } of readers) {
        if (topic !== undefined && !reader.topics.includes(topic)) continue;
        try {
          if (reader.isAllowed(event)) offer(event);
        } catch (error) {
          log.error({ err: error, event: event.type }, 'an event could not be handed to a reader');
        }
      }
    },
    subscribe(reader) {
      const limit = reader.maxWaiting ?? defaultMaxWaiting;
      let waiting: PanelEvent[] = [];
      const entry = {
        reader,
        offer(event: PanelEvent) {
          const wasEmpty = waiting.length === 0;
          // A sample is only good until the next one: no reader needs to catch up on them.
          if (event.type === 'system') waiting = waiting.filter(({ type }) => type !== 'system');
          if (waiting.length >= limit) waiting = [{ type: 'resync' }];
          else if (waiting[0]?.type !== 'resync' || event.type === 'system') waiting.push(event);
          if (wasEmpty) reader.wake();
        },
      };
      readers.add(entry);
      announce(reader.topics);
      return {
        take() {
          const taken = waiting;
          waiting = [];
          return taken;
        },
        close() {
          if (!readers.delete(entry)) return;
          waiting = [];
          announce(reader.topics);
        },
      };
    },
    readerCount,
    onReaders(topic, callback) {
      const watcher = { topic, callback };
      watchers.add(watcher);
      return () => void watchers.delete(watcher);
    },
  };
}
