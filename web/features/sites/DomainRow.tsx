import { ActionIcon, Tooltip } from '@mantine/core';
import { IconExternalLink, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { NameCheck } from '#shared/domain-check.ts';
import { formatDomain, type SiteDomain } from '#shared/sites.ts';
import { finish } from '../../api/finish.ts';
import { useCan } from '../../api/session.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { readableDomain } from '../../ui/DomainName.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { sayDone, sayFailed } from '../../ui/toasts.ts';
import { CopyButton, Token } from '../../ui/Token.tsx';
import { WhyNot } from '../../ui/WhyNot.tsx';
import { DomainCheckLine } from './DomainCheckLine.tsx';
import { useSite } from './site-context.ts';
import { addressOf } from './site-names.ts';
import { useUpdateSite } from './sites.queries.ts';
import classes from './SiteDomains.module.css';

type DomainRowProps = {
  readonly domain: SiteDomain;
  readonly isFirst: boolean;
  /** What the DNS says of it, once it was asked. */
  readonly check: NameCheck | undefined;
};

/** One name of the site: how it reads, how DNS knows it, and taking it away. */
export function DomainRow({ domain, isFirst, check }: DomainRowProps) {
  const { t } = useTranslation();
  const ascii = formatDomain(domain);
  const readable = readableDomain(domain);
  const address = addressOf([domain]);
  return (
    <li className={classes.row}>
      <div className={classes.names}>
        <div className={classes.name}>
          <Token>{readable}</Token>
          {isFirst && (
            <Tooltip label={t('sites.domains.firstText')}>
              <span className={classes.tag}>{t('sites.domains.first')}</span>
            </Tooltip>
          )}
          {address === null && <span className={classes.tag}>{t('sites.domains.wildcard')}</span>}
          {domain.port !== 80 && (
            <span className={classes.tag}>{t('sites.domains.port', { port: String(domain.port) })}</span>
          )}
        </div>
        {readable !== ascii && (
          <div className={classes.ascii}>
            <Token mono>{ascii}</Token>
          </div>
        )}
        {check !== undefined && <DomainCheckLine check={check} />}
      </div>
      <CopyButton value={ascii} label={t('sites.domains.copy', { domain: readable })} />
      {address !== null && (
        <Tooltip label={t('sites.domains.open', { domain: readable })}>
          <ActionIcon
            component="a"
            href={address}
            target="_blank"
            rel="noreferrer"
            aria-label={t('sites.domains.open', { domain: readable })}
          >
            <IconExternalLink size={17} stroke={1.7} className="mirrored" />
          </ActionIcon>
        </Tooltip>
      )}
      <RemoveDomain domain={domain} />
    </li>
  );
}

function RemoveDomain({ domain }: { readonly domain: SiteDomain }) {
  const { t } = useTranslation();
  const site = useSite();
  const can = useCan();
  const errorText = useErrorText();
  const update = useUpdateSite();
  const [isAsking, setIsAsking] = useState(false);
  const name = readableDomain(domain);
  const isLast = site.domains.length === 1;
  const label = t('sites.domains.remove', { domain: name });
  const reason = can('sites.write') ? (isLast ? t('sites.domains.last') : false) : true;
  const rest = site.domains.map(formatDomain).filter((each) => each !== formatDomain(domain));
  return (
    <>
      {reason === false ? (
        <Tooltip label={label}>
          <ActionIcon aria-label={label} onClick={() => setIsAsking(true)}>
            <IconTrash size={17} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
      ) : (
        <WhyNot reason={reason}>
          <ActionIcon aria-label={label} disabled>
            <IconTrash size={17} stroke={1.7} />
          </ActionIcon>
        </WhyNot>
      )}
      <ConfirmDialog
        isOpen={isAsking}
        title={label}
        confirmLabel={t('sites.domains.removeAction')}
        isDangerous
        isBusy={update.isPending}
        onClose={() => setIsAsking(false)}
        onConfirm={() =>
          finish(
            update,
            { siteId: site.id, revision: site.revision, body: { domains: rest } },
            {
              onSuccess: () => sayDone(t('sites.domains.removed', { domain: name })),
              onError: (error) => sayFailed(t('sites.domains.removeFailed', { domain: name }), errorText(error)),
              onSettled: () => setIsAsking(false),
            },
          )
        }
      >
        {t('sites.domains.removeText')}
      </ConfirmDialog>
    </>
  );
}
