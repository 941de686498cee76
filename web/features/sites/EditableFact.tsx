import { ActionIcon, Button, Group, Stack, Tooltip } from '@mantine/core';
import { IconPencil } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../api/session.ts';
import { fieldText, useFieldErrors } from '../../ui/error-text.ts';
import { WhyNot } from '../../ui/WhyNot.tsx';
import { ChangeRefused } from './ChangeRefused.tsx';
import { useSite } from './site-context.ts';
import type { SiteUpdate } from './sites.queries.ts';
import { SiteWarnings } from './SiteWarnings.tsx';
import { useSiteEdit } from './use-site-edit.ts';
import classes from './Facts.module.css';

type EditableFactProps<D> = {
  readonly field: 'name' | 'remark' | 'category' | 'root' | 'upstream' | 'php';
  readonly value: ReactNode;
  readonly first: D;
  readonly toBody: (draft: D) => SiteUpdate;
  /** Key of `errors.fields` while the draft cannot be sent. */
  readonly problem?: (draft: D) => string | undefined;
  readonly note?: string;
  readonly children: (input: {
    readonly draft: D;
    readonly setDraft: (draft: D) => void;
    readonly error: string | undefined;
    readonly label: string;
  }) => ReactNode;
};

/** A fact with its value; a pencil turns it into a form of its own. */
export function EditableFact<D>({ field, value, first, toBody, problem, note, children }: EditableFactProps<D>) {
  const { t } = useTranslation();
  const site = useSite();
  const can = useCan();
  const fieldErrors = useFieldErrors();
  const edit = useSiteEdit<D>(site);
  const label = t(`sites.fields.${field}`);
  const editLabel = t('sites.facts.edit', { field: label });
  if (edit.draft === null) {
    return (
      <div className={classes.fact}>
        <dt>{label}</dt>
        <dd>
          <div className={classes.line}>
            <span className={classes.value}>{value}</span>
            {can('sites.write') ? (
              <Tooltip label={editLabel}>
                <ActionIcon aria-label={editLabel} onClick={() => edit.start(first)}>
                  <IconPencil size={16} stroke={1.7} />
                </ActionIcon>
              </Tooltip>
            ) : (
              <WhyNot reason>
                <ActionIcon aria-label={editLabel} disabled>
                  <IconPencil size={16} stroke={1.7} />
                </ActionIcon>
              </WhyNot>
            )}
          </div>
          <SiteWarnings warnings={edit.warnings} />
        </dd>
      </div>
    );
  }
  const { draft } = edit;
  const said = edit.error === null ? {} : fieldErrors(edit.error);
  const saidHere = said[field] ?? said[`${field}.url`];
  const code = problem?.(draft);
  return (
    <div className={classes.fact} data-open>
      <dt>{label}</dt>
      <dd>
        <form
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            if (code === undefined && !edit.isPending) edit.save(toBody(draft));
          }}
          onKeyDown={(event) => {
            if (event.key === 'Escape' && !event.defaultPrevented) edit.stop();
          }}
        >
          <Stack gap="sm">
            {children({
              draft,
              setDraft: edit.setDraft,
              error: saidHere ?? (code === undefined || code === 'required' ? undefined : fieldText(t, code)),
              label,
            })}
            {note !== undefined && <div className={classes.note}>{note}</div>}
            {edit.error !== null && saidHere === undefined && (
              <ChangeRefused
                error={edit.error}
                seen={edit.seen}
                present={site}
                touched={[field]}
                isBusy={edit.isPending}
                onRetry={edit.retry}
                onDiscard={edit.stop}
              />
            )}
            <Group gap="xs">
              <Button type="submit" size="xs" loading={edit.isPending} disabled={code !== undefined}>
                {t('common.actions.save')}
              </Button>
              <Button size="xs" variant="default" disabled={edit.isPending} onClick={edit.stop}>
                {t('common.actions.cancel')}
              </Button>
            </Group>
          </Stack>
        </form>
      </dd>
    </div>
  );
}
