import { Button, Group } from '@mantine/core';
import { IconArrowBackUp, IconChevronDown, IconChevronUp } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Site } from '#shared/sites.ts';
import { ApiError } from '../../api/errors.ts';
import { finish } from '../../api/finish.ts';
import { useCan } from '../../api/session.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { Notice } from '../../ui/Notice.tsx';
import { Section } from '../../ui/Section.tsx';
import { Status, type Tone } from '../../ui/Status.tsx';
import { sayDone, sayFailed } from '../../ui/toasts.ts';
import { Token } from '../../ui/Token.tsx';
import { WhyNot } from '../../ui/WhyNot.tsx';
import classes from './Deploy.module.css';
import { DeploymentLog } from './DeploymentLog.tsx';
import { useRollBack, type Deployment, type DeployState } from './deployments.queries.ts';

const tones: Readonly<Record<Deployment['state'], Tone>> = {
  running: 'busy',
  succeeded: 'good',
  failed: 'bad',
  cancelled: 'idle',
};
/** Shown at first; the rest when it is wanted. */
const firstShown = 8;

/** Every deployment with its log, and the way back to those whose release is kept. */
export function Releases({ site, state }: { readonly site: Site; readonly state: DeployState }) {
  const { t } = useTranslation();
  const [isWhole, setIsWhole] = useState(false);
  const running = state.items.find((item) => item.state === 'running')?.id;
  const shown = isWhole ? state.items : state.items.slice(0, firstShown);
  return (
    <Section title={t('deployments.list.title')} description={t('deployments.list.text')} padding="flush">
      <ul className={classes.list}>
        {shown.map((item) => (
          <Row key={item.id} site={site} item={item} isRunning={item.id === running} />
        ))}
      </ul>
      {shown.length < state.items.length && (
        <Group justify="center" p="sm">
          <Button variant="subtle" size="xs" onClick={() => setIsWhole(true)}>
            {t('deployments.list.all')}
          </Button>
        </Group>
      )}
    </Section>
  );
}

function Row({
  site,
  item,
  isRunning,
}: {
  readonly site: Site;
  readonly item: Deployment;
  readonly isRunning: boolean;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const [isOpen, setIsOpen] = useState<boolean | null>(null);
  const isLogShown = isOpen ?? isRunning;
  const { commit, failure } = item;
  return (
    <li className={classes.row}>
      <div className={classes.line}>
        <div className={classes.what}>
          <Group gap="sm">
            <Status tone={item.isCurrent ? 'good' : tones[item.state] === 'good' ? 'idle' : tones[item.state]}>
              {item.isCurrent
                ? t('deployments.list.current')
                : item.state === 'running'
                  ? t(item.isWaiting ? 'deployments.builds.waits' : `deployments.phases.${item.phase}`)
                  : t(`deployments.states.${item.state}`)}
            </Status>
            <span className={classes.message}>
              {item.kind === 'rollback' && <>{t('deployments.list.rollback')} </>}
              {commit === null ? t('deployments.list.noCommit') : <bdi>{commit.message}</bdi>}
            </span>
          </Group>
          <div className={classes.meta}>
            <Token mono>{item.ref}</Token>
            {commit !== null && <Token mono>{commit.hash.slice(0, 10)}</Token>}
            {commit !== null && <bdi>{commit.author}</bdi>}
            <span className="numbers">{format.dateTime(item.startedAt)}</span>
            <span>
              {item.trigger === 'webhook'
                ? t('deployments.list.byHook')
                : t('deployments.list.by', { name: item.actorName })}
            </span>
            {item.isUnchanged && <span>{t('deployments.list.unchanged')}</span>}
            {item.health === 'not_run' && <span>{t('deployments.list.notAsked')}</span>}
          </div>
        </div>
        <Group gap="xs">
          {item.isKept && !item.isCurrent && <RollBackButton site={site} item={item} />}
          {item.kind === 'deploy' && (
            <Button
              variant="default"
              size="xs"
              aria-expanded={isLogShown}
              rightSection={
                isLogShown ? <IconChevronUp size={14} aria-hidden /> : <IconChevronDown size={14} aria-hidden />
              }
              onClick={() => setIsOpen(!isLogShown)}
            >
              {t('deployments.list.log')}
            </Button>
          )}
        </Group>
      </div>
      {failure !== null && (
        <Notice tone="bad" className={classes.log}>
          {errorText(new ApiError({ code: 'in_use', ...failure }))}
        </Notice>
      )}
      {isLogShown && item.kind === 'deploy' && <DeploymentLog siteId={site.id} deploymentId={item.id} />}
    </li>
  );
}

function RollBackButton({ site, item }: { readonly site: Site; readonly item: Deployment }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const mayRun = useCan()('deployments.run');
  const [isAsking, setIsAsking] = useState(false);
  const rollBack = useRollBack(site.id);
  return (
    <>
      <WhyNot reason={!mayRun}>
        <Button
          variant="default"
          size="xs"
          disabled={!mayRun}
          loading={rollBack.isPending}
          leftSection={<IconArrowBackUp size={15} aria-hidden />}
          onClick={() => setIsAsking(true)}
        >
          {t('deployments.list.rollBack')}
        </Button>
      </WhyNot>
      <ConfirmDialog
        isOpen={isAsking}
        title={t('deployments.list.rollBackTitle')}
        confirmLabel={t('deployments.list.rollBack')}
        cancelLabel={t('common.actions.cancel')}
        onClose={() => setIsAsking(false)}
        onConfirm={() => {
          setIsAsking(false);
          // The release that is live again has no such button any more.
          finish(rollBack, item.id, {
            onSuccess: () => sayDone(t('deployments.list.rolledBack')),
            onError: (error) => sayFailed(t('deployments.list.rollBackFailed'), errorText(error)),
          });
        }}
      >
        {t('deployments.list.rollBackText', { message: item.commit?.message ?? item.ref })}
      </ConfirmDialog>
    </>
  );
}
