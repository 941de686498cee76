import { Button, Collapse, Group } from '@mantine/core';
import { IconChevronDown } from '@tabler/icons-react';
import { useBlocker } from '@tanstack/react-router';
import { useId, type ComponentType } from 'react';
import { useTranslation } from 'react-i18next';
import type { SiteBehaviour } from '#shared/site-behaviour.ts';
import { useCan } from '../../../api/session.ts';
import { ConfirmDialog } from '../../../ui/ConfirmDialog.tsx';
import { useFieldErrors } from '../../../ui/error-text.ts';
import { WhyNot } from '../../../ui/WhyNot.tsx';
import { ChangeRefused } from '../ChangeRefused.tsx';
import { useSite } from '../site-context.ts';
import { SiteWarnings } from '../SiteWarnings.tsx';
import { useSiteEdit } from '../use-site-edit.ts';
import { isPartSame, isUntouched, withParts, type RuleCardFacts } from './rule-cards.ts';
import type { RuleFormProps } from './rule-form.ts';
import { useRuleSummary } from './rule-summary.ts';
import { useTypedPasswords } from './typed-passwords.ts';
import { UnsavedAnswer } from './UnsavedAnswer.tsx';
import classes from './Rules.module.css';

type RuleCardProps = { readonly card: RuleCardFacts; readonly Form: ComponentType<RuleFormProps> };

/** One kind of rule: closed it says in a line what is set, open it is a form of its own. */
export function RuleCard({ card, Form }: RuleCardProps) {
  const { t } = useTranslation();
  const site = useSite();
  const can = useCan();
  const fieldErrors = useFieldErrors();
  const summary = useRuleSummary(card.key, site.behaviour);
  const bodyId = useId();
  const edit = useSiteEdit<SiteBehaviour>(site);
  const typed = useTypedPasswords(site.id);
  const { draft } = edit;
  const error = typed.error ?? edit.error;
  const isPending = typed.isPending || edit.isPending;
  const isOpen = draft !== null;
  const isDirty = draft !== null && !isPartSame(draft, edit.seen.behaviour, card.parts);
  const isFixed = !can('sites.write') || isPending;
  const said = error === null ? {} : fieldErrors(error);
  const isPlaced = Object.keys(said).some((field) => card.parts.some((part) => isIn(field, `behaviour.${part}`)));
  const blocker = useBlocker({ shouldBlockFn: () => isDirty, enableBeforeUnload: () => isDirty, withResolver: true });
  const save = (given: SiteBehaviour): void =>
    typed.mutate(given, {
      onSuccess(settled) {
        // What was typed is not sent twice, also when the rules are refused.
        typed.reset();
        edit.setDraft(settled);
        edit.save({ behaviour: withParts(site.behaviour, settled, card.parts) });
      },
    });
  const stop = (): void => {
    typed.reset();
    edit.stop();
  };
  const isOn = !isUntouched(site.behaviour, card.parts);
  return (
    <section className={classes.card} data-open={isOpen || undefined}>
      <h2 className={classes.title}>
        <button
          type="button"
          className={classes.toggle}
          aria-expanded={isOpen}
          aria-controls={bodyId}
          onClick={() => (isOpen ? (isDirty ? undefined : stop()) : edit.start(site.behaviour))}
        >
          <span className={classes.icon} data-on={isOn || undefined}>
            <card.icon size={20} stroke={1.7} aria-hidden />
          </span>
          <span className={classes.words}>
            <span className={classes.name}>{t(`behaviour.cards.${card.key}.title`)}</span>
            <span className={classes.summary}>
              {isOpen ? t(`behaviour.cards.${card.key}.lead`) : (summary ?? t(`behaviour.cards.${card.key}.lead`))}
            </span>
          </span>
          {isOn && !isOpen && <span className={classes.badge}>{t('behaviour.active')}</span>}
          <IconChevronDown size={18} stroke={1.8} className={classes.chevron} aria-hidden />
        </button>
      </h2>
      <Collapse expanded={isOpen} id={bodyId}>
        {draft !== null && (
          <form
            noValidate
            className={classes.form}
            onSubmit={(event) => {
              event.preventDefault();
              if (isFixed || !isDirty) return;
              save(draft);
            }}
          >
            <fieldset disabled={isFixed} className={classes.fields}>
              <Form
                draft={draft}
                change={(part) => edit.setDraft({ ...draft, ...part })}
                errorAt={(field) => said[`behaviour.${field}`]}
                errorUnder={(field) => Object.entries(said).find(([name]) => isIn(name, `behaviour.${field}`))?.[1]}
                isFixed={isFixed}
              />
            </fieldset>
            {error !== null && !isPlaced && (
              <ChangeRefused
                error={error}
                seen={edit.seen}
                present={site}
                touched={['behaviour']}
                isBusy={isPending}
                onRetry={typed.error === null ? edit.retry : () => save(draft)}
                onDiscard={stop}
              />
            )}
            {isDirty && <UnsavedAnswer behaviour={withParts(site.behaviour, draft, card.parts)} />}
            <SiteWarnings warnings={edit.warnings} />
            <Group gap="xs" className={classes.actions}>
              <WhyNot reason={!can('sites.write')}>
                <Button type="submit" loading={isPending} disabled={!isDirty || !can('sites.write')}>
                  {t('common.actions.save')}
                </Button>
              </WhyNot>
              <Button variant="default" disabled={isPending} onClick={stop}>
                {t(isDirty ? 'common.actions.discard' : 'common.actions.close')}
              </Button>
            </Group>
          </form>
        )}
      </Collapse>
      <ConfirmDialog
        isOpen={blocker.status === 'blocked'}
        title={t('behaviour.leave.title')}
        confirmLabel={t('behaviour.leave.confirm')}
        cancelLabel={t('behaviour.leave.stay')}
        isDangerous
        onConfirm={() => blocker.proceed?.()}
        onClose={() => blocker.reset?.()}
      >
        {t('behaviour.leave.text')}
      </ConfirmDialog>
    </section>
  );
}

function isIn(field: string, part: string): boolean {
  return field === part || field.startsWith(`${part}.`);
}
