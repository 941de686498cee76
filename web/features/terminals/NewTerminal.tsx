import { Button, Popover, Stack, Text, TextInput, UnstyledButton } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Terminal } from '#shared/terminals.ts';
import { finish } from '../../api/finish.ts';
import { useCan } from '../../api/session.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { sayFailed } from '../../ui/toasts.ts';
import { findSitesQuery } from '../sites/sites.queries.ts';
import { RecordingWish } from './RecordingWish.tsx';
import { useOpenTerminal } from './terminals.queries.ts';
import classes from './Terminals.module.css';

/** Chooses as whom: the user of a site, found by typing, or root. */
export function NewTerminal({ onOpened }: { readonly onOpened: (terminal: Terminal) => void }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const can = useCan();
  const [isOpen, setIsOpen] = useState(false);
  const [search, setSearch] = useState('');
  const wanted = useDeferredValue(search.trim());
  const sites = useQuery({ ...findSitesQuery(wanted), enabled: isOpen && can('sites.read') });
  const [isWished, setIsWished] = useState(false);
  const opening = useOpenTerminal();
  const open = (as: { kind: 'root' } | { kind: 'site'; siteId: string }): void => {
    setIsOpen(false);
    setIsWished(false);
    // The screen says how large it is as soon as it is there.
    finish(
      opening,
      { ...as, cols: 80, rows: 24, isRecorded: isWished },
      { onSuccess: onOpened, onError: (error) => sayFailed(t('terminals.notOpened'), errorText(error)) },
    );
  };
  const found = sites.data?.items ?? [];
  return (
    <Popover opened={isOpen} onChange={setIsOpen} position="bottom-end" width={320} trapFocus shadow="md">
      <Popover.Target>
        <Button
          leftSection={<IconPlus size={16} />}
          loading={opening.isPending}
          aria-expanded={isOpen}
          onClick={() => setIsOpen(!isOpen)}
        >
          {t('terminals.open')}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="sm">
          {can('sites.read') && (
            <div>
              <TextInput
                label={t('terminals.asSite')}
                placeholder={t('terminals.findSite')}
                value={search}
                dir="auto"
                onChange={({ currentTarget: { value } }) => setSearch(value)}
              />
              <div className={classes.choices}>
                {found.map(({ id, name }) => (
                  <UnstyledButton
                    key={id}
                    className={classes.choice}
                    onClick={() => open({ kind: 'site', siteId: id })}
                  >
                    <bdi>{name}</bdi>
                  </UnstyledButton>
                ))}
                {sites.data !== undefined && found.length === 0 && (
                  <Text size="sm" c="dimmed">
                    {t('terminals.noSite')}
                  </Text>
                )}
              </div>
            </div>
          )}
          <div>
            <Button
              variant="default"
              fullWidth
              disabled={!can('terminals.root')}
              onClick={() => open({ kind: 'root' })}
            >
              {t('terminals.asRoot')}
            </Button>
            <Text size="xs" c="dimmed" mt={4}>
              {t(can('terminals.root') ? 'terminals.asRootText' : 'terminals.notAllowedRoot')}
            </Text>
          </div>
          <RecordingWish
            kinds={can('terminals.root') ? ['site', 'root'] : ['site']}
            isWished={isWished}
            onWish={setIsWished}
          />
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
