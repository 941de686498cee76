import { Button, Group, NumberInput, Select, Stack } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { RecordingSettings } from '#shared/terminal-recordings.ts';
import { recordedTerminals } from '#shared/terminals.ts';
import { finish } from '../../api/finish.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { Section } from '../../ui/Section.tsx';
import { sayDone, sayFailed } from '../../ui/toasts.ts';
import { useSetRecording } from './recordings.queries.ts';

/** Whose terminals are recorded and for how long that is kept: for whoever may be root. */
export function RecordingSettingsForm({ settings }: { readonly settings: RecordingSettings }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const saving = useSetRecording();
  const [draft, setDraft] = useState(settings);
  const isSame = draft.recorded === settings.recorded && draft.keptDays === settings.keptDays;
  const save = (): void =>
    finish(saving, draft, {
      onSuccess: () => sayDone(t('terminals.recordings.saved')),
      onError: (failure) => sayFailed(t('terminals.recordings.notSaved'), errorText(failure)),
    });
  return (
    <Section title={t('terminals.recordings.settings')}>
      <Stack gap="sm">
        <Group align="flex-start" grow preventGrowOverflow={false}>
          <Select
            label={t('terminals.recordings.which')}
            description={t('terminals.recordings.whichHint')}
            allowDeselect={false}
            data={recordedTerminals.map((value) => ({ value, label: t(`terminals.recordings.recorded.${value}`) }))}
            value={draft.recorded}
            onChange={(value) =>
              setDraft({ ...draft, recorded: recordedTerminals.find((each) => each === value) ?? draft.recorded })
            }
          />
          <NumberInput
            label={t('terminals.recordings.keptDays')}
            description={t('terminals.recordings.keptDaysHint')}
            min={1}
            max={365}
            clampBehavior="strict"
            allowDecimal={false}
            value={draft.keptDays}
            onChange={(value) => setDraft({ ...draft, keptDays: Math.max(1, Number(value)) })}
          />
        </Group>
        <Group justify="flex-end">
          <Button size="xs" disabled={isSame} loading={saving.isPending} onClick={save}>
            {t('common.actions.save')}
          </Button>
        </Group>
      </Stack>
    </Section>
  );
}
