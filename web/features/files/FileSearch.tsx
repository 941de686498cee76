import { Button, Checkbox, Loader, TextInput } from '@mantine/core';
import { IconSearch, IconSearchOff } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { lazy, Suspense, useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { FileMatch } from '#shared/file-search.ts';
import { toApiError } from '../../api/errors.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { foreignParts } from '../../ui/foreign-text.ts';
import { ForeignText } from '../../ui/ForeignText.tsx';
import { useFormat } from '../../ui/format.ts';
import { Notice } from '../../ui/Notice.tsx';
import { SideSheet } from '../../ui/SideSheet.tsx';
import { EmptyState } from '../../ui/States.tsx';
import { typedGlobs, useFileSearch, type FoundFile, type SearchState } from './file-search.ts';
import { nameOf } from './file-paths.ts';
import classes from './FileSearch.module.css';

const ReplacePanel = lazy(async () => ({ default: (await import('./ReplacePanel.tsx')).ReplacePanel }));

type FileSearchProps = {
  readonly siteId: string;
  /** That is searched, with all that is in it. */
  readonly folder: string;
  /** While a file that was found is looked at: what was found stays. */
  readonly isHidden: boolean;
  readonly canWrite: boolean;
  readonly onOpen: (path: string, line?: number) => void;
  readonly onClose: () => void;
};

const options = ['isCaseSensitive', 'isWord', 'isRegex', 'showsHidden'] as const;
/** The largest answer that is still read by a person. */
const mostMatches = 2_000;
const mostSeconds = 45;

/** Looks for a text in what the files of a folder hold; what is found appears while the search goes on. */
export function FileSearch({ siteId, folder, isHidden, canWrite, onOpen, onClose }: FileSearchProps) {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const [how, setHow] = useState({ isCaseSensitive: false, isWord: false, isRegex: false, showsHidden: false });
  const [names, setNames] = useState({ only: '', except: '' });
  const search = useFileSearch(siteId);
  /** What was searched for, and how. */
  const [asked, setAsked] = useState<(typeof how & { readonly text: string }) | null>(null);

  function submit(event: FormEvent): void {
    event.preventDefault();
    if (text === '') return;
    const [only, except] = [typedGlobs(names.only), typedGlobs(names.except)];
    setAsked({ text, ...how });
    void search.start({ path: folder, text, ...how, only, except, mostMatches, mostSeconds });
  }

  if (isHidden) return null;
  return (
    <SideSheet title={t('fileSearch.title')} onClose={onClose} size={780}>
      <form className={classes.form} onSubmit={submit}>
        <div className={classes.line}>
          <TextInput
            data-autofocus
            dir="auto"
            className={classes.text ?? ''}
            aria-label={t('fileSearch.text')}
            placeholder={t('fileSearch.text')}
            value={text}
            maxLength={1_000}
            leftSection={<IconSearch size={16} />}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          {search.isRunning ? (
            <Button variant="default" onClick={search.stop}>
              {t('fileSearch.stop')}
            </Button>
          ) : (
            <Button type="submit" disabled={text === ''}>
              {t('fileSearch.go')}
            </Button>
          )}
        </div>
        <div className={classes.options}>
          {options.map((option) => (
            <Checkbox
              key={option}
              size="xs"
              label={t(`fileSearch.${option}`)}
              checked={how[option]}
              onChange={(event) => setHow({ ...how, [option]: event.currentTarget.checked })}
            />
          ))}
        </div>
        <div className={classes.names}>
          {(['only', 'except'] as const).map((field) => (
            <TextInput
              key={field}
              size="xs"
              dir="ltr"
              label={t(`fileSearch.${field}`)}
              description={t(`fileSearch.${field}Text`)}
              inputWrapperOrder={['label', 'input', 'description']}
              value={names[field]}
              maxLength={1_000}
              onChange={(event) => setNames({ ...names, [field]: event.currentTarget.value })}
            />
          ))}
        </div>
        <p className={classes.hint}>
          {t('fileSearch.where', { folder: folder === '' ? t('fileSearch.site') : folder })}. {t('fileSearch.hint')}
        </p>
      </form>
      <Outcome search={search} />
      {canWrite && asked !== null && !search.isRunning && search.files.length > 0 && (
        <Suspense fallback={null}>
          <ReplacePanel key={search.round} siteId={siteId} paths={search.files.map(({ path }) => path)} wish={asked} />
        </Suspense>
      )}
      {search.files.length > 0 && (
        <ul className={classes.files} aria-label={t('fileSearch.results')}>
          {search.files.map((file) => (
            <FileLines key={file.path} file={file} onOpen={onOpen} />
          ))}
        </ul>
      )}
    </SideSheet>
  );
}

/** How far it is, and why it may not be all. */
function Outcome({ search: { files, lines, isRunning, end, error } }: { readonly search: SearchState }) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  if (error !== null)
    return (
      <Notice
        tone="bad"
        role="alert"
        actions={
          toApiError(error).reason === 'file_search_missing' ? (
            <Button size="xs" component={Link} to="/software">
              {t('fileSearch.toSoftware')}
            </Button>
          ) : undefined
        }
      >
        {errorText(error)}
      </Notice>
    );
  if (end === 'whole' && lines === 0)
    return <EmptyState icon={IconSearchOff} title={t('fileSearch.nothing')} text={t('fileSearch.nothingText')} />;
  const isCut = end !== null && end !== 'whole';
  return (
    <>
      <p className={`${classes.count} numbers`} role="status">
        {isRunning && <Loader size={14} />}
        {lines > 0
          ? `${t('fileSearch.lines', { count: lines, value: format.number(lines) })} ${t('fileSearch.inFiles', {
              count: files.length,
              value: format.number(files.length),
            })}`
          : isRunning && t('fileSearch.running')}
      </p>
      {isCut && (
        <Notice tone={end === 'failed' ? 'bad' : 'warn'} className={classes.notice}>
          {t(`fileSearch.${end}`, { value: format.number(lines), seconds: format.number(mostSeconds) })}
        </Notice>
      )}
    </>
  );
}

