import type { CronExported } from '#shared/cron-transfer.ts';
import { ApiError } from '../../api/errors.ts';
import { saveText } from '../../ui/save-text.ts';

/** Gives the person the file. */
export function saveCronFile(file: CronExported): void {
  saveText(`scheduled-jobs-${file.exportedAt.slice(0, 10)}.json`, `${JSON.stringify(file, null, 2)}\n`);
}

/** The jobs of a file that a panel made; undefined for anything else. What a job says is looked at by the panel. */
export function jobsOfFile(text: string): readonly unknown[] | undefined {
  try {
    const file = JSON.parse(text) as { format?: unknown; version?: unknown; jobs?: unknown } | null;
    if (file?.format !== 'aapanel-scheduled-jobs' || file.version !== 1) return undefined;
    return Array.isArray(file.jobs) && file.jobs.length > 0 ? file.jobs : undefined;
  } catch {
    return undefined;
  }
}

type Failure = {
  readonly code: string;
  readonly reason: string | null;
  readonly params: Readonly<Record<string, unknown>>;
  readonly fields: readonly {
    readonly field: string;
    readonly code: string;
    readonly params: Readonly<Record<string, unknown>>;
  }[];
};

/** Why one of many was refused, as the error that it would have been by itself. */
export function errorOf({ code, reason, params, fields }: Failure): ApiError {
  return new ApiError({ code, params, fields, ...(reason === null ? {} : { reason }) } as ConstructorParameters<
    typeof ApiError
  >[0]);
}
