import type { TFunction } from 'i18next';
import type { BackupRequest, BackupRun, BackupState, ReportLine } from '#shared/backups.ts';
import { errorCodes, type ErrorParams } from '#shared/errors.ts';
import { ApiError, type ApiErrorCode } from '../../api/errors.ts';
import type { Format } from '../../ui/format.ts';

type Loose = (key: string, params?: Record<string, unknown>) => string;

/** What a run does, in the words of its job. */
export function runTitle(t: TFunction, request: BackupRequest, state: BackupState | undefined): string {
  const planId = 'planId' in request ? request.planId : null;
  const targetId = 'targetId' in request ? request.targetId : null;
  const plan = state?.plans.find(({ id }) => id === planId)?.plan.name;
  const target = state?.targets.find(({ id }) => id === targetId)?.name;
  const verb = request.kind === 'restore' && request.isDryRun ? 'dry_run' : request.kind;
  return (t as unknown as Loose)(`jobs.backups.${verb}`, { name: plan ?? target ?? '…' });
}

/** A failure as an error, for its sentence. */
export function failureError({ code, reason, params }: NonNullable<BackupRun['failure']>): ApiError {
  return new ApiError({
    code: Object.hasOwn(errorCodes, code) ? (code as ApiErrorCode) : 'internal',
    ...(reason === null ? {} : { reason }),
    params: params as ErrorParams,
  });
}

/** What it is doing now; neutral words for what a newer agent does. */
export function phaseText(t: TFunction, phase: string): string {
  const say = t as unknown as Loose;
  return say(`backups.phase.${phase}`, { defaultValue: say('backups.phase.other') });
}

/** Why a line stands in a report, with amounts as this person reads them; empty when it says nothing more. */
export function reasonText(t: TFunction, { reason, params }: ReportLine, format: Format): string {
  if (reason === null) {
    const { bytes, at } = params;
    if (typeof bytes === 'number') return format.bytes(bytes);
    return typeof at === 'string' ? format.dateTime(at) : '';
  }
  const say = t as unknown as Loose;
  const shown: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(params)) shown[name] = shownParam(name, value, format);
  // A set that stays has the reasons of the retention.
  const why = say(`backups.plan.why.${reason}`, { defaultValue: say('backups.report.other') });
  return say(`backups.report.${reason}`, { ...shown, defaultValue: why });
}

function shownParam(name: string, value: string | number | boolean, format: Format): unknown {
  if (typeof value !== 'number') return value;
  if (/bytes$/i.test(name)) return format.bytes(value);
  if (/ms$/i.test(name)) return format.duration(value);
  if (/seconds$/i.test(name) && !/persecond/i.test(name)) return format.duration(value * 1_000);
  if (name === 'uid') return String(value);
  if (/mode$/i.test(name)) return value.toString(8).padStart(4, '0');
  return format.number(value);
}

/** The lines of a report by what happened, what matters most first. */
export const reportOrder = [
  'measured',
  'changed',
  'removed',
  'created',
  'left_out',
  'normalised',
  'kept',
  'unchanged',
] as const satisfies readonly ReportLine['what'][];

export function groupReport(report: readonly ReportLine[]): { what: ReportLine['what']; lines: ReportLine[] }[] {
  return reportOrder.flatMap((what) => {
    const lines = report.filter((line) => line.what === what);
    return lines.length === 0 ? [] : [{ what, lines }];
  });
}
