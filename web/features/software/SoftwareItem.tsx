import { Button } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { z } from 'zod';
import type { software as softwareSchema } from '#shared/software.ts';
import { Notice } from '../../ui/Notice.tsx';
import { Section } from '../../ui/Section.tsx';
import { Status, type Tone } from '../../ui/Status.tsx';
import { CopyButton, Token } from '../../ui/Token.tsx';
import { InstallButton, useOpenInstall } from './InstallButton.tsx';
import { NginxSettingsButton } from './NginxSettings.tsx';
import { UpdateButton } from './UpdateButton.tsx';
import classes from './SoftwareItem.module.css';

type Software = z.output<typeof softwareSchema>;

type ItemProps = {
  readonly software: Software;
  readonly isChecking: boolean;
  readonly onCheck: () => void;
};

/** One program: what it is, whether it runs, and what its own check says. */
export function SoftwareItem({ software, isChecking, onCheck }: ItemProps) {
  const { t } = useTranslation();
  const { name, isInstalled, isRunning, version } = software;
  const isInstalling = useOpenInstall(name) !== undefined;
  const [tone, state] = isInstalling
    ? (['busy', 'installing'] as const)
    : !isInstalled
      ? (['idle', 'notInstalled'] as const)
      : isRunning
        ? (['good', 'running'] as const)
        : (['bad', 'stopped'] as const);
  return (
    <Section padding="flush">
      <div className={classes.head}>
        <span className={classes.tile} aria-hidden>
          {name.charAt(0).toUpperCase()}
        </span>
        <div className={classes.names}>
          <h2 className={classes.name}>
            <Token>{name}</Token>
          </h2>
          <div className={classes.about}>{t('software.names.nginx')}</div>
        </div>
        <Status tone={tone}>{t(`software.states.${state}`)}</Status>
        {isInstalled && <NginxSettingsButton />}
        {isInstalled && name === 'nginx' && <UpdateButton name={name} what={name} />}
      </div>
      {isInstalled ? (
        <>
          <dl className={classes.facts}>
            <div>
              <dt>{t('software.version')}</dt>
              <dd>{version === null ? t('common.states.unknown') : <Token>{version}</Token>}</dd>
            </div>
            <div>
              <dt>{t('software.source')}</dt>
              <dd>{t('software.distribution')}</dd>
            </div>
          </dl>
          {!isRunning && !isInstalling && <Stopped name={name} />}
          <ConfigCheck software={software} isChecking={isChecking} onCheck={onCheck} />
        </>
      ) : (
        <NotInstalled name={name} />
      )}
    </Section>
  );
}

function Stopped({ name }: Pick<Software, 'name'>) {
  const { t } = useTranslation();
  const command = `systemctl start ${name}`;
  return (
    <div className={classes.part}>
      <Notice tone="warn">
        {t('software.stopped')}
        <div className={classes.command}>
          <Token mono>{command}</Token>
          <CopyButton value={command} />
        </div>
      </Notice>
    </div>
  );
}

const checks = {
  good: { tone: 'good', text: 'software.config.goodText' },
  bad: { tone: 'bad', text: 'software.config.badText' },
  unknown: { tone: 'idle', text: 'software.config.unknownText' },
} as const satisfies Record<string, { tone: Tone; text: string }>;

/** Three answers: passed, failed, not run. */
function ConfigCheck({ software: { isConfigOk, configError }, isChecking, onCheck }: ItemProps) {
  const { t } = useTranslation();
  const state = isConfigOk === null ? 'unknown' : isConfigOk ? 'good' : 'bad';
  return (
    <div className={classes.part}>
      <div className={classes.check}>
        <div>
          <h3 className={classes.heading}>{t('software.config.title')}</h3>
          <span role="status">
            <Status tone={checks[state].tone}>{t(`software.config.${state}`)}</Status>
          </span>
        </div>
        <Button
          variant="default"
          size="xs"
          loading={isChecking}
          leftSection={<IconRefresh size={15} aria-hidden />}
          onClick={onCheck}
        >
          {t('software.config.check')}
        </Button>
      </div>
      <p className={classes.text}>{t(checks[state].text)}</p>
      {configError !== null && configError !== '' && (
        <>
          <h4 className={classes.label}>{t('software.config.words')}</h4>
          <pre className={classes.words} dir="ltr" tabIndex={0} aria-label={t('software.config.words')}>
            {configError}
          </pre>
          <p className={classes.text}>{t('software.config.badHint')}</p>
        </>
      )}
    </div>
  );
}

const steps = ['packages', 'configure', 'start', 'undo'] as const;

function NotInstalled({ name }: Pick<Software, 'name'>) {
  const { t } = useTranslation();
  return (
    <div className={classes.part}>
      <p className={classes.lead}>{t('software.install.lead')}</p>
      <h3 className={classes.label}>{t('software.install.what')}</h3>
      <ul className={classes.list}>
        {steps.map((step) => (
          <li key={step}>{t(`software.install.${step}`)}</li>
        ))}
      </ul>
      <InstallButton name={name} size="md" />
    </div>
  );
}
