import type { TFunction } from 'i18next';
import type { Me } from '#shared/accounts.ts';
import type { Format } from '../../ui/format.ts';

export type AccountNotice = Me['notices'][number];

export function noticeTitle(t: TFunction, { kind, left }: AccountNotice, format: Format): string {
  if (kind === 'few_recovery_codes')
    return t('accounts.notices.few', { count: left ?? 0, value: format.number(left ?? 0) });
  return t(kind === 'new_device' ? 'accounts.notices.newDevice' : 'accounts.notices.codeUsed');
}

/** When, on what, from where; and what to do when it was somebody else. */
export function noticeText(
  t: TFunction,
  { kind, at, address, userAgent }: AccountNotice,
  format: Format,
  deviceName: (userAgent: string) => string,
): string {
  if (kind === 'few_recovery_codes') return t('accounts.notices.fewText');
  return t('accounts.notices.where', { time: format.dateTime(at), device: deviceName(userAgent), address });
}
