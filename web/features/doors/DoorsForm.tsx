import { Button, Textarea, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { DoorsState } from '#shared/doors.ts';
import { toApiError } from '../../api/errors.ts';
import { useCan } from '../../api/session.ts';
import { useErrorText, useFieldErrors } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { Notice } from '../../ui/Notice.tsx';
import { Section } from '../../ui/Section.tsx';
import { WhyNot } from '../../ui/WhyNot.tsx';
import { AddressFate } from './AddressFate.tsx';
import { linesOf } from './address-ranges.ts';
import classes from './Doors.module.css';
import { changedFacts, doorsOf, draftOf, type DoorsDraft } from './doors-draft.ts';
import { useSetDoors } from './doors.queries.ts';
import { EntryFields } from './EntryFields.tsx';

/** Everything but the certificate: edited together, tried together, kept or taken back together. */
export function DoorsForm({ state: { doors, pending, ownAddress } }: { readonly state: DoorsState }) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const fieldErrors = useFieldErrors();
  const mayWrite = useCan()('doors.write');
  const save = useSetDoors();
  const [draft, setDraft] = useState(() => draftOf(doors));
  const wanted = doorsOf(draft);
  const changed = changedFacts(doors, wanted);
  const isFixed = !mayWrite || pending !== null || save.isPending;
  const edit = (change: Partial<DoorsDraft>): void => {
    setDraft((before) => ({ ...before, ...change }));
    if (save.isError) save.reset();
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (isFixed || changed.length === 0) return;
    save.mutate(wanted);
  };
  const errors = save.isError ? fieldErrors(save.error) : {};
  const errorOf = (name: string): string | undefined => errors[name] ?? lineError(errors, name);
  const isOther = save.isError && toApiError(save.error).fields.length === 0;
  const host = location.hostname;
  const isHostMissing = wanted.domains.length > 0 && !wanted.domains.includes(host) && host !== 'localhost';
  const lines = { dir: 'ltr', minRows: 3, maxRows: 12, spellCheck: false, autoCapitalize: 'none' } as const;

  return (
    <form onSubmit={submit} noValidate className={classes.parts}>
      <Section title={t('doors.entry.title')} description={t('doors.entry.lead')}>
        <EntryFields
          draft={draft}
          savedPort={doors.port}
          onChange={edit}
          isFixed={isFixed}
          error={errorOf('entryPath')}
        />
      </Section>
      <Section title={t('doors.addresses.title')} description={t('doors.addresses.lead')}>
        <Textarea
          className={classes.lines ?? ''}
          label={t('doors.addresses.label')}
          placeholder={'203.0.113.7\n198.51.100.0/24'}
          value={draft.addresses}
          onChange={(event) => edit({ addresses: event.currentTarget.value })}
          error={errorOf('allowedAddresses')}
          disabled={isFixed}
          {...lines}
        />
        <AddressFate
          address={ownAddress}
          lines={wanted.allowedAddresses}
          onAdd={isFixed ? null : () => edit({ addresses: [...linesOf(draft.addresses), ownAddress].join('\n') })}
        />
      </Section>
      <Section title={t('doors.domains.title')} description={t('doors.domains.lead')}>
        <Textarea
          className={classes.lines ?? ''}
          label={t('doors.domains.label')}
          placeholder="panel.example.com"
          value={draft.domains}
          onChange={(event) => edit({ domains: event.currentTarget.value })}
          error={errorOf('domains')}
          disabled={isFixed}
          {...lines}
          minRows={2}
        />
        {isHostMissing && (
          <Notice tone="warn" className={classes.below}>
            {t('doors.domains.missing', { host: `\u2068${host}\u2069` })}
          </Notice>
        )}
        <p className={classes.hint}>{t('doors.domains.passkeys')}</p>
      </Section>
      <Section title={t('doors.proxies.title')} description={t('doors.proxies.lead')}>
        <Textarea
          className={classes.lines ?? ''}
          label={t('doors.proxies.label')}
          placeholder="127.0.0.1"
          value={draft.proxies}
          onChange={(event) => edit({ proxies: event.currentTarget.value })}
          error={errorOf('trustedProxies')}
          disabled={isFixed}
          {...lines}
          minRows={2}
        />
      </Section>
      <Section title={t('doors.port.title')} description={t('doors.port.lead')}>
        <TextInput
          aria-label={t('doors.port.label')}
          value={draft.port}
          onChange={(event) => edit({ port: event.currentTarget.value })}
          error={errorOf('port')}
          disabled={isFixed}
          inputMode="numeric"
          dir="ltr"
          maxLength={5}
          w={140}
        />
      </Section>
      {isOther && (
        <Notice tone="bad" role="alert" title={t('doors.save.failed')}>
          {errorText(save.error)}
        </Notice>
      )}
      {(changed.length > 0 || !mayWrite) && (
        <div className={classes.bar}>
          <WhyNot reason={!mayWrite && t('doors.save.readOnly')}>
            <Button type="submit" loading={save.isPending} disabled={!mayWrite || pending !== null}>
              {t('doors.save.action')}
            </Button>
          </WhyNot>
          {changed.length > 0 && (
            <>
              <Button variant="default" onClick={() => edit(draftOf(doors))} disabled={save.isPending}>
                {t('common.actions.discard')}
              </Button>
              <span className={classes.changed} role="status">
                {t('doors.save.changed')} {format.list(changed.map((fact) => t(`doors.pending.facts.${fact}`)))} —{' '}
                {pending === null ? t('doors.save.hint') : t('doors.save.waits')}
              </span>
            </>
          )}
        </div>
      )}
    </form>
  );
}

/** The first wrong line of a list, with the line in question. */
function lineError(errors: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.entries(errors).find(([field]) => field.startsWith(`${name}.`))?.[1];
}
