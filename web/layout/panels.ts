import { createStore } from './store.ts';

/** What lies over the page: the job drawer (with one job opened or the list). */
export const jobsDrawer = createStore<{
  readonly isOpen: boolean;
  readonly jobId: string | null;
  /** The drawer is loaded with the first opening and stays. */
  readonly wasOpened: boolean;
}>({ isOpen: false, jobId: null, wasOpened: false });

/** Opens the drawer at one job, or at the list. */
export function openJobs(jobId: string | null = null): void {
  jobsDrawer.set({ isOpen: true, jobId, wasOpened: true });
}
export function closeJobs(): void {
  jobsDrawer.set((before) => ({ ...before, isOpen: false }));
}

/** Notices that wait in the bell until somebody looks. */
export type Notice = {
  readonly id: string;
  readonly at: string;
  readonly tone: 'good' | 'bad' | 'warn';
  readonly title: string;
  readonly jobId?: string;
  readonly isRead: boolean;
};
export const notices = createStore<readonly Notice[]>([]);

const maxNotices = 50;
export function addNotice(notice: Omit<Notice, 'isRead'>): void {
  notices.set((before) =>
    [{ ...notice, isRead: false }, ...before.filter(({ id }) => id !== notice.id)].slice(0, maxNotices),
  );
}

/** The command palette is loaded when it is first asked for; `times` rises with each wish to open it. */
export const palette = createStore({ times: 0 });
export function openPalette(): void {
  palette.set(({ times }) => ({ times: times + 1 }));
}
