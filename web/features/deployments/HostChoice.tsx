import { Checkbox, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { parseRepository } from '#shared/site-deploy.ts';
import { Notice } from '../../ui/Notice.tsx';
import { Token } from '../../ui/Token.tsx';
import classes from './Deploy.module.css';
import type { ScannedHost } from './deployments.queries.ts';
import { isPublished } from './known-hosts.ts';

type HostChoiceProps = {
  readonly url: string;
  readonly hosts: readonly ScannedHost[];
  readonly value: string | null;
  readonly onChange: (hostKey: string | null) => void;
};

/** The server's fingerprint, which a person compares and confirms: nothing is trusted because it answered first. */
export function HostChoice({ url, hosts, value, onChange }: HostChoiceProps) {
  const { t } = useTranslation();
  const parsed = parseRepository(url);
  const host = parsed.ok ? parsed.repository.host : '';
  const [first] = hosts;
  if (first === undefined) return null;
  const published = isPublished(host, first.fingerprint);
  return (
    <>
      <Text size="sm">{t('deployments.host.text', { host })}</Text>
      <div className={classes.secret} dir="ltr">
        <Token mono>{`${first.kind}  ${first.fingerprint}`}</Token>
      </div>
      {published === true && (
        <Notice tone="good" className={classes.full}>
          {t('deployments.host.published', { host })}
        </Notice>
      )}
      {published === false && (
        <Notice tone="bad" role="alert" className={classes.full}>
          {t('deployments.host.other', { host })}
        </Notice>
      )}
      <Checkbox
        label={t('deployments.host.confirm')}
        checked={value === first.hostKey}
        onChange={(event) => onChange(event.currentTarget.checked ? first.hostKey : null)}
      />
    </>
  );
}
