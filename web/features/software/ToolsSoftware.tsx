import { Button } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { softwareApi, type Tool } from '#shared/software.ts';
import { call, newIdempotencyKey } from '../../api/client.ts';
import { useCan, useMe } from '../../api/session.ts';
import { openJobs } from '../../layout/panels.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { Section } from '../../ui/Section.tsx';
import { Status } from '../../ui/Status.tsx';
import { sayFailed } from '../../ui/toasts.ts';
import { Token } from '../../ui/Token.tsx';
import { WhyNot } from '../../ui/WhyNot.tsx';
import { FtpSettingsButton } from './FtpSettings.tsx';
import { InstallButton } from './InstallButton.tsx';
import { UpdateButton } from './UpdateButton.tsx';
import classes from './SoftwareItem.module.css';

/** Programs of the distribution that need nothing of the panel besides their packages. */
export function ToolsSoftware({ tools }: { readonly tools: readonly Tool[] }) {
  const { t } = useTranslation();
  return (
    <Section title={t('software.tools.title')} description={t('software.tools.text')} padding="flush">
      <ul className={classes.tools}>
        {tools.map((tool) => (
          <ToolRow key={tool.name} tool={tool} />
        ))}
      </ul>
    </Section>
  );
}

/** As their makers write them. */
const titles: Readonly<Record<Tool['name'], string>> = {
  clamav: 'ClamAV',
  composer: 'Composer',
  docker: 'Docker',
  fail2ban: 'Fail2ban',
  git: 'Git',
  memcached: 'Memcached',
  'nginx-brotli': 'nginx brotli',
  redis: 'Redis',
  ripgrep: 'ripgrep',
  sury: 'packages.sury.org',
  'unattended-upgrades': 'unattended-upgrades',
  vsftpd: 'vsftpd (FTP)',
};

function ToolRow({ tool: { name, isInstalled, version, unit, isRunning } }: { readonly tool: Tool }) {
  const { t } = useTranslation();
  const { siteScope } = useMe();
  const mayBrowse = useCan()('databases.manage') && siteScope === 'all';
  const title = titles[name];
  return (
    <li className={classes.tool}>
      <div className={classes.toolWords}>
        <div className={classes.toolName}>
          <Token>{title}</Token>
          {isInstalled && isRunning !== null && (
            <Status tone={isRunning ? 'good' : 'bad'}>
              {t(isRunning ? 'software.states.running' : 'software.states.stopped')}
            </Status>
          )}
          {version !== null && (
            <span className={classes.toolVersion}>
              <Token mono>{version}</Token>
            </span>
          )}
        </div>
        <div className={classes.toolText}>
          {t(`software.tools.of.${name}`)}{' '}
          {unit !== null && (
            <Link to="/services" search={{ unit }} className={classes.toolLink}>
              {t('software.tools.service')}
            </Link>
          )}
          {name === 'redis' && isInstalled && mayBrowse && (
            <Link to="/databases/redis" className={classes.toolLink}>
              {t('software.tools.keys')}
            </Link>
          )}
        </div>
      </div>
      {isInstalled ? (
        <div className={classes.toolButtons}>
          {name === 'vsftpd' && <FtpSettingsButton />}
          {name !== 'sury' && <UpdateButton name={name} what={title} />}
          <RemoveTool name={name} title={title} />
        </div>
      ) : (
        <InstallButton name={name} size="xs" what={title} />
      )}
    </li>
  );
}

function RemoveTool({ name, title }: { readonly name: Tool['name']; readonly title: string }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const client = useQueryClient();
  const isAllowed = useCan()('software.install');
  const [isAsking, setIsAsking] = useState(false);
  const remove = useMutation({
    mutationFn: () => call(softwareApi.remove, { params: { name }, idempotencyKey: newIdempotencyKey() }),
    onSuccess: async (job) => {
      await client.invalidateQueries({ queryKey: ['jobs'] });
      openJobs(job.id);
    },
    onError: (error) => sayFailed(t('software.tools.removeFailed'), errorText(error)),
  });
  return (
    <>
      <WhyNot reason={!isAllowed}>
        <Button
          variant="default"
          size="xs"
          disabled={!isAllowed}
          loading={remove.isPending}
          aria-label={`${t('software.tools.remove')} ${title}`}
          leftSection={<IconTrash size={15} aria-hidden />}
          onClick={() => setIsAsking(true)}
        >
          {t('software.tools.remove')}
        </Button>
      </WhyNot>
      <ConfirmDialog
        isOpen={isAsking}
        title={t('software.tools.removeTitle', { name: title })}
        confirmLabel={t('software.tools.remove')}
        cancelLabel={t('common.actions.cancel')}
        isDangerous
        onClose={() => setIsAsking(false)}
        onConfirm={() => {
          setIsAsking(false);
          remove.mutate();
        }}
      >
        {t(name === 'sury' ? 'software.tools.removeSource' : 'software.tools.removeText')}
      </ConfirmDialog>
    </>
  );
}
