import { SegmentedControl, Text } from '@mantine/core';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { roleRecordings } from '#shared/access.ts';
import type { RoleRow } from '#shared/people.ts';
import { finish } from '../../api/finish.ts';
import { useCan, useMe } from '../../api/session.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { sayDone, sayFailed } from '../../ui/toasts.ts';
import { WhyNot } from '../../ui/WhyNot.tsx';
import { useSetRoleRecording } from './people.queries.ts';
import { roleBarrier } from './person-state.ts';
import classes from './Roles.module.css';

/** Whether terminals of a role's people are recorded; what is chosen holds at once. */
export function RoleRecordingChoice({ role, name }: { readonly role: RoleRow; readonly name: string }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const id = useId();
  const me = useMe();
  const mayWrite = useCan()('people.write');
  const saving = useSetRoleRecording(role.id);
  const barrier = roleBarrier(role, { role: me.person.role, permissions: me.permissions });
  const whyNot = !mayWrite
    ? true
    : barrier !== null && t(barrier === 'ownerOnly' ? 'people.ownerOnly' : 'people.form.moreThanOwn');
  const shown = saving.isPending ? saving.variables : role.recording;
  const choose = (value: string): void => {
    const recording = roleRecordings.find((each) => each === value);
    if (recording === undefined || recording === role.recording) return;
    finish(saving, recording, {
      onSuccess: () => sayDone(t('people.roles.recordingSaved', { name })),
      onError: (error) => sayFailed(t('people.roles.recordingFailed'), errorText(error)),
    });
  };
  return (
    <div className={classes.recording}>
      <Text size="sm" fw={550} mb={6} id={id} component="div">
        {t('people.roles.recording')}
      </Text>
      <WhyNot reason={whyNot}>
        <SegmentedControl
          aria-labelledby={id}
          disabled={whyNot !== false || saving.isPending}
          value={shown}
          onChange={choose}
          data={roleRecordings.map((value) => ({ value, label: t(`people.roles.recordings.${value}`) }))}
        />
      </WhyNot>
      <Text size="xs" c="dimmed" mt={6}>
        {t(`people.roles.recordingTexts.${shown}`)} {t('people.roles.recordingHint')}
      </Text>
    </div>
  );
}
