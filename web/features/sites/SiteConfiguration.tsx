import { Button, Skeleton, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { CodeView } from '../../ui/CodeView.tsx';
import { DiffView } from '../../ui/DiffView.tsx';
import { Section } from '../../ui/Section.tsx';
import { EmptyState, ErrorState } from '../../ui/States.tsx';
import { CopyButton, Token } from '../../ui/Token.tsx';
import { IconFileOff } from '@tabler/icons-react';
import { DirectivesForm } from './DirectivesForm.tsx';
import classes from './SiteConfiguration.module.css';
import { useSite } from './site-context.ts';
import { inspectionQuery, type Inspection } from './sites.queries.ts';

/** What really runs, how it differs from what the panel wrote, and the person's own directives. */
export function SiteConfiguration() {
  const site = useSite();
  const { data: inspection, error, refetch } = useQuery(inspectionQuery(site.id));
  return (
    <Stack gap="lg">
      {inspection !== undefined ? (
        <Running inspection={inspection} />
      ) : (
        <Section>
          {error === null ? (
            <Skeleton height={240} radius="md" />
          ) : (
            <ErrorState error={error} onRetry={() => void refetch()} />
          )}
        </Section>
      )}
      <DirectivesForm />
    </Stack>
  );
}

type View = 'current' | 'diff' | 'expected';

function Running({ inspection }: { readonly inspection: Inspection }) {
  const { t } = useTranslation();
  const { configPath, currentText, expectedText, diff } = inspection;
  const isDifferent = diff !== '';
  const [wanted, setWanted] = useState<View>('current');
  const view = isDifferent ? wanted : 'current';
  const text = view === 'expected' ? expectedText : currentText;
  return (
    <Section
      title={t('sites.configuration.running')}
      description={
        <span className={classes.words}>
          <Token mono>{configPath}</Token>
        </span>
      }
      padding="flush"
      actions={
        <>
          {isDifferent && (
            <Button.Group>
              {(['current', 'diff', 'expected'] as const).map((choice) => (
                <Button
                  key={choice}
                  size="xs"
                  variant={view === choice ? 'light' : 'default'}
                  aria-pressed={view === choice}
                  onClick={() => setWanted(choice)}
                >
                  {t(`sites.configuration.${choice}`)}
                </Button>
              ))}
            </Button.Group>
          )}
          {currentText !== null && <CopyButton value={currentText} label={t('sites.configuration.copy')} />}
        </>
      }
    >
      {view === 'diff' ? (
        <DiffView diff={diff} label={t('sites.drift.diffLabel', { path: configPath })} maxHeight={440} />
      ) : text === null ? (
        <EmptyState
          icon={IconFileOff}
          title={t('sites.configuration.missing')}
          text={t('sites.configuration.missingText')}
        />
      ) : (
        <CodeView text={text} label={configPath} maxHeight={440} />
      )}
    </Section>
  );
}
