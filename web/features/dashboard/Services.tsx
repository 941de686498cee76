import { Skeleton } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Section } from '../../ui/Section.tsx';
import { Status, type Tone } from '../../ui/Status.tsx';
import { Token } from '../../ui/Token.tsx';
import type { SystemInfo } from './MachineFacts.tsx';
import classes from './Services.module.css';

type Service = SystemInfo['services'][number];

/** Only what every site needs is a fault when it stands still; the rest may be stopped on purpose. */
function toneOf({ name, state }: Service): Tone {
  if (state === 'running') return 'good';
  return name === 'nginx' && state === 'stopped' ? 'bad' : 'idle';
}

/** What runs on the machine; programs that are not there are left out, except the one that every site needs. */
export function Services({ services }: { readonly services: readonly Service[] | undefined }) {
  const { t } = useTranslation();
  const shown = services?.filter(({ name, state }) => name === 'nginx' || state !== 'not_installed');
  return (
    <Section title={t('dashboard.services.title')}>
      {shown === undefined ? (
        <Skeleton height={52} radius="sm" />
      ) : (
        <ul className={classes.services}>
          {shown.map((service) => (
            <li key={service.name}>
              <Token>{service.name}</Token>
              <Status tone={toneOf(service)}>{t(`dashboard.services.states.${service.state}`)}</Status>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
