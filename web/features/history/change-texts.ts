import type { TFunction } from 'i18next';
import { errorReasons, isErrorReason } from '#shared/error-reasons.ts';
import { ApiError, type ApiErrorCode } from '../../api/errors.ts';
import { errorText } from '../../ui/error-sentences.ts';
import type { SiteChange } from './history.queries.ts';

type Named = Pick<SiteChange, 'action' | 'fields'>;

/** What was done, as a title: `Changed: domains and folder`. */
export function changeTitle(t: TFunction, language: string, { action, fields }: Named): string {
  if (action !== 'update' || fields.length === 0) return t(`history.actions.${action}`);
  const names = fields.map((field) => t(`errors.facts.${field as 'name'}`));
  return t('history.updated', { fields: new Intl.ListFormat(language, { type: 'conjunction' }).format(names) });
}

/** Reasons whose usual sentence speaks of values that the history does not keep. */
const short = [
  'app_exited',
  'app_file_missing',
  'app_instances_share_port',
  'app_killed',
  'app_listens_elsewhere',
  'app_not_executable',
  'app_out_of_memory',
  'app_secret_missing',
  'app_silent',
  'app_start_failed',
  'app_unhealthy',
  'directive_not_allowed',
  'directive_syntax',
  'domain_served_elsewhere',
  'domain_taken',
  'nginx_broken_elsewhere',
  'nginx_rejected',
  'php_broken_elsewhere',
  'php_not_answering',
  'php_rejected',
  'php_version_missing',
  'port_taken',
  'site_adopted',
  'site_drift',
  'site_not_answering',
] as const;

/** Why a change was not made. */
export function failureText(t: TFunction, failure: string | null): string {
  const known = short.find((reason) => reason === failure);
  if (known !== undefined) return t(`history.failures.${known}`);
  if (failure === 'interrupted') return t('history.failures.interrupted');
  if (failure !== null && isErrorReason(failure) && errorReasons[failure].length === 0)
    return errorText(t, new ApiError({ code: 'internal', reason: failure }));
  if (failure !== null && ['agent_unavailable', 'timeout', 'busy', 'config_rejected'].includes(failure))
    return errorText(t, new ApiError({ code: failure as ApiErrorCode }));
  return t('history.failures.other');
}
