import { useTranslation } from 'react-i18next';
import type { AppWorkerStatus } from '#shared/apps.ts';
import { useFormat } from '../../ui/format.ts';
import { Status } from '../../ui/Status.tsx';
import { Token } from '../../ui/Token.tsx';
import { stateTones } from './apps.queries.ts';
import classes from './SiteApp.module.css';

/** What each further program of an application does now. */
export function WorkerStates({ workers }: { readonly workers: readonly AppWorkerStatus[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <section aria-label={t('apps.workers.title')}>
      <h3 className={classes.small}>{t('apps.workers.title')}</h3>
      <ul className={classes.states}>
        {workers.map(({ name, state, since, memoryBytes, restarts, end }) => (
          <li key={name}>
            <Token mono>{name}</Token>
            <Status tone={stateTones[state]}>{t(`apps.status.states.${state}`)}</Status>
            <span className={classes.text}>
              {[
                ...(since === null ? [] : [t('apps.workers.since', { ago: format.ago(since) })]),
                ...(memoryBytes === null ? [] : [format.bytes(memoryBytes)]),
                ...(restarts === 0
                  ? []
                  : [t('apps.workers.restarts', { count: restarts, value: format.number(restarts) })]),
              ].join(' · ')}
            </span>
            {end !== null && (
              <span className={classes.wide}>
                {t(`apps.status.ends.${end.kind}`, { code: format.number(end.code ?? 0) })}
              </span>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
