import { Skeleton, Text, UnstyledButton } from '@mantine/core';
import { IconArrowRight, IconChevronDown } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { DiffCount, DiffView } from '../../ui/DiffView.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { Notice } from '../../ui/Notice.tsx';
import { Token } from '../../ui/Token.tsx';
import { FactValue } from '../sites/FactValue.tsx';
import { changeQuery, type SiteChangeDetail } from './history.queries.ts';
import classes from './Timeline.module.css';

/** More files than this stay closed until somebody asks. */
const openFiles = 2;

/** The facts before and after, and the difference of each file. */
export function ChangeDetail({ changeId }: { readonly changeId: string }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const { data: change, error } = useQuery(changeQuery(changeId));
  if (change === undefined) {
    return (
      <div className={classes.more}>
        {error === null ? (
          <Skeleton height={72} radius="md" role="status" aria-label={t('common.states.loading')} />
        ) : (
          <Notice tone="bad" role="alert">
            {errorText(error)}
          </Notice>
        )}
      </div>
    );
  }
  const hasFacts = change.fields.some((field) => field !== 'customDirectives');
  return (
    <div className={classes.more}>
      {hasFacts && <Facts change={change} />}
      {change.files.length > 0 && (
        <div className={classes.files}>
          {change.files.map((file) => (
            <File key={file.path} file={file} isOpenFirst={change.files.length <= openFiles} />
          ))}
        </div>
      )}
      {!hasFacts && change.files.length === 0 && (
        <Text size="sm" c="dimmed">
          {t('history.noFiles')}
        </Text>
      )}
    </div>
  );
}

function Facts({ change: { fields, before, after } }: { readonly change: SiteChangeDetail }) {
  const { t } = useTranslation();
  return (
    <dl className={classes.facts}>
      {fields
        .filter((field) => field !== 'customDirectives')
        .map((field) => (
          <div key={field} className={classes.fact}>
            <dt>{t(`errors.facts.${field as 'name'}`)}</dt>
            <dd>
              <span className={classes.old}>
                <span className="visually-hidden">{t('history.before')}: </span>
                <FactValue field={field} value={before?.[field]} />
              </span>
              <IconArrowRight size={15} className={`${classes.arrow} mirrored`} aria-hidden />
              <span>
                <span className="visually-hidden">{t('history.after')}: </span>
                <FactValue field={field} value={after?.[field]} />
              </span>
            </dd>
          </div>
        ))}
    </dl>
  );
}

function File({
  file: { path, diff, isTruncated },
  isOpenFirst,
}: {
  readonly file: SiteChangeDetail['files'][number];
  readonly isOpenFirst: boolean;
}) {
  const id = useId();
  const [isOpen, setIsOpen] = useState(isOpenFirst);
  return (
    <div className={classes.file}>
      <UnstyledButton
        className={classes.fileHead}
        aria-expanded={isOpen}
        aria-controls={id}
        onClick={() => setIsOpen((before) => !before)}
      >
        <IconChevronDown size={15} className={classes.chevron} aria-hidden />
        <span className={classes.path}>
          <Token mono>{path}</Token>
        </span>
        <DiffCount diff={diff} />
      </UnstyledButton>
      <div id={id}>{isOpen && <DiffView diff={diff} label={path} isTruncated={isTruncated} maxHeight={420} />}</div>
    </div>
  );
}
