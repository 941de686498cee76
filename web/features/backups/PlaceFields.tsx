import { NumberInput, Textarea, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Notice } from '../../ui/Notice.tsx';
import { PasswordField } from '../../ui/PasswordField.tsx';
import { CopyButton, Token } from '../../ui/Token.tsx';
import classes from './Forms.module.css';
import type { TargetDraft, TargetField } from './target-draft.ts';

type FieldsProps = {
  readonly draft: TargetDraft;
  readonly onChange: (change: Partial<TargetDraft>) => void;
  readonly errorOf: (field: TargetField) => string | undefined;
};

type Named =
  | 'path'
  | 'remotePath'
  | 'host'
  | 'user'
  | 'endpoint'
  | 'bucket'
  | 'region'
  | 'url'
  | 'remote'
  | 'accessName';

/** The fields of one kind of target. */
export function PlaceFields({ draft, onChange, errorOf, hasSecret }: FieldsProps & { readonly hasSecret: boolean }) {
  const { t } = useTranslation();
  const text = (field: Named, label: string, placeholder: string, description?: string) => (
    <TextInput
      className={classes.mono ?? ''}
      label={label}
      description={description}
      placeholder={placeholder}
      value={draft[field]}
      onChange={(event) => onChange({ [field]: event.currentTarget.value })}
      error={errorOf(field)}
      dir="ltr"
      maxLength={1024}
      autoComplete="off"
      autoCapitalize="none"
      spellCheck={false}
    />
  );
  const kept = hasSecret ? t('backups.target.secretKept') : undefined;
  const secret = (label: string) => (
    <PasswordField
      label={label}
      description={kept}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      value={draft.accessSecret}
      onChange={(event) => onChange({ accessSecret: event.currentTarget.value })}
      error={errorOf('accessSecret')}
      dir="ltr"
      autoComplete="new-password"
      maxLength={256}
    />
  );
  return (
    <div className={classes.fields}>
      <TextInput
        label={t('backups.target.name')}
        placeholder={t('backups.target.nameExample')}
        value={draft.name}
        onChange={(event) => onChange({ name: event.currentTarget.value })}
        error={errorOf('name')}
        dir="auto"
        maxLength={100}
        autoComplete="off"
        data-autofocus
      />
      {draft.kind === 'local' && (
        <>
          {text('path', t('backups.target.path'), '/mnt/backups', t('backups.target.pathHint'))}
          <Notice tone="warn" title={t('backups.target.sameMachine')}>
            {t('backups.target.sameMachineText')}
          </Notice>
        </>
      )}
      {draft.kind === 'sftp' && (
        <>
          <div className={classes.pair}>
            {text('host', t('backups.target.host'), 'backup.example.com')}
            <NumberInput
              label={t('backups.target.port')}
              value={Number(draft.port) || ''}
              onChange={(value) => onChange({ port: String(value) })}
              error={errorOf('port')}
              min={1}
              max={65_535}
              allowDecimal={false}
              hideControls
            />
          </div>
          <div className={classes.pair}>
            {text('user', t('backups.target.user'), 'backup')}
            {text('remotePath', t('backups.target.remotePath'), 'aapanel')}
          </div>
          <HostKey draft={draft} onChange={onChange} errorOf={errorOf} />
          <Textarea
            className={classes.lines ?? ''}
            label={t('backups.target.privateKey')}
            description={kept ?? t('backups.target.privateKeyHint')}
            placeholder="-----BEGIN OPENSSH PRIVATE KEY-----"
            value={draft.privateKey}
            onChange={(event) => onChange({ privateKey: event.currentTarget.value })}
            error={errorOf('privateKey')}
            dir="ltr"
            autosize={false}
            rows={5}
            spellCheck={false}
          />
        </>
      )}
      {draft.kind === 's3' && (
        <>
          {text(
            'endpoint',
            t('backups.target.endpoint'),
            'https://s3.eu-central-1.amazonaws.com',
            t('backups.target.endpointHint'),
          )}
          <div className={classes.pair}>
            {text('bucket', t('backups.target.bucket'), 'aapanel-backups')}
            {text('region', `${t('backups.target.region')} (${t('backups.target.optional')})`, 'eu-central-1')}
          </div>
          {text('remotePath', `${t('backups.target.prefix')} (${t('backups.target.optional')})`, 'server-1')}
          <div className={classes.pair}>
            {text('accessName', t('backups.target.accessName'), '')}
            {secret(t('backups.target.accessSecret'))}
          </div>
          <p className={classes.hint}>{t('backups.target.accessHint')}</p>
        </>
      )}
      {draft.kind === 'rest' && (
        <>
          {text('url', t('backups.target.url'), 'https://backup.example.com:8000/server', t('backups.target.urlHint'))}
          <div className={classes.pair}>
            {text('accessName', `${t('backups.target.userName')} (${t('backups.target.optional')})`, '')}
            {secret(`${t('backups.target.password')} (${t('backups.target.optional')})`)}
          </div>
        </>
      )}
      {draft.kind === 'rclone' && (
        <>
          {text('remote', t('backups.target.remote'), 'nextcloud', t('backups.target.remoteHint'))}
          {text('remotePath', t('backups.target.remotePath'), 'backups/server-1')}
        </>
      )}
    </div>
  );
}

/** Without the server's key nobody knows who answers; how to get it stands beside it. */
function HostKey({ draft, onChange, errorOf }: FieldsProps) {
  const { t } = useTranslation();
  const port = Number(draft.port) || 22;
  const host = draft.host.trim() === '' ? 'backup.example.com' : draft.host.trim();
  const command = `ssh-keyscan -t ed25519${port === 22 ? '' : ` -p ${port}`} ${host}`;
  return (
    <div>
      <Textarea
        className={classes.lines ?? ''}
        label={t('backups.target.hostKey')}
        description={t('backups.target.hostKeyHint')}
        placeholder="ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA…"
        value={draft.hostKey}
        onChange={(event) => onChange({ hostKey: event.currentTarget.value })}
        error={errorOf('hostKey')}
        dir="ltr"
        autosize={false}
        rows={2}
        spellCheck={false}
      />
      <div className={classes.command}>
        <Token mono>{command}</Token>
        <CopyButton value={command} />
      </div>
    </div>
  );
}

/** How fast, how much, and when not at all. */
export function LimitFields({ draft, onChange, errorOf }: FieldsProps) {
  const { t } = useTranslation();
  const number = (field: 'upload' | 'download' | 'minFreeGib' | 'maxGib', label: string, hint?: string) => (
    <NumberInput
      label={label}
      description={hint}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      placeholder={t('backups.target.noLimit')}
      value={draft[field]}
      onChange={(value) => onChange({ [field]: value === '' ? '' : Number(value) })}
      error={errorOf(field)}
      min={field === 'upload' || field === 'download' ? 1 : 0}
      allowDecimal={field === 'minFreeGib' || field === 'maxGib'}
      allowNegative={false}
      hideControls
    />
  );
  return (
    <fieldset className={classes.choice}>
      <legend className={classes.question}>
        {t('backups.target.limits')} ({t('backups.target.optional')})
      </legend>
      <div className={`${classes.pair} ${classes.below}`}>
        {number('upload', t('backups.target.upload'))}
        {number('download', t('backups.target.download'))}
        {draft.kind === 'local' && number('minFreeGib', t('backups.target.minFree'))}
        {number('maxGib', t('backups.target.maxBytes'), t('backups.target.maxBytesHint'))}
      </div>
    </fieldset>
  );
}
