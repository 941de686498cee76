import { SegmentedControl, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Service } from '#shared/services.ts';
import { CodeView } from '../../ui/CodeView.tsx';
import { ForeignText } from '../../ui/ForeignText.tsx';
import { useFormat } from '../../ui/format.ts';
import { Notice } from '../../ui/Notice.tsx';
import { SideSheet } from '../../ui/SideSheet.tsx';
import { ErrorState, LoadingRows } from '../../ui/States.tsx';
import { Token } from '../../ui/Token.tsx';
import { Journal } from './Journal.tsx';
import { ServiceControls } from './ServiceControls.tsx';
import { serviceQuery } from './services.queries.ts';
import classes from './Services.module.css';
import { ServiceState } from './ServiceState.tsx';

type Part = 'journal' | 'unit';

/** One service beside the list: what it does, why it failed, its switches and its journal. */
export function ServiceSheet({ unit, onClose }: { readonly unit: string; readonly onClose: () => void }) {
  const { t } = useTranslation();
  const [part, setPart] = useState<Part>('journal');
  const [isAsking, setIsAsking] = useState(false);
  const { data, error, refetch } = useQuery(serviceQuery(unit));
  return (
    <SideSheet
      title={<Token>{unit.slice(0, -'.service'.length)}</Token>}
      onClose={onClose}
      size={760}
      closesOnEscape={!isAsking}
    >
      {data === undefined ? (
        error === null ? (
          <LoadingRows rows={8} />
        ) : (
          <ErrorState error={error} onRetry={() => void refetch()} />
        )
      ) : (
        <Stack gap="lg">
          <div>
            <ServiceState service={data.service} />
            <div className={classes.sub}>
              <ForeignText>{data.service.description}</ForeignText>
            </div>
          </div>
          <Guard service={data.service} />
          <Failure failure={data.service.failure} />
          <ServiceControls service={data.service} onAsking={setIsAsking} />
          <Facts service={data.service} path={data.path} />
          <div>
            <SegmentedControl
              size="xs"
              mb="sm"
              value={part}
              onChange={(value) => setPart(value as Part)}
              data={(['journal', 'unit'] as const).map((value) => ({ value, label: t(`services.sheet.${value}`) }))}
              aria-label={t('services.show')}
            />
            {part === 'journal' ? (
              <Journal unit={unit} />
            ) : (
              <CodeView text={data.text} label={data.path ?? unit} maxHeight="60vh" />
            )}
          </div>
        </Stack>
      )}
    </SideSheet>
  );
}

function Guard({ service: { guard } }: { readonly service: Service }) {
  const { t } = useTranslation();
  if (guard === 'none') return null;
  return (
    <Notice tone={guard === 'essential' ? 'warn' : 'info'} title={t(`services.guards.${guard}`)}>
      {t(`services.guards.${guard}Text`)}
    </Notice>
  );
}

function Failure({ failure }: Pick<Service, 'failure'>) {
  const { t } = useTranslation();
  const format = useFormat();
  if (failure === null) return null;
  return (
    <Notice tone="bad" role="alert" title={t('services.failure.title')}>
      {t(`services.failure.${failure.result}`, { code: format.number(failure.code ?? 0) })}
    </Notice>
  );
}

function Facts({ service, path }: { readonly service: Service; readonly path: string | null }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { since, boot, mainPid, memoryBytes, cpuMs, tasks, restarts } = service;
  const facts: readonly (readonly [string, ReactNode])[] = [
    ...(since === null
      ? []
      : [
          [
            t('services.facts.since'),
            <time key="since" dateTime={since} title={format.dateTime(since)}>
              {format.ago(since)}
            </time>,
          ] as const,
        ]),
    [t('services.facts.boot'), t(`services.boot.${boot}`)],
    ...(mainPid === null ? [] : [[t('services.facts.pid'), <Token key="pid">{`${mainPid}`}</Token>] as const]),
    ...(memoryBytes === null ? [] : [[t('services.facts.memory'), format.bytes(memoryBytes)] as const]),
    ...(cpuMs === null ? [] : [[t('services.facts.cpu'), format.duration(cpuMs)] as const]),
    ...(tasks === null ? [] : [[t('services.facts.tasks'), format.number(tasks)] as const]),
    ...(restarts === 0 ? [] : [[t('services.facts.restarts'), format.number(restarts)] as const]),
    ...(path === null
      ? []
      : [
          [
            t('services.facts.file'),
            <Token key="file" mono>
              {path}
            </Token>,
          ] as const,
        ]),
  ];
  return (
    <dl className={classes.facts}>
      {facts.map(([label, value]) => (
        <div key={label} className={label === t('services.facts.file') ? classes.wide : undefined}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
