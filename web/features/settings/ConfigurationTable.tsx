import { Box, Button, CopyButton as Copied, Group, SegmentedControl, Text, TextInput } from '@mantine/core';
import { IconCheck, IconCopy, IconListSearch, IconLock, IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../api/session.ts';
import { useFormat } from '../../ui/format.ts';
import { Section } from '../../ui/Section.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../ui/States.tsx';
import { ConfigurationRow } from './ConfigurationRow.tsx';
import classes from './ConfigurationTable.module.css';
import { findEntries, textOfEntries } from './find-entries.ts';
import { configQuery } from './settings.queries.ts';

/** Every effective value of the configuration with where it came from; secrets as their length. */
export function ConfigurationTable() {
  const { t } = useTranslation();
  const format = useFormat();
  const mayRead = useCan()('settings.write');
  const { data, error, refetch } = useQuery({ ...configQuery, enabled: mayRead });
  const [search, setSearch] = useState('');
  const [only, setOnly] = useState<'all' | 'set'>('all');

  if (!mayRead) {
    return (
      <Section padding="flush">
        <EmptyState icon={IconLock} title={t('settings.configuration.notAllowed')} />
      </Section>
    );
  }
  if (data === undefined) {
    return (
      <Section padding="flush">
        {error === null ? <LoadingRows rows={10} /> : <ErrorState error={error} onRetry={() => void refetch()} />}
      </Section>
    );
  }
  const found = findEntries(data.items, search, only);
  return (
    <>
      <Group gap="sm" mb="md">
        <TextInput
          className={classes.search ?? ''}
          aria-label={t('settings.configuration.search')}
          placeholder={t('settings.configuration.search')}
          leftSection={<IconSearch size={16} stroke={1.8} />}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
          type="search"
        />
        <SegmentedControl
          value={only}
          onChange={(value) => setOnly(value as 'all' | 'set')}
          data={[
            { value: 'all', label: t('settings.configuration.all') },
            { value: 'set', label: t('settings.configuration.onlySet') },
          ]}
        />
        <Copied value={textOfEntries(found)}>
          {({ copied, copy }) => (
            <Button
              variant="default"
              leftSection={copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
              onClick={copy}
              disabled={found.length === 0}
            >
              {copied ? t('common.actions.copied') : t('settings.configuration.copyAll')}
            </Button>
          )}
        </Copied>
      </Group>
      <Section padding="flush">
        {found.length === 0 ? (
          <EmptyState
            icon={IconListSearch}
            title={t('common.states.noResults')}
            text={t('common.states.noResultsHint')}
          />
        ) : (
          <Box component="dl" className={classes.list} aria-label={t('settings.tabs.configuration')}>
            {found.map((entry) => (
              <ConfigurationRow key={entry.key} entry={entry} />
            ))}
          </Box>
        )}
      </Section>
      <Text size="sm" c="dimmed" mt="sm" role="status">
        {t('settings.configuration.count', { count: found.length, value: format.number(found.length) })}
      </Text>
    </>
  );
}
