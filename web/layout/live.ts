import { useQueryClient } from '@tanstack/react-query';
import { useLocation } from '@tanstack/react-router';
import { useEffect } from 'react';
import { eventsApi, type PanelEvent } from '#shared/events.ts';
import type { Job } from '#shared/jobs.ts';
import type { SystemSample } from '#shared/system.ts';
import { urlOf } from '../api/client.ts';
import { useStream, type StreamState } from '../api/stream.ts';
import { mergeSamples } from './samples.ts';
import { createStore, useStore } from './store.ts';

const topics = ['hello', 'system', 'site', 'job', 'agent', 'resync'] as const;

/** Samples of the last minutes, oldest first; filled while a screen asks for them. */
const samples = createStore<readonly SystemSample[]>([]);
const maxSamples = 300;
const samplesWanted = createStore(0);

let wasGreeted = false;

export const agentState = createStore<'up' | 'away' | 'unknown'>('unknown');

const jobListeners = new Set<(job: Job) => void>();
/** Called with each state of each job as it happens. Returns a function that ends it. */
export function onJob(listener: (job: Job) => void): () => void {
  jobListeners.add(listener);
  return () => void jobListeners.delete(listener);
}

/** Live samples of the machine while the caller is shown. */
export function useSamples(): readonly SystemSample[] {
  useEffect(() => {
    samplesWanted.set((count) => count + 1);
    return () => samplesWanted.set((count) => count - 1);
  }, []);
  return useStore(samples);
}

/** Puts what the panel kept before and between the live ones: a break of the stream leaves no hole. */
export function seedSamples(kept: readonly SystemSample[]): void {
  samples.set((now) => mergeSamples(kept, now).slice(-maxSamples));
}

/** The one event stream of the page; held by the shell. Marks cached data as stale when the panel says that it changed. */
export function useLive(): StreamState {
  const client = useQueryClient();
  // Known from the address before the dashboard itself is loaded: the stream is opened once, not twice.
  const isDashboard = useLocation({ select: ({ pathname }) => pathname === '/' });
  const isSystemWanted = useStore(samplesWanted) > 0 || isDashboard;
  const url = urlOf(eventsApi.stream, isSystemWanted ? { query: { topics: 'system' } } : {});

  return useStream(url, topics, (_name, data) => {
    const event = data as PanelEvent;
    switch (event.type) {
      case 'hello':
      case 'resync':
        // After a break nobody knows what was missed; before the first greeting there was nothing to miss.
        if (event.type === 'hello' && !wasGreeted) {
          wasGreeted = true;
          break;
        }
        void client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'me' });
        break;
      case 'system':
        samples.set((before) => [...before, event.sample].slice(-maxSamples));
        break;
      case 'site':
        void client.invalidateQueries({ queryKey: ['sites'] });
        void client.invalidateQueries({ queryKey: ['site', event.siteId] });
        void client.invalidateQueries({ queryKey: ['site-changes'] });
        void client.invalidateQueries({ queryKey: ['system'] });
        break;
      case 'job':
        for (const listener of jobListeners) listener(event.job);
        void client.invalidateQueries({ queryKey: ['jobs'] });
        if (event.job.endedAt !== null) {
          void client.invalidateQueries({ queryKey: ['software'] });
          void client.invalidateQueries({ queryKey: ['php'] });
          void client.invalidateQueries({ queryKey: ['apps'] });
          void client.invalidateQueries({ queryKey: ['backups'] });
          void client.invalidateQueries({ queryKey: ['system'] });
        }
        break;
      case 'agent':
        agentState.set(event.state);
        void client.invalidateQueries({ queryKey: ['system'] });
        break;
    }
  });
}
