import { createStore } from '../layout/store.ts';
import { ApiError } from './errors.ts';

/*
 * "Confirm that it is you": asked by one dialog of the page, however many calls wait for the answer.
 */

export type ConfirmQuestion = { readonly confirmed: () => void; readonly withdrawn: () => void };

/** The question that the dialog shows; null: nothing is asked. */
export const confirmQuestion = createStore<ConfirmQuestion | null>(null);

let asked: Promise<void> | undefined;
let times = 0;

/** How often the person has confirmed on this page: tells a call whether that happened while it was under way. */
export function confirmations(): number {
  return times;
}

/** Resolves when the person has confirmed. Throws an ApiError with `isWithdrawn` when they would rather not. */
export function confirmFirst(): Promise<void> {
  asked ??= new Promise<void>((resolve, reject) => {
    confirmQuestion.set({
      confirmed: () => {
        times += 1;
        resolve();
      },
      withdrawn: () => reject(new ApiError({ code: 'elevation_required', isWithdrawn: true })),
    });
  }).finally(() => {
    asked = undefined;
    confirmQuestion.set(null);
  });
  return asked;
}

/** Left of an elevation, in ms; 0 when there is none. */
export function elevatedForMs(elevatedUntil: string | null, now = Date.now()): number {
  return elevatedUntil === null ? 0 : Math.max(0, Date.parse(elevatedUntil) - now);
}

/** So long a person takes to scan a code or to find their key. */
const enoughMs = 3 * 60_000;

/** Asks before a longer procedure begins, so that it is not interrupted at its end. */
export async function confirmBefore(elevatedUntil: string | null): Promise<void> {
  if (elevatedForMs(elevatedUntil) < enoughMs) await confirmFirst();
}
