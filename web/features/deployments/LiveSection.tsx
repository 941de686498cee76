import { Button, Group } from '@mantine/core';
import { IconRocket } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SiteDeploy } from '#shared/site-deploy.ts';
import type { Site } from '#shared/sites.ts';
import { useCan } from '../../api/session.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { Notice } from '../../ui/Notice.tsx';
import { Section } from '../../ui/Section.tsx';
import { sayFailed } from '../../ui/toasts.ts';
import { Token } from '../../ui/Token.tsx';
import { WhyNot } from '../../ui/WhyNot.tsx';
import classes from './Deploy.module.css';
import { DeployOnce } from './DeployOnce.tsx';
import { useStartDeployment, type DeployState } from './deployments.queries.ts';

type LiveSectionProps = {
  readonly site: Site;
  readonly source: NonNullable<SiteDeploy['source']>;
  readonly state: DeployState;
};

/** What visitors get now, where the next release comes from, and the button for it. */
export function LiveSection({ site, source, state }: LiveSectionProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const can = useCan();
  const mayRun = can('deployments.run');
  const mayWrite = can('deployments.write');
  const [isChoosing, setIsChoosing] = useState(false);
  const start = useStartDeployment(site.id);
  const isRunning = state.items.some((item) => item.state === 'running');
  const live = state.items.find((item) => item.isCurrent);
  return (
    <Section
      title={t('deployments.live.title')}
      description={<Token mono>{source.url}</Token>}
      actions={
        <Group gap="xs">
          {mayWrite && (
            <Button variant="default" disabled={isRunning} onClick={() => setIsChoosing(true)}>
              {t('deployments.once.open')}
            </Button>
          )}
          <WhyNot reason={!mayRun}>
            <Button
              disabled={!mayRun || isRunning}
              loading={start.isPending}
              leftSection={<IconRocket size={17} aria-hidden />}
              onClick={() =>
                start.mutate(undefined, {
                  onError: (error) => sayFailed(t('deployments.startFailed'), errorText(error)),
                })
              }
            >
              {t(isRunning ? 'deployments.live.running' : 'deployments.live.deploy')}
            </Button>
          </WhyNot>
        </Group>
      }
    >
      {live === undefined ? (
        <Notice tone="info" title={t('deployments.live.none')}>
          {t('deployments.live.noneText')}
        </Notice>
      ) : (
        <dl className={classes.facts}>
          <div>
            <dt>{t(source.ref.kind === 'branch' ? 'deployments.connect.branch' : 'deployments.connect.tag')}</dt>
            <dd>
              <Token mono>{source.ref.name}</Token>
            </dd>
          </div>
          <div>
            <dt>{t('deployments.live.commit')}</dt>
            <dd>
              {live.commit === null ? (
                t('common.states.none')
              ) : (
                <>
                  <Token mono>{live.commit.hash.slice(0, 10)}</Token> <bdi>{live.commit.message}</bdi>
                </>
              )}
            </dd>
          </div>
          <div>
            <dt>{t('deployments.live.since')}</dt>
            <dd className="numbers">{format.dateTime(live.endedAt ?? live.startedAt)}</dd>
          </div>
          <div>
            <dt>{t('deployments.live.switch')}</dt>
            <dd className="numbers">
              {live.switchMs === null
                ? t('common.states.none')
                : t('deployments.live.switchMs', { ms: format.number(live.switchMs) })}
            </dd>
          </div>
        </dl>
      )}
      {isChoosing && <DeployOnce siteId={site.id} onClose={() => setIsChoosing(false)} />}
    </Section>
  );
}
