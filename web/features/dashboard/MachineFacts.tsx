import { Skeleton } from '@mantine/core';
import type { z } from 'zod';
import { useTranslation } from 'react-i18next';
import type { systemInfo } from '#shared/system.ts';
import { useFormat } from '../../ui/format.ts';
import { Status, type Tone } from '../../ui/Status.tsx';
import { Token } from '../../ui/Token.tsx';
import classes from './MachineFacts.module.css';

export type SystemInfo = z.output<typeof systemInfo>;

const agentTones: Record<SystemInfo['agent'], Tone> = { real: 'good', fake: 'idle', away: 'bad' };

type FactsProps = { readonly info: SystemInfo | undefined; readonly uptimeSeconds: number | undefined };

/** What machine this is, in one line. */
export function MachineFacts({ info, uptimeSeconds }: FactsProps) {
  const { t } = useTranslation();
  const format = useFormat();
  if (info === undefined) return <Skeleton height={14} width={340} maw="100%" my={4} radius="sm" />;
  return (
    <div className={classes.clip}>
      <ul className={classes.facts} aria-label={t('dashboard.facts.label')}>
        <li>
          <Token>{info.os}</Token>
        </li>
        <li>
          {t('dashboard.facts.kernel')} <Token>{`${info.kernel} ${info.architecture}`}</Token>
        </li>
        <li>
          {t('dashboard.facts.panel')} <Token>{info.panelVersion}</Token>
        </li>
        {uptimeSeconds !== undefined && (
          <li className="numbers">{t('dashboard.facts.up', { time: format.uptime(uptimeSeconds) })}</li>
        )}
        <li>
          <Status tone={agentTones[info.agent]}>{t(`dashboard.facts.agent.${info.agent}`)}</Status>
        </li>
      </ul>
    </div>
  );
}