type FileLinesProps = { readonly file: FoundFile; readonly onOpen: (path: string, line?: number) => void };

function FileLines({ file: { path, matches }, onOpen }: FileLinesProps) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <li className={classes.file}>
      <button
        type="button"
        className={classes.path}
        onClick={() => onOpen(path)}
        title={t('fileSearch.openFile', { name: nameOf(path) })}
      >
        <ForeignText max={160}>{path}</ForeignText>
        <span className={classes.number}>{format.number(matches.length)}</span>
      </button>
      <ol className={classes.lines}>
        {matches.map((match) => (
          <li key={match.line}>
            <button
              type="button"
              className={classes.goTo}
              title={t('fileSearch.openLine', { name: nameOf(path), line: format.number(match.line) })}
              onClick={() => onOpen(path, match.line)}
            >
              <span className={classes.number}>{format.number(match.line)}</span>
              <Excerpt match={match} />
            </button>
          </li>
        ))}
      </ol>
    </li>
  );
}

function Excerpt({ match: { before, match, after } }: { readonly match: FileMatch }) {
  return (
    <code className={classes.code} dir="auto">
      <Foreign text={before.trimStart()} />
      <mark className={classes.mark}>
        <Foreign text={match} />
      </mark>
      <Foreign text={after.trimEnd()} />
    </code>
  );
}

/** In the run of its line: an isolate of each part would tear words and their order apart. */
function Foreign({ text }: { readonly text: string }) {
  return foreignParts(text.replaceAll('\t', '  ')).map(({ text: part, isHidden }, index) =>
    isHidden ? (
      <span key={index} className={classes.hidden} dir="ltr">
        {part}
      </span>
    ) : (
      part
    ),
  );
}
