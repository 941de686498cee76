import { Button } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../api/session.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { DiffView } from '../../ui/DiffView.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { Notice } from '../../ui/Notice.tsx';
import { sayDone, sayFailed } from '../../ui/toasts.ts';
import { Token } from '../../ui/Token.tsx';
import { WhyNot } from '../../ui/WhyNot.tsx';
import { useSite } from './site-context.ts';
import { useResolveDrift, type Inspection } from './sites.queries.ts';
import classes from './SitePage.module.css';

type Choice = 'adopt' | 'overwrite';

/** The file on the machine is not the one the panel wrote: what it is, the difference, and the two ways on. */
const kinds = {
  changed: { tone: 'warn', choices: ['adopt', 'overwrite'] },
  missing: { tone: 'warn', choices: ['overwrite'] },
  isolated: { tone: 'bad', choices: ['adopt', 'overwrite'] },
  adopted: { tone: 'info', choices: ['overwrite'] },
} as const satisfies Record<string, { readonly tone: string; readonly choices: readonly Choice[] }>;

export function DriftBanner({ inspection }: { readonly inspection: Inspection }) {
  const { t } = useTranslation();
  const site = useSite();
  const can = useCan();
  const errorText = useErrorText();
  const resolve = useResolveDrift();
  const [isDiffOpen, setIsDiffOpen] = useState(false);
  const [asked, setAsked] = useState<Choice | null>(null);
  const { drift, diff, configPath, isolatedReason } = inspection;
  if (drift === 'in_sync' || drift === 'unknown') return null;
  const { tone, choices } = kinds[drift];
  const isAllowed = can('sites.write');

  const carryOut = (choice: Choice): void =>
    resolve.mutate(
      { siteId: site.id, choice },
      {
        onSuccess: () => sayDone(t(`sites.drift.${choice}Done`)),
        onError: (error) => sayFailed(t(`sites.drift.${choice}Failed`), errorText(error)),
        onSettled: () => setAsked(null),
      },
    );

  return (
    <Notice
      tone={tone}
      role={drift === 'isolated' ? 'alert' : 'status'}
      title={t(`sites.drift.${drift}`)}
      actions={
        <>
          {diff !== '' && (
            <Button
              variant="subtle"
              color="gray"
              size="xs"
              aria-expanded={isDiffOpen}
              onClick={() => setIsDiffOpen((before) => !before)}
            >
              {t(isDiffOpen ? 'sites.drift.hideDiff' : 'sites.drift.showDiff')}
            </Button>
          )}
          {choices.map((choice) => (
            <WhyNot key={choice} reason={!isAllowed}>
              <Button
                size="xs"
                variant={choices.length > 1 ? 'default' : 'filled'}
                disabled={!isAllowed}
                onClick={() => setAsked(choice)}
              >
                {t(
                  choice === 'overwrite' && (drift === 'missing' || drift === 'adopted')
                    ? `sites.drift.overwrite_${drift}`
                    : `sites.drift.${choice}`,
                )}
              </Button>
            </WhyNot>
          ))}
        </>
      }
      below={
        isDiffOpen && diff !== '' ? (
          <div className={classes.diff}>
            <DiffView diff={diff} label={t('sites.drift.diffLabel', { path: configPath })} maxHeight={380} />
          </div>
        ) : undefined
      }
    >
      {t(`sites.drift.${drift}Text`)} <Token mono>{configPath}</Token>
      {isolatedReason !== null && (
        <pre className={classes.words} dir="ltr">
          {isolatedReason}
        </pre>
      )}
      <ConfirmDialog
        isOpen={asked !== null}
        title={t(`sites.drift.${asked ?? 'adopt'}Title`)}
        confirmLabel={t(`sites.drift.${asked ?? 'adopt'}`)}
        isBusy={resolve.isPending}
        onClose={() => setAsked(null)}
        onConfirm={() => {
          if (asked !== null) carryOut(asked);
        }}
      >
        {t(`sites.drift.${asked ?? 'adopt'}Question`)}
      </ConfirmDialog>
    </Notice>
  );
}
