import { ActionIcon, Skeleton, Text, Tooltip } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useErrorText } from '../../ui/error-text.ts';
import { Notice } from '../../ui/Notice.tsx';
import { Section } from '../../ui/Section.tsx';
import { Status, type Tone } from '../../ui/Status.tsx';
import { CopyButton, Token } from '../../ui/Token.tsx';
import classes from './Facts.module.css';
import { RepairSite } from './RepairSite.tsx';
import { useSite } from './site-context.ts';
import { inspectionQuery, type Inspection } from './sites.queries.ts';

const driftTones = {
  in_sync: 'good',
  changed: 'warn',
  missing: 'warn',
  isolated: 'bad',
  adopted: 'idle',
  unknown: 'idle',
} as const satisfies Record<Inspection['drift'], Tone>;

/** What the agent finds on the machine right now. */
export function SiteMachine() {
  const { t } = useTranslation();
  const site = useSite();
  const errorText = useErrorText();
  const { data: inspection, error, isFetching, refetch } = useQuery(inspectionQuery(site.id));
  return (
    <Section
      title={t('sites.machine.title')}
      actions={
        <Tooltip label={t('sites.machine.check')}>
          <ActionIcon loading={isFetching} aria-label={t('sites.machine.check')} onClick={() => void refetch()}>
            <IconRefresh size={17} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
      }
    >
      {error !== null && inspection === undefined ? (
        <Notice tone="warn">{errorText(error)}</Notice>
      ) : (
        <dl className={classes.machine} aria-busy={inspection === undefined}>
          <div>
            <dt>nginx</dt>
            <dd>{inspection === undefined ? <Wait /> : <NginxState nginx={inspection.nginx} />}</dd>
          </div>
          <div>
            <dt>{t('sites.machine.drift')}</dt>
            <dd>
              {inspection === undefined ? (
                <Wait />
              ) : (
                <>
                  <Status tone={driftTones[inspection.drift]}>{t(`sites.machine.drifts.${inspection.drift}`)}</Status>
                  <div className={classes.path}>
                    <Token mono>{inspection.configPath}</Token>
                    <CopyButton value={inspection.configPath} />
                  </div>
                </>
              )}
            </dd>
          </div>
          <div>
            <dt>{t('sites.machine.root')}</dt>
            <dd>
              {inspection === undefined ? (
                <Wait />
              ) : (
                <Status tone={inspection.rootExists ? 'good' : 'warn'}>
                  {t(inspection.rootExists ? 'sites.machine.rootThere' : 'sites.machine.rootGone')}
                </Status>
              )}
            </dd>
          </div>
          <div>
            <dt>{t('sites.fields.linuxUser')}</dt>
            <dd>{site.linuxUser === '' ? t('common.states.unknown') : <Token mono>{site.linuxUser}</Token>}</dd>
          </div>
        </dl>
      )}
      <RepairSite siteId={site.id} />
    </Section>
  );
}

function Wait() {
  return <Skeleton height={14} width={150} radius="sm" my={4} />;
}

function NginxState({ nginx: { isInstalled, isRunning, version } }: { readonly nginx: Inspection['nginx'] }) {
  const { t } = useTranslation();
  const state = isRunning ? 'running' : isInstalled ? 'stopped' : 'notInstalled';
  const tone = isRunning ? 'good' : isInstalled ? 'bad' : 'warn';
  return (
    <>
      <Status tone={tone}>{t(`software.states.${state}`)}</Status>
      {version !== null && (
        <Text component="span" size="sm" c="dimmed" ms="sm">
          <Token>{version}</Token>
        </Text>
      )}
    </>
  );
}
