import { ActionIcon, Button, TextInput, Tooltip } from '@mantine/core';
import { IconPencil } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../api/session.ts';
import { useErrorText, useFieldErrors } from '../../ui/error-text.ts';
import { sayDone } from '../../ui/toasts.ts';
import { WhyNot } from '../../ui/WhyNot.tsx';
import { SiteTitle } from '../../ui/SiteTitle.tsx';
import { useSite } from './site-context.ts';
import { shownName } from './site-names.ts';
import { SiteState } from './SiteState.tsx';
import { useUpdateSite } from './sites.queries.ts';
import classes from './SitePage.module.css';

/** The name with its state; renamed in place. */
export function SiteName() {
  const { t } = useTranslation();
  const site = useSite();
  const can = useCan();
  const errorText = useErrorText();
  const fieldErrors = useFieldErrors();
  const update = useUpdateSite();
  const [draft, setDraft] = useState<{ name: string; revision: number } | null>(null);

  if (draft === null) {
    return (
      <span className={classes.heading}>
        <span className={classes.name}>
          <SiteTitle name={shownName(site)} />
        </span>
        {can('sites.write') ? (
          <Tooltip label={t('sites.rename.action')}>
            <ActionIcon
              aria-label={t('sites.rename.action')}
              onClick={() => {
                update.reset();
                setDraft({ name: shownName(site), revision: site.revision });
              }}
            >
              <IconPencil size={17} stroke={1.7} />
            </ActionIcon>
          </Tooltip>
        ) : (
          <WhyNot reason>
            <ActionIcon aria-label={t('sites.rename.action')} disabled>
              <IconPencil size={17} stroke={1.7} />
            </ActionIcon>
          </WhyNot>
        )}
        <span className={classes.state}>
          <SiteState site={site} />
        </span>
      </span>
    );
  }
  const error = update.error === null ? undefined : (fieldErrors(update.error)['name'] ?? errorText(update.error));
  const isSame = draft.name.trim() === site.name;
  const save = (): void => {
    const name = draft.name.trim();
    if (name === '' || update.isPending) return;
    if (isSame) {
      setDraft(null);
      return;
    }
    update.mutate(
      { siteId: site.id, revision: draft.revision, body: { name } },
      {
        onSuccess: () => {
          sayDone(t('sites.rename.done'));
          setDraft(null);
        },
      },
    );
  };
  return (
    <form
      className={classes.rename}
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') setDraft(null);
      }}
    >
      <TextInput
        aria-label={t('sites.fields.name')}
        value={draft.name}
        // After a refusal the person has seen the message: the next try counts from what is there now.
        onChange={(event) => setDraft({ name: event.currentTarget.value, revision: site.revision })}
        error={error}
        maxLength={100}
        data-autofocus
        autoFocus
        onFocus={(event) => event.currentTarget.select()}
      />
      <Button type="submit" loading={update.isPending} disabled={draft.name.trim() === ''}>
        {t('common.actions.save')}
      </Button>
      <Button variant="default" onClick={() => setDraft(null)} disabled={update.isPending}>
        {t('common.actions.cancel')}
      </Button>
    </form>
  );
}
