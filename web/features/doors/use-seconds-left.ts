import { useEffect, useState } from 'react';
import { doorsConfirmMs } from '#shared/doors.ts';

const tickMs = 500;

function secondsUntil(until: string): number {
  return Math.ceil(Math.min(Math.max(0, Date.parse(until) - Date.now()), doorsConfirmMs) / 1000);
}

/** Seconds until then, counted down; never more than a change is given, however the clocks differ. */
export function useSecondsLeft(until: string): number {
  const [left, setLeft] = useState(() => secondsUntil(until));
  useEffect(() => {
    const timer = setInterval(() => setLeft(secondsUntil(until)), tickMs);
    return () => clearInterval(timer);
  }, [until]);
  return left;
}
