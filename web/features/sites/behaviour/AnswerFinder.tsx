import { Button, Collapse, Select, TextInput } from '@mantine/core';
import { IconChevronDown, IconSearch } from '@tabler/icons-react';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { askedMethods } from '#shared/site-answers.ts';
import { formatDomain } from '#shared/sites.ts';
import { useErrorText, useFieldErrors } from '../../../ui/error-text.ts';
import { Notice } from '../../../ui/Notice.tsx';
import { Section } from '../../../ui/Section.tsx';
import { useSite } from '../site-context.ts';
import { useFindAnswer, type AnswerQuestion } from '../sites.queries.ts';
import { AnswerLine } from './AnswerLine.tsx';
import { useAsked } from './asked-address.ts';
import classes from './Answer.module.css';
import rules from './Rules.module.css';

type Draft = { url: string; method: (typeof askedMethods)[number]; address: string } & Record<More, string>;
type More = 'agent' | 'referer' | 'origin';
const more: readonly More[] = ['agent', 'referer', 'origin'];

/** An address, and which rule of the site answers it. */
export function AnswerFinder() {
  const { t } = useTranslation();
  const site = useSite();
  const moreId = useId();
  const errorText = useErrorText();
  const fieldErrors = useFieldErrors();
  const asked = useAsked();
  const find = useFindAnswer(site.id);
  const [isMore, setIsMore] = useState(false);
  const [draft, setDraft] = useState<Draft>(() => {
    const [first] = site.domains;
    const host = first === undefined ? '' : formatDomain(first).replace(/^\*\./, 'www.');
    const scheme = site.tls === null ? 'http' : 'https';
    return { url: `${scheme}://${host}/`, method: 'GET', address: '', agent: '', referer: '', origin: '' };
  });
  const set = (part: Partial<Draft>): void => setDraft({ ...draft, ...part });
  const said = find.error === null ? {} : fieldErrors(find.error);
  return (
    <Section title={t('behaviour.answer.title')} description={t('behaviour.answer.text')}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          const { address, ...rest } = draft;
          const question: AnswerQuestion = address === '' ? rest : { ...rest, address };
          find.mutate(question, { onSuccess: () => asked.ask(question) });
        }}
      >
        <div className={classes.ask}>
          <TextInput
            className={rules.mono}
            label={t('behaviour.answer.url')}
            value={draft.url}
            onChange={(event) => set({ url: event.currentTarget.value.trim() })}
            error={said['url']}
            type="url"
            dir="ltr"
            spellCheck={false}
            autoCapitalize="none"
          />
          <Button
            type="submit"
            variant="default"
            loading={find.isPending}
            leftSection={<IconSearch size={16} aria-hidden />}
          >
            {t('behaviour.answer.ask')}
          </Button>
        </div>
        <Button
          mt={8}
          variant="subtle"
          size="compact-sm"
          aria-expanded={isMore}
          aria-controls={moreId}
          rightSection={<IconChevronDown size={14} aria-hidden />}
          onClick={() => setIsMore(!isMore)}
        >
          {t('behaviour.answer.more')}
        </Button>
        <Collapse expanded={isMore} id={moreId}>
          <div className={classes.more}>
            <Select
              label={t('behaviour.answer.method')}
              data={[...askedMethods]}
              value={draft.method}
              onChange={(value) => set({ method: askedMethods.find((each) => each === value) ?? 'GET' })}
            />
            <TextInput
              className={rules.mono}
              label={t('behaviour.answer.address')}
              placeholder="203.0.113.7"
              value={draft.address}
              onChange={(event) => set({ address: event.currentTarget.value.trim() })}
              error={said['address']}
              dir="ltr"
              spellCheck={false}
            />
            {more.map((name) => (
              <TextInput
                key={name}
                className={rules.mono}
                label={t(`behaviour.answer.${name}`)}
                value={draft[name]}
                onChange={(event) => set({ [name]: event.currentTarget.value })}
                error={said[name]}
                dir="ltr"
                spellCheck={false}
              />
            ))}
          </div>
        </Collapse>
      </form>
      {find.error !== null && Object.keys(said).length === 0 && (
        <Notice tone="bad" role="alert">
          {errorText(find.error)}
        </Notice>
      )}
      {find.data !== undefined && (
        <div className={classes.answers} role="status">
          <AnswerLine label={t('behaviour.answer.now')} answer={find.data.now} />
        </div>
      )}
    </Section>
  );
}
