import type { TFunction } from 'i18next';
import type { Job } from '#shared/jobs.ts';

/** Work on files that is not about an archive, by `subject.what`. */
const fileWorks: Readonly<Record<string, string>> = {
  fetch: 'files_fetch',
  set: 'files_rights',
  undo: 'files_rights_undo',
};

type Loose = (key: string, params?: Record<string, unknown>) => string;

/** What the job does, in the person's language: `Install nginx`. */
export function jobTitle(t: TFunction, job: Pick<Job, 'kind' | 'subject'>): string {
  const loose = t as unknown as Loose;
  const isRenewal = job.kind === 'certificates.issue' && job.subject['what'] === 'renew';
  const isRemoval =
    job.kind === 'databases.run' &&
    ['remove', 'restore', 'import', 'bring_back', 'maintain', 'rename'].includes(job.subject['what'] ?? '');
  const isImport = job.kind === 'sites.copy' && job.subject['what'] === 'import';
  const isFile = job.kind === 'sites.copy' && job.subject['what'] === 'file';
  const ofFiles = job.kind === 'files.work' ? fileWorks[job.subject['what'] ?? ''] : undefined;
  const name = isRenewal
    ? 'certificates_renew'
    : isImport
      ? 'sites_import'
      : isFile
        ? 'sites_file'
        : isRemoval
          ? `databases_${job.subject['what']}`
          : (ofFiles ?? job.kind.replaceAll('.', '_'));
  const kind = loose(`jobs.kinds.${name}`, job.subject);
  if (job.kind !== 'backups.run') return kind;
  const { what, plan, target, isDryRun } = job.subject;
  const verb = what === 'restore' && isDryRun === 'true' ? 'dry_run' : what;
  return loose(`jobs.backups.${verb}`, { name: plan ?? target ?? '…', defaultValue: kind });
}

/** What a step does; its plain name when a newer panel has one that is not known here. */
export function jobStepName(t: TFunction, name: string): string {
  return (t as unknown as Loose)(`jobs.steps.${name}`, { defaultValue: name });
}
