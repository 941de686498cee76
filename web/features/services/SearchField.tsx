import { ActionIcon, TextInput } from '@mantine/core';
import { IconSearch, IconX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import classes from './Services.module.css';

type SearchFieldProps = { readonly value: string; readonly onChange: (value: string) => void };

/** Narrows what is on the page; nothing is asked anew. */
export function SearchField({ value, onChange }: SearchFieldProps) {
  const { t } = useTranslation();
  return (
    <TextInput
      className={classes.search}
      type="search"
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      placeholder={t('services.search')}
      aria-label={t('services.search')}
      leftSection={<IconSearch size={17} stroke={1.8} aria-hidden />}
      rightSection={
        value !== '' && (
          <ActionIcon size="sm" aria-label={t('services.clearSearch')} onClick={() => onChange('')}>
            <IconX size={15} />
          </ActionIcon>
        )
      }
      maxLength={200}
    />
  );
}
