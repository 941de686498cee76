import { Button, Checkbox, Group, Loader, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useErrorText } from '../../ui/error-text.ts';
import { ForeignText } from '../../ui/ForeignText.tsx';
import { useFormat } from '../../ui/format.ts';
import { Notice } from '../../ui/Notice.tsx';
import type { ReplaceWish } from './replace-text.ts';
import { mostReplacedFiles, useReplace, type ReplaceFile } from './use-replace.ts';
import classes from './FileSearch.module.css';

type ReplacePanelProps = {
  readonly siteId: string;
  /** In which something was found. */
  readonly paths: readonly string[];
  /** As it was searched for. */
  readonly wish: Omit<ReplaceWish, 'replacement'>;
};

/** Of a line that is shown. */
const mostShown = 400;
/** Lines of one file that are shown. */
const mostLines = 50;

/** Another text in place of what was found: shown line by line first, and taken back as one step. */
export function ReplacePanel({ siteId, paths, wish }: ReplacePanelProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const [replacement, setReplacement] = useState('');
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const replace = useReplace(siteId);
  const { step, files } = replace;
  const whole = { ...wish, replacement };
  const isBusy = step === 'reading' || step === 'writing' || step === 'undoing';
  const chosen = files.filter(({ path, state }) => state === 'waiting' && !left.has(path)).map(({ path }) => path);
  const written = files.filter(({ state }) => state === 'replaced').length;
  const undone = files.filter(({ state }) => state === 'undone').length;

  return (
    <section className={classes.replace} aria-label={t('fileReplace.title')}>
      <form
        className={classes.line}
        onSubmit={(event) => {
          event.preventDefault();
          setLeft(new Set());
          void replace.preview(paths, whole);
        }}
      >
        <TextInput
          dir="auto"
          className={classes.text ?? ''}
          aria-label={t('fileReplace.with')}
          placeholder={t('fileReplace.with')}
          value={replacement}
          maxLength={1_000}
          disabled={isBusy}
          onChange={(event) => {
            setReplacement(event.currentTarget.value);
            if (step !== 'idle') replace.forget();
          }}
        />
        <Button type="submit" variant="default" loading={step === 'reading'} disabled={isBusy}>
          {t('fileReplace.preview')}
        </Button>
      </form>
      {wish.isRegex && step === 'idle' && <p className={classes.hint}>{t('fileReplace.groups')}</p>}
      {replace.isWrong && <Notice tone="bad">{t('fileReplace.wrong')}</Notice>}
      {step === 'preview' && files.length === 0 && <Notice tone="info">{t('fileReplace.nothing')}</Notice>}
      {replace.isCut && (
        <Notice tone="warn">{t('fileReplace.cut', { value: format.number(mostReplacedFiles) })}</Notice>
      )}
      {files.length > 0 && (
        <>
          <Group gap="xs" className={classes.act}>
            {(step === 'preview' || step === 'writing') && (
              <Button
                size="xs"
                loading={step === 'writing'}
                disabled={chosen.length === 0}
                onClick={() => void replace.write(new Set(chosen), whole)}
              >
                {t('fileReplace.go', { count: chosen.length, value: format.number(chosen.length) })}
              </Button>
            )}
            {(step === 'done' || step === 'undoing') && (
              <>
                <Text size="sm" role="status" className="numbers">
                  {undone > 0
                    ? t('fileReplace.undone', { count: undone, value: format.number(undone) })
                    : t('fileReplace.done', { count: written, value: format.number(written) })}
                </Text>
                {(written > 0 || step === 'undoing') && (
                  <Button size="xs" variant="light" loading={step === 'undoing'} onClick={() => void replace.undo()}>
                    {t('fileReplace.undo')}
                  </Button>
                )}
              </>
            )}
            {step === 'writing' && <Loader size={14} />}
          </Group>
          {step === 'done' && written > 0 && <p className={classes.hint}>{t('fileReplace.kept')}</p>}
          <ul className={classes.files} aria-label={t('fileReplace.title')}>
            {files.map((file) => (
              <Planned
                key={file.path}
                file={file}
                isChosen={!left.has(file.path)}
                canChoose={step === 'preview'}
                onChoose={(isOn) =>
                  setLeft((before) => {
                    const next = new Set(before);
                    if (isOn) next.delete(file.path);
                    else next.add(file.path);
                    return next;
                  })
                }
              />
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

type PlannedProps = {
  readonly file: ReplaceFile;
  readonly isChosen: boolean;
  readonly canChoose: boolean;
  readonly onChoose: (isOn: boolean) => void;
};

function Planned({ file: { path, changes, state, error }, isChosen, canChoose, onChoose }: PlannedProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const isOpen = state === 'waiting' || state === 'replaced' || state === 'undone';
  return (
    <li className={classes.file}>
      <div className={classes.path}>
        <Checkbox
          size="xs"
          checked={isChosen && isOpen}
          disabled={!canChoose || state !== 'waiting'}
          onChange={(event) => onChoose(event.currentTarget.checked)}
          label={<ForeignText max={160}>{path}</ForeignText>}
        />
        <span className={classes.number}>
          {state === 'waiting' ? format.number(changes.length) : t(`fileReplace.states.${state}`)}
        </span>
      </div>
      {state === 'failed' && error !== null && <p className={classes.trouble}>{errorText(error)}</p>}
      <ol className={classes.lines}>
        {changes.slice(0, mostLines).map(({ line, before, after }) => (
          <li key={line} className={classes.change}>
            <span className={classes.number}>{format.number(line)}</span>
            <span>
              <del className={classes.code} dir="auto">
                <ForeignText max={mostShown}>{before.trim()}</ForeignText>
              </del>
              <ins className={classes.code} dir="auto">
                <ForeignText max={mostShown}>{after.trim()}</ForeignText>
              </ins>
            </span>
          </li>
        ))}
        {changes.length > mostLines && (
          <li className={classes.trouble}>
            {t('fileReplace.more', {
              count: changes.length - mostLines,
              value: format.number(changes.length - mostLines),
            })}
          </li>
        )}
      </ol>
    </li>
  );
}
