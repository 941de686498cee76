import { Button, Checkbox, Loader, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { finish } from '../../api/finish.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { Notice } from '../../ui/Notice.tsx';
import { CopyButton, Token } from '../../ui/Token.tsx';
import {
  sshHostCheckQuery,
  useTrustHost,
  type ShownKey,
  type SshHost,
  type SshHostCheck,
} from './ssh-hosts.queries.ts';
import classes from './Terminals.module.css';

type HostFingerprintProps = {
  readonly host: SshHost;
  readonly isOpening: boolean;
  readonly onConnect: (host: SshHost) => void;
};

/** By the host's own console, where nobody stands in between. */
const command = 'for k in /etc/ssh/ssh_host_*_key.pub; do ssh-keygen -lf $k; done';
const tones = { new: 'warn', same: 'good', changed: 'bad' } as const;

/** What the server shows now, beside what is known of it: a person compares before anything is trusted or opened. */
export function HostFingerprint({ host, isOpening, onConnect }: HostFingerprintProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const { data, error, isFetching, refetch } = useQuery(sshHostCheckQuery(host.id));
  if (data !== undefined) return <Compared key={data.state} {...{ host, check: data, isOpening, onConnect }} />;
  if (error !== null && !isFetching)
    return (
      <Notice
        tone="bad"
        role="alert"
        title={t('terminals.hosts.fingerprint.notAsked')}
        actions={
          <Button size="xs" variant="default" onClick={() => void refetch()}>
            {t('terminals.hosts.fingerprint.again')}
          </Button>
        }
      >
        {errorText(error)}
      </Notice>
    );
  return (
    <Text size="sm" c="dimmed" className={classes.asking} role="status">
      <Loader size={16} aria-hidden /> {t('terminals.hosts.fingerprint.asking')}
    </Text>
  );
}

function Compared({ host, check, isOpening, onConnect }: HostFingerprintProps & { readonly check: SshHostCheck }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const trust = useTrustHost();
  const [isCompared, setIsCompared] = useState(false);
  const { state, found, trusted } = check;
  const isChanged = state === 'changed';
  const accept = (): void =>
    finish(
      trust,
      { hostId: host.id, fingerprints: found.map(({ fingerprint }) => fingerprint) },
      { onSuccess: onConnect },
    );
  return (
    <Stack gap="lg">
      <Notice
        tone={tones[state]}
        title={t(`terminals.hosts.fingerprint.${state}`)}
        {...(isChanged ? { role: 'alert' } : {})}
      >
        {state === 'same'
          ? undefined
          : t(isChanged ? 'terminals.hosts.fingerprint.changedText' : 'terminals.hosts.fingerprint.newText')}
      </Notice>
      {isChanged && <Keys title={t('terminals.hosts.fingerprint.trusted')} keys={trusted} others={found} />}
      <Keys title={t('terminals.hosts.fingerprint.found')} keys={found} {...(isChanged ? { others: trusted } : {})} />
      {state === 'same' ? (
        <div className={classes.bookButtons}>
          <Button loading={isOpening} onClick={() => onConnect(host)}>
            {t('terminals.hosts.connect')}
          </Button>
        </div>
      ) : (
        <>
          <div>
            <Text size="sm" mb={6}>
              {t('terminals.hosts.fingerprint.command')}
            </Text>
            <div className={classes.copied} dir="ltr">
              <Token mono>{command}</Token>
              <CopyButton value={command} />
            </div>
          </div>
          {trust.isError && (
            <Notice tone="bad" role="alert" title={t('terminals.hosts.fingerprint.notTrusted')}>
              {errorText(trust.error)}
            </Notice>
          )}
          <Checkbox
            label={t(isChanged ? 'terminals.hosts.fingerprint.confirmAnew' : 'terminals.hosts.fingerprint.confirm')}
            checked={isCompared}
            onChange={({ currentTarget: { checked } }) => setIsCompared(checked)}
          />
          <div className={classes.bookButtons}>
            <Button
              color={isChanged ? 'red' : 'brand'}
              disabled={!isCompared}
              loading={trust.isPending || isOpening}
              onClick={accept}
            >
              {t(isChanged ? 'terminals.hosts.fingerprint.trustAnew' : 'terminals.hosts.fingerprint.trust')}
            </Button>
          </div>
        </>
      )}
    </Stack>
  );
}

type KeysProps = {
  readonly title: string;
  readonly keys: readonly ShownKey[];
  /** Those that are not among these are marked. */
  readonly others?: readonly ShownKey[];
};

function Keys({ title, keys, others }: KeysProps) {
  return (
    <section>
      <Text size="sm" fw={600} mb={6}>
        {title}
      </Text>
      <ul className={classes.hostKeys}>
        {keys.map(({ kind, fingerprint }) => (
          <li
            key={kind}
            dir="ltr"
            data-differs={
              (others !== undefined && !others.some((each) => each.fingerprint === fingerprint)) || undefined
            }
          >
            <span>{kind}</span>
            <Token mono>{fingerprint}</Token>
          </li>
        ))}
      </ul>
    </section>
  );
}
