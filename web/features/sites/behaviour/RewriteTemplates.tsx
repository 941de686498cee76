import { ActionIcon, Button, Group, Menu, Popover, TextInput, Tooltip } from '@mantine/core';
import { IconBookmark, IconBookmarkPlus, IconTrash } from '@tabler/icons-react';
import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { RewriteRule } from '#shared/behaviour/rewrites.ts';
import { rewriteTemplatesApi } from '#shared/rewrite-templates.ts';
import { call } from '../../../api/client.ts';
import { finish } from '../../../api/finish.ts';
import { useErrorText, useFieldErrors } from '../../../ui/error-text.ts';
import { useFormat } from '../../../ui/format.ts';
import { sayDone, sayFailed } from '../../../ui/toasts.ts';

const templatesQuery = queryOptions({
  queryKey: ['rewrite-templates'],
  queryFn: ({ signal }) => call(rewriteTemplatesApi.list, { signal }),
});

type RewriteTemplatesProps = {
  readonly rules: readonly RewriteRule[];
  readonly onTake: (rules: RewriteRule[]) => void;
};

/** Rules kept under a name: put into this site, or kept from it for others. */
export function RewriteTemplates({ rules, onTake }: RewriteTemplatesProps) {
  return (
    <Group gap="xs">
      <Take onTake={onTake} />
      {rules.length > 0 && <Keep rules={rules} />}
    </Group>
  );
}

function Take({ onTake }: Pick<RewriteTemplatesProps, 'onTake'>) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const client = useQueryClient();
  const { data } = useQuery(templatesQuery);
  const remove = useMutation({
    mutationFn: (templateId: string) => call(rewriteTemplatesApi.remove, { params: { templateId } }),
    onSettled: () => client.invalidateQueries(templatesQuery),
  });
  if (data === undefined || data.items.length === 0) return null;
  return (
    <Menu position="bottom-start" withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <Button variant="default" size="xs" leftSection={<IconBookmark size={15} stroke={1.7} aria-hidden />}>
          {t('behaviour.templates.take')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown mah={320} style={{ overflowY: 'auto' }}>
        {data.items.map(({ id, name, rules }) => (
          <Group key={id} gap={4} wrap="nowrap" justify="space-between">
            <Menu.Item onClick={() => onTake(rules)}>
              <bdi>{name}</bdi> {t('behaviour.templates.count', { value: format.number(rules.length) })}
            </Menu.Item>
            <Tooltip label={t('behaviour.templates.remove', { name })}>
              <ActionIcon
                aria-label={t('behaviour.templates.remove', { name })}
                loading={remove.isPending && remove.variables === id}
                onClick={() =>
                  finish(remove, id, {
                    onSuccess: () => sayDone(t('behaviour.templates.removed', { name })),
                    onError: (error) => sayFailed(t('behaviour.templates.removeFailed', { name }), errorText(error)),
                  })
                }
              >
                <IconTrash size={15} stroke={1.7} />
              </ActionIcon>
            </Tooltip>
          </Group>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function Keep({ rules }: Pick<RewriteTemplatesProps, 'rules'>) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const fieldErrors = useFieldErrors();
  const client = useQueryClient();
  const { data } = useQuery(templatesQuery);
  const [name, setName] = useState<string | null>(null);
  const save = useMutation({
    mutationFn: (body: { name: string; rules: RewriteRule[] }) => call(rewriteTemplatesApi.save, { body }),
    onSettled: () => client.invalidateQueries(templatesQuery),
  });
  const given = name?.trim() ?? '';
  const isThere = data?.items.some((each) => each.name === given) === true;
  const said = save.error === null ? undefined : fieldErrors(save.error);
  const problem = said === undefined ? undefined : (said['name'] ?? Object.values(said)[0] ?? errorText(save.error));
  const keep = (): void => {
    if (given === '' || save.isPending) return;
    finish(
      save,
      { name: given, rules: [...rules] },
      {
        onSuccess: () => {
          sayDone(t('behaviour.templates.kept', { name: given }));
          setName(null);
        },
      },
    );
  };
  return (
    <Popover opened={name !== null} onChange={(isOpen) => !isOpen && setName(null)} trapFocus withRoles={false}>
      <Popover.Target>
        <Button
          variant="default"
          size="xs"
          leftSection={<IconBookmarkPlus size={15} stroke={1.7} aria-hidden />}
          onClick={() => {
            save.reset();
            setName(name === null ? '' : null);
          }}
        >
          {t('behaviour.templates.keep')}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Group gap="xs" align="flex-end" wrap="nowrap">
          <TextInput
            label={t('behaviour.templates.name')}
            description={isThere ? t('behaviour.templates.replaces') : undefined}
            value={name ?? ''}
            onChange={(event) => setName(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key !== 'Enter') return;
              // The form around it is that of the site.
              event.preventDefault();
              keep();
            }}
            error={problem}
            maxLength={60}
          />
          <Button loading={save.isPending} disabled={given === ''} onClick={keep}>
            {t('behaviour.templates.save')}
          </Button>
        </Group>
      </Popover.Dropdown>
    </Popover>
  );
}
