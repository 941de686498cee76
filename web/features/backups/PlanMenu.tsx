import { ActionIcon, Menu } from '@mantine/core';
import { IconArchive, IconClearAll, IconDots, IconPencil, IconTrash } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { PlannedBackup } from '#shared/backups.ts';
import { finish } from '../../api/finish.ts';
import { useCan } from '../../api/session.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { sayDone, sayFailed } from '../../ui/toasts.ts';
import { useRemovePlan } from './backups.queries.ts';
import { useRun } from './use-run.ts';

const icon = { size: 17, stroke: 1.7, 'aria-hidden': true } as const;

/** What is done to a plan less often. */
export function PlanMenu({
  plan: { id, plan },
  onEdit,
}: {
  readonly plan: PlannedBackup;
  readonly onEdit: () => void;
}) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const mayManage = useCan()('backups.manage');
  const remove = useRemovePlan();
  const prune = useRun();
  const [isAsking, setIsAsking] = useState(false);
  const [isPruning, setIsPruning] = useState(false);
  const { name } = plan;
  const confirm = (): void =>
    finish(remove, id, {
      onSuccess: () => sayDone(t('backups.plans.removed', { name })),
      onError: (error) => sayFailed(t('backups.plans.removeFailed'), errorText(error)),
      onSettled: () => setIsAsking(false),
    });
  const pruneNow = (): void => {
    for (const targetId of plan.targetIds) prune.start({ kind: 'prune', targetId, planId: id, isDryRun: false });
    setIsPruning(false);
  };
  return (
    <>
      <Menu width={240}>
        <Menu.Target>
          <ActionIcon size="lg" aria-label={t('backups.plans.menu', { name })}>
            <IconDots size={19} stroke={1.8} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconPencil {...icon} />} disabled={!mayManage} onClick={onEdit}>
            {t('backups.plans.edit')}
          </Menu.Item>
          <Menu.Item
            leftSection={<IconArchive {...icon} />}
            renderRoot={(props) => <Link {...props} to="/backups/sets" search={{ plan: id }} />}
          >
            {t('backups.plans.showSets')}
          </Menu.Item>
          <Menu.Item leftSection={<IconClearAll {...icon} />} disabled={!mayManage} onClick={() => setIsPruning(true)}>
            {t('backups.plans.prune')}
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item
            color="red"
            leftSection={<IconTrash {...icon} />}
            disabled={!mayManage}
            onClick={() => setIsAsking(true)}
          >
            {t('backups.plans.remove')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <ConfirmDialog
        isOpen={isAsking}
        title={t('backups.plans.removeTitle', { name })}
        confirmLabel={t('backups.plans.remove')}
        isDangerous
        isBusy={remove.isPending}
        onConfirm={confirm}
        onClose={() => setIsAsking(false)}
      >
        {t('backups.plans.removeText')}
      </ConfirmDialog>
      <ConfirmDialog
        isOpen={isPruning}
        title={t('backups.plans.pruneTitle', { name })}
        confirmLabel={t('backups.plans.prune')}
        isDangerous
        isBusy={prune.isPending}
        onConfirm={pruneNow}
        onClose={() => setIsPruning(false)}
      >
        {t('backups.plans.pruneText')}
      </ConfirmDialog>
    </>
  );
}
