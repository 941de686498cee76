import { ActionIcon, Button, Textarea, TextInput, Tooltip } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { maxWorkers } from '#shared/app-limits.ts';
import { freshWorker, type DraftWorker } from './app-draft.ts';
import classes from './SiteApp.module.css';

/** Further programs of an application: a name, a program and its arguments for each. */
export function AppWorkers({
  items,
  onChange,
  errorOf,
  isFixed,
}: {
  readonly items: readonly DraftWorker[];
  readonly onChange: (items: DraftWorker[]) => void;
  readonly errorOf: (index: number, part: keyof DraftWorker) => string | undefined;
  readonly isFixed: boolean;
}) {
  const { t } = useTranslation();
  const put = (index: number, part: Partial<DraftWorker>): void =>
    onChange(items.map((each, at) => (at === index ? { ...each, ...part } : each)));
  const plain = {
    disabled: isFixed,
    dir: 'ltr',
    spellCheck: false,
    classNames: { input: classes.mono ?? '' },
  } as const;
  return (
    <div>
      {items.length === 0 && <p className={classes.text}>{t('apps.workers.empty')}</p>}
      <ul className={classes.variables}>
        {items.map((item, index) => (
          // It has no name of its own while it is typed: its place is all it has.
          <li key={`worker ${index}`} className={classes.worker}>
            <TextInput
              {...plain}
              label={t('apps.workers.name')}
              placeholder="queue"
              value={item.name}
              onChange={(event) => put(index, { name: event.currentTarget.value.trim() })}
              error={errorOf(index, 'name')}
              maxLength={32}
            />
            <TextInput
              {...plain}
              label={t('apps.workers.program')}
              placeholder="node"
              value={item.program}
              onChange={(event) => put(index, { program: event.currentTarget.value })}
              error={errorOf(index, 'program')}
            />
            <Textarea
              {...plain}
              label={t('apps.workers.arguments')}
              placeholder="worker.js"
              value={item.arguments}
              onChange={(event) => put(index, { arguments: event.currentTarget.value })}
              error={errorOf(index, 'arguments')}
              autosize
              minRows={1}
              maxRows={8}
            />
            <Tooltip label={t('apps.form.remove', { name: item.name })}>
              <ActionIcon
                className={classes.drop}
                variant="subtle"
                color="gray"
                aria-label={t('apps.form.remove', { name: item.name })}
                disabled={isFixed}
                onClick={() => onChange(items.filter((_, at) => at !== index))}
              >
                <IconTrash size={17} stroke={1.7} />
              </ActionIcon>
            </Tooltip>
          </li>
        ))}
      </ul>
      <Button
        variant="default"
        size="xs"
        disabled={isFixed || items.length >= maxWorkers}
        leftSection={<IconPlus size={15} aria-hidden />}
        onClick={() => onChange([...items, freshWorker])}
      >
        {t('apps.workers.add')}
      </Button>
    </div>
  );
}
