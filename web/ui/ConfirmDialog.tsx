import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useEffect, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

type ConfirmDialogProps = {
  readonly isOpen: boolean;
  readonly title: string;
  readonly children: ReactNode;
  readonly confirmLabel: string;
  readonly cancelLabel?: string;
  readonly isDangerous?: boolean;
  readonly isBusy?: boolean;
  /** False until what the question asks for was given, such as a name typed as a signature. */
  readonly canConfirm?: boolean;
  /** null: there is nothing left to confirm, only to close. */
  readonly onConfirm: (() => void) | null;
  readonly onClose: () => void;
};

/** One question before something happens; the safe answer has the focus. */
export function ConfirmDialog({
  isOpen,
  title,
  children,
  confirmLabel,
  cancelLabel,
  isDangerous = false,
  isBusy = false,
  canConfirm = true,
  onConfirm,
  onClose,
}: ConfirmDialogProps) {
  const { t } = useTranslation();
  const takesEscape = useAfterOpening(isOpen);
  return (
    <Modal
      opened={isOpen}
      closeOnEscape={takesEscape}
      onClose={isBusy ? () => undefined : onClose}
      title={
        <Text component="span" fw={600}>
          {title}
        </Text>
      }
      size={440}
      closeButtonProps={{ 'aria-label': t('common.actions.close') }}
      zIndex={320}
    >
      <Stack gap="lg">
        <Text size="sm" component="div" c="dimmed">
          {children}
        </Text>
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose} disabled={isBusy} data-autofocus>
            {cancelLabel ?? t(onConfirm === null ? 'common.actions.close' : 'common.actions.cancel')}
          </Button>
          {onConfirm !== null && (
            <Button color={isDangerous ? 'red' : 'brand'} loading={isBusy} disabled={!canConfirm} onClick={onConfirm}>
              {confirmLabel}
            </Button>
          )}
        </Group>
      </Stack>
    </Modal>
  );
}

/** The key press that asks the question reaches the dialog's own listener too: it must not answer it. */
function useAfterOpening(isOpen: boolean): boolean {
  const [isAfter, setIsAfter] = useState(false);
  useEffect(() => {
    if (!isOpen) return;
    const timer = setTimeout(() => setIsAfter(true));
    return () => {
      clearTimeout(timer);
      setIsAfter(false);
    };
  }, [isOpen]);
  return isAfter;
}
