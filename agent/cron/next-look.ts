import { z } from 'zod';
import { readText } from '../core/files.ts';
import { putJsonFile } from '../core/json-file.ts';
import type { Machine } from '../core/machine.ts';

/* When somebody has to look at the scheduled jobs again; read every second where no systemd is, and so kept small. */

const nextLook = z.object({
  /** Epoch ms; null: nothing is planned. */
  nextAt: z.number().nullable(),
  /** The earliest timer that was set. */
  timer: z.object({ at: z.number(), bootId: z.string() }).nullable(),
});
export type NextLook = z.infer<typeof nextLook>;

type Where = Pick<Machine, 'stateFolder'>;
const pathOf = ({ stateFolder }: Where): string => `${stateFolder}/cron/next.json`;

/** Undefined: nothing was planned yet, or it cannot be read. */
export function readPlan(where: Where): NextLook | undefined {
  try {
    return nextLook.parse(JSON.parse(readText(pathOf(where)) ?? ''));
  } catch {
    return undefined;
  }
}

export async function writePlan(where: Where, plan: NextLook): Promise<void> {
  await putJsonFile(pathOf(where), plan);
}

/** Epoch ms; undefined when never. */
export function readNextLook(where: Where): number | undefined {
  return readPlan(where)?.nextAt ?? undefined;
}
