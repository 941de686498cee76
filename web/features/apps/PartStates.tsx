import { useTranslation } from 'react-i18next';
import type { AppWorkerStatus } from '#shared/apps.ts';
import { useFormat } from '../../ui/format.ts';
import { Status } from '../../ui/Status.tsx';
import { Token } from '../../ui/Token.tsx';
import { stateTones } from './apps.queries.ts';
import classes from './SiteApp.module.css';

/** Where one of several instances listens, besides what is said of workers. */
type Part = AppWorkerStatus & { readonly listensOn?: string };

/** What each instance or each further program of an application does now. */
export function PartStates({ title, parts }: { readonly title: string; readonly parts: readonly Part[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <section aria-label={title}>
      <h3 className={classes.small}>{title}</h3>
      <ul className={classes.states}>
        {parts.map(({ name, state, since, memoryBytes, restarts, end, listensOn }) => (
          <li key={name}>
            {listensOn === undefined ? <Token mono>{name}</Token> : <span>{name}</span>}
            <Status tone={stateTones[state]}>{t(`apps.status.states.${state}`)}</Status>
            {listensOn !== undefined && <Token mono>{listensOn}</Token>}
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
