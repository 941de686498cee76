import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../ui/format.ts';
import { Status, type Tone } from '../../ui/Status.tsx';

const dayMs = 86_400_000;

const fewDays = 7;

/** How much of its life a certificate has left; the last twelfth, sixth and week are pointed out. */
export function expiryOf(
  { validFrom, validUntil }: { readonly validFrom: string; readonly validUntil: string },
  now: number,
): { readonly tone: Tone; readonly days: number } {
  const leftMs = Date.parse(validUntil) - now;
  const share = leftMs / Math.max(1, Date.parse(validUntil) - Date.parse(validFrom));
  const isSoon = share < 1 / 6 || leftMs < fewDays * dayMs;
  const tone = leftMs <= 0 || share < 1 / 12 ? 'bad' : isSoon ? 'warn' : 'good';
  return { tone, days: Math.max(0, Math.floor(leftMs / dayMs)) };
}

export function Expiry({ of }: { readonly of: { readonly validFrom: string; readonly validUntil: string } }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [now] = useState(Date.now);
  const { tone, days } = expiryOf(of, now);
  const isOver = Date.parse(of.validUntil) <= now;
  return (
    <span>
      <Status tone={tone}>
        {isOver ? t('certificates.expired') : t('certificates.daysLeft', { count: days, value: format.number(days) })}
      </Status>{' '}
      <small>{format.date(of.validUntil)}</small>
    </span>
  );
}
