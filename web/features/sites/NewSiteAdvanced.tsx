import { Autocomplete, Collapse, Stack, Textarea, TextInput, UnstyledButton } from '@mantine/core';
import { IconChevronDown } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../api/session.ts';
import classes from './NewSite.module.css';
import type { NewSiteDraft } from './new-site-draft.ts';
import { readDomainLines } from './domain-lines.ts';
import { plannedPaths } from './site-names.ts';
import { categoriesQuery } from './sites.queries.ts';

type NewSiteAdvancedProps = {
  readonly draft: NewSiteDraft;
  readonly onChange: (change: Partial<NewSiteDraft>) => void;
  readonly errors: Readonly<Record<string, string>>;
  readonly isForcedOpen: boolean;
};

/** What most sites do not need. */
export function NewSiteAdvanced({ draft, onChange, errors, isForcedOpen }: NewSiteAdvancedProps) {
  const { t } = useTranslation();
  const id = useId();
  const hasValues = [draft.name, draft.remark, draft.category, draft.root, draft.sshKey, draft.repository].some(
    (text) => text !== '',
  );
  const [isWanted, setIsWanted] = useState(hasValues);
  const isOpen = isWanted || isForcedOpen;
  const mayDeploy = useCan()('deployments.write') && draft.kind !== 'proxy' && !draft.isWordpress;
  const { data: categories } = useQuery(categoriesQuery);
  const first = readDomainLines(draft.domains)[0]?.domain;
  return (
    <div>
      <UnstyledButton
        className={classes.more}
        aria-expanded={isOpen}
        aria-controls={id}
        onClick={() => setIsWanted(!isOpen)}
      >
        <IconChevronDown size={16} aria-hidden />
        {t('sites.new.advanced')}
      </UnstyledButton>
      <Collapse expanded={isOpen} id={id}>
        <Stack gap="md" pt="md">
          <TextInput
            label={t('sites.fields.name')}
            description={t('sites.new.nameText')}
            value={draft.name}
            onChange={(event) => onChange({ name: event.currentTarget.value })}
            error={errors['name']}
            maxLength={100}
          />
          <Autocomplete
            label={t('sites.fields.category')}
            description={t('sites.new.categoryText')}
            data={categories?.items.map(({ name }) => name) ?? []}
            value={draft.category}
            onChange={(category) => onChange({ category })}
            error={errors['category']}
            maxLength={60}
          />
          <Textarea
            label={t('sites.fields.remark')}
            value={draft.remark}
            // A remark is one line: pressing Enter writes a space.
            onChange={(event) => onChange({ remark: event.currentTarget.value.replaceAll(/\s*\n\s*/g, ' ') })}
            error={errors['remark']}
            maxLength={500}
          />
          <TextInput
            className={classes.mono}
            label={t('sites.fields.root')}
            description={t('sites.new.rootText')}
            placeholder={first == null ? '/www/wwwroot/example.com' : plannedPaths(first, '').folder}
            value={draft.root}
            onChange={(event) => onChange({ root: event.currentTarget.value })}
            error={errors['root']}
            dir="ltr"
            autoCapitalize="none"
            spellCheck={false}
          />
          <Textarea
            classNames={{ input: classes.mono ?? '' }}
            label={t('sites.new.sshKey')}
            description={t('sites.new.sshKeyText')}
            placeholder="ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA…"
            value={draft.sshKey}
            onChange={(event) => onChange({ sshKey: event.currentTarget.value })}
            error={errors['sshKey']}
            autosize
            minRows={2}
            maxRows={6}
            dir="ltr"
            autoCapitalize="none"
            spellCheck={false}
          />
          {mayDeploy && (
            <TextInput
              className={classes.mono}
              label={t('sites.new.repository')}
              description={t('sites.new.repositoryText')}
              placeholder="git@github.com:name/site.git"
              value={draft.repository}
              onChange={(event) => onChange({ repository: event.currentTarget.value })}
              error={errors['repository']}
              dir="ltr"
              autoCapitalize="none"
              spellCheck={false}
            />
          )}
        </Stack>
      </Collapse>
    </div>
  );
}
