import { Button, type ButtonProps } from '@mantine/core';
import { IconKey } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { finish } from '../../api/finish.ts';
import { useCan } from '../../api/session.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { sayFailed } from '../../ui/toasts.ts';
import { WhyNot } from '../../ui/WhyNot.tsx';
import { useChangeKeys } from './backups.queries.ts';
import { freshRecovery } from './fresh-recovery.ts';

type RecoveryButtonProps = {
  readonly label: string;
  readonly size?: ButtonProps['size'];
  readonly variant?: ButtonProps['variant'];
};

/** Makes a recovery key; the dialog of the page shows it once. */
export function RecoveryButton({ label, size = 'xs', variant = 'filled' }: RecoveryButtonProps) {
  const mayManage = useCan()('backups.manage');
  const { make, isPending } = useMakeRecovery();
  return (
    <WhyNot reason={!mayManage}>
      <Button
        size={size}
        variant={variant}
        leftSection={<IconKey size={16} aria-hidden />}
        disabled={!mayManage}
        loading={isPending}
        onClick={() => make()}
      >
        {label}
      </Button>
    </WhyNot>
  );
}

export function useMakeRecovery(): { readonly make: (onSettled?: () => void) => void; readonly isPending: boolean } {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const keys = useChangeKeys();
  return {
    isPending: keys.isPending,
    make: (onSettled) =>
      finish(
        keys,
        { operation: 'new_recovery' },
        {
          onSuccess: ({ recoveryKey, state }) => {
            if (recoveryKey !== null) freshRecovery.set({ key: recoveryKey, keyId: state.recovery?.keyId ?? '' });
            keys.reset();
          },
          onError: (error) => sayFailed(t('backups.keys.recoveryFailed'), errorText(error)),
          ...(onSettled === undefined ? {} : { onSettled }),
        },
      ),
  };
}
