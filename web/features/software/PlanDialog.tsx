import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { SoftwarePlan } from '#shared/software-plan.ts';
import type { InstallableName, UpdatableName } from '#shared/software.ts';
import { openJobs } from '../../layout/panels.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { Notice } from '../../ui/Notice.tsx';
import { LoadingRows } from '../../ui/States.tsx';
import { sayFailed } from '../../ui/toasts.ts';
import { Token } from '../../ui/Token.tsx';
import { planQuery, useSoftwareWork } from './software.queries.ts';
import classes from './PlanDialog.module.css';

type PlanDialogProps = {
  readonly work:
    | { readonly verb: 'install'; readonly name: InstallableName }
    | { readonly verb: 'update'; readonly name: UpdatableName };
  readonly onClose: () => void;
};

/** What an installation or an update would change, before it does; what is confirmed is what was shown. */
export function PlanDialog({ work, onClose }: PlanDialogProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const { verb, name } = work;
  const { data, error } = useQuery(planQuery(name));
  const run = useSoftwareWork();
  return (
    <ConfirmDialog
      isOpen
      title={t(`software.plan.title.${verb}`, { name: `\u2068${name === 'sury' ? 'packages.sury.org' : name}\u2069` })}
      confirmLabel={t(`software.${verb}.action`)}
      cancelLabel={t('common.actions.cancel')}
      isBusy={run.isPending}
      canConfirm={data !== undefined || error !== null}
      onClose={onClose}
      onConfirm={() =>
        run.mutate(
          { ...work, plan: data?.mark },
          {
            onSuccess: (job) => {
              onClose();
              openJobs(job.id);
            },
            onError: (failure) => {
              onClose();
              sayFailed(t(`software.${verb}.failed`), errorText(failure));
            },
          },
        )
      }
    >
      {data !== undefined ? (
        <Plan plan={data} />
      ) : error === null ? (
        <LoadingRows rows={5} />
      ) : (
        <Notice tone="warn" title={t('software.plan.unknown')}>
          {errorText(error)}
        </Notice>
      )}
    </ConfirmDialog>
  );
}

function Plan({ plan }: { readonly plan: SoftwarePlan }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { kind, source, packages, downloadBytes, diskBytes, services, ports, neighbours, memory, freeDiskBytes } = plan;
  const held = ports.filter(({ heldBy }) => heldBy !== null);
  const size = (bytes: number | null): string =>
    bytes === null ? t('common.states.unknown') : format.bytes(Math.max(0, bytes));
  return (
    <div className={classes.plan}>
      {kind === 'nothing' && <p>{t('software.plan.nothing')}</p>}
      {source === 'node' && <p>{t('software.plan.node')}</p>}
      {source === 'sury' && <p>{t('software.plan.sury')}</p>}
      {held.map(({ first, heldBy }) => (
        <Notice key={first} tone="warn">
          {t('software.plan.held', { port: `\u2068${first}\u2069`, program: `\u2068${heldBy ?? ''}\u2069` })}
        </Notice>
      ))}
      <dl className={classes.facts}>
        {packages.length > 0 && (
          <>
            <Fact title={t('software.plan.download')}>{size(downloadBytes)}</Fact>
            <Fact title={t('software.plan.disk')}>
              {t('software.plan.of', { used: size(diskBytes), free: format.bytes(freeDiskBytes) })}
            </Fact>
          </>
        )}
        <Fact title={t('software.plan.memory')}>
          {t('software.plan.of', { used: format.bytes(memory.availableBytes), free: format.bytes(memory.totalBytes) })}
        </Fact>
        {services.length > 0 && (
          <Fact title={t('software.plan.services')}>
            {services.map((unit) => (
              <Token key={unit} mono>
                {unit}
              </Token>
            ))}
          </Fact>
        )}
        {(ports.length > 0 || kind === 'install') && (
          <Fact title={t('software.plan.ports')}>
            {ports.length === 0
              ? t('software.plan.none')
              : ports.map(({ first, last, isPublic }) => (
                  <span key={first}>
                    <Token mono>{first === last ? String(first) : `${first}–${last}`}</Token>{' '}
                    {t(isPublic ? 'software.plan.public' : 'software.plan.local')}
                  </span>
                ))}
          </Fact>
        )}
        {neighbours.length > 0 && (
          <Fact title={t('software.plan.neighbours')}>
            {neighbours.map(({ kind: what, name }) => (
              <span key={name}>
                <Token>{name}</Token> {t(`software.plan.kinds.${what}`)}
              </span>
            ))}
          </Fact>
        )}
      </dl>
      {packages.length > 0 && (
        <>
          <h3 className={classes.heading}>
            {t('software.plan.packages', { count: packages.length, value: format.number(packages.length) })}
          </h3>
          <ul className={classes.packages} tabIndex={0} aria-label={t('software.plan.list')}>
            {packages.map(({ name, from, to, downloadBytes: bytes }) => (
              <li key={name}>
                <Token mono>{name}</Token>
                <bdi dir="ltr" className={classes.version}>
                  {from === null ? to : `${from} → ${to}`}
                </bdi>
                <span className={classes.size}>{bytes === null ? '' : format.bytes(bytes)}</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}

function Fact({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{title}</dt>
      <dd>{children}</dd>
    </div>
  );
}
