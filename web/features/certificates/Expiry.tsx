import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { endingStage } from '#shared/certificate-trouble.ts';
import { useFormat } from '../../ui/format.ts';
import { Status, type Tone } from '../../ui/Status.tsx';

const dayMs = 86_400_000;

const fewDays = 7;

/**
 * How much of its life a certificate has left; the last sixth and week, twelfth and day are pointed out. Of one whose beginning
 * is not known, week and day alone.
 */
export function expiryOf(
  { validFrom, validUntil }: { readonly validFrom?: string; readonly validUntil: string },
  now: number,
): { readonly tone: Tone; readonly days: number } {
  const leftMs = Date.parse(validUntil) - now;
  const stage =
    validFrom === undefined
      ? null
      : endingStage({ validFrom: Date.parse(validFrom), validUntil: Date.parse(validUntil) }, now);
  const isLast = stage === 'over' || stage === 'twelfth' || leftMs < dayMs;
  const tone = isLast ? 'bad' : stage === 'sixth' || leftMs < fewDays * dayMs ? 'warn' : 'good';
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
        {isOver
          ? t('certificates.expired')
          : days === 0
            ? t('certificates.endsToday')
            : t('certificates.daysLeft', { count: days, value: format.number(days) })}
      </Status>{' '}
      <small>{format.date(of.validUntil)}</small>
    </span>
  );
}
