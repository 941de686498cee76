import { Button, Group, Modal, Stack, UnstyledButton } from '@mantine/core';
import { IconFileTypeCsv, IconJson } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Notice } from '../../ui/Notice.tsx';
import { Section } from '../../ui/Section.tsx';
import { useFormat } from '../../ui/format.ts';
import type { ConsoleAnswer, ConsoleMode, ConsoleResult, ConsoleRows } from './console.queries.ts';
import { csvOf, hasCutValues, jsonOf, saveFile } from './export-rows.ts';
import classes from './Console.module.css';

type AnswerProps = { readonly answer: ConsoleAnswer; readonly name: string; readonly mode: ConsoleMode };

/** What came of a statement; a procedure may have several answers. */
export function Answer({ answer, name, mode }: AnswerProps) {
  return (
    <Stack gap="md">
      {answer.results.map((result, at) => (
        // Answers of one statement never change their places.
        <Result key={at} result={result} name={name} durationMs={answer.durationMs} mode={mode} />
      ))}
    </Stack>
  );
}

type ResultProps = Omit<AnswerProps, 'answer'> & { readonly result: ConsoleResult; readonly durationMs: number };

function Result({ result, name, durationMs, mode }: ResultProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const took = t('databaseConsole.took', { value: format.number(durationMs) });
  if (result.outcome === 'rows') return <Rows result={result} name={name} took={took} mode={mode} />;
  if (result.outcome === 'stopped')
    return (
      <Notice tone="warn" role="alert" title={t('databaseConsole.stopped')}>
        {t(mode === 'read' ? 'databaseConsole.stoppedRead' : 'databaseConsole.stoppedWrite')}
      </Notice>
    );
  if (result.outcome === 'done')
    return (
      <Notice tone="good" role="status" title={t('databaseConsole.done')}>
        {result.affectedRows === null
          ? took
          : `${t('databaseConsole.affected', { count: result.affectedRows, value: format.number(result.affectedRows) })} · ${took}`}
      </Notice>
    );
  const { code, message, position, why } = result;
  return (
    <Notice
      tone="bad"
      role="alert"
      title={t(`databaseConsole.why.${why}.title`)}
      below={
        message === '' ? undefined : (
          <pre className={classes.text} dir="ltr">
            {message}
          </pre>
        )
      }
    >
      {[
        t(`databaseConsole.why.${why}.text`),
        code === '' ? '' : t('databaseConsole.code', { code }),
        position === null ? '' : t('databaseConsole.position', { value: format.number(position) }),
      ]
        .filter((text) => text !== '')
        .join(' ')}
    </Notice>
  );
}

type RowsProps = {
  readonly result: ConsoleRows;
  readonly name: string;
  readonly took: string;
  readonly mode: ConsoleMode;
};
type Cell = ConsoleRows['rows'][number][number];

function Rows({ result, name, took, mode }: RowsProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const [whole, setWhole] = useState<{ column: string; cell: Exclude<Cell, null> }>();
  const { columns, rows, cut } = result;
  const count = t('databaseConsole.count', { count: rows.length, value: format.number(rows.length) });
  return (
    <Section padding="flush">
      <Group className={classes.facts ?? ''} justify="space-between">
        <span className={classes.soft} role="status">
          {count} · {took}
        </span>
        <Group gap="xs">
          <Button
            size="xs"
            variant="default"
            leftSection={<IconFileTypeCsv size={16} aria-hidden />}
            onClick={() => saveFile(`${name}.csv`, 'text/csv;charset=utf-8', csvOf(result))}
          >
            {t('databaseConsole.csv')}
          </Button>
          <Button
            size="xs"
            variant="default"
            leftSection={<IconJson size={16} aria-hidden />}
            onClick={() => saveFile(`${name}.json`, 'application/json', jsonOf(result))}
          >
            {t('databaseConsole.json')}
          </Button>
        </Group>
      </Group>
      {(cut !== null || hasCutValues(result)) && (
        <div className={classes.facts}>
          <Notice tone="warn">
            {[
              cut === 'rows'
                ? t('databaseConsole.cutRows', { count: rows.length, value: format.number(rows.length) })
                : '',
              cut === 'bytes' ? t('databaseConsole.cutBytes') : '',
              cut === 'bytes' && mode === 'write' ? t('databaseConsole.cutWrite') : '',
              hasCutValues(result) ? t('databaseConsole.cutValues') : '',
            ]
              .filter((text) => text !== '')
              .join(' ')}
          </Notice>
        </div>
      )}
      {rows.length > 0 && (
        <div className={classes.scroll} dir="ltr" tabIndex={0} role="region" aria-label={t('databaseConsole.result')}>
          <table className={classes.rows}>
            <thead>
              <tr>
                {columns.map((column, at) => (
                  <th key={at} scope="col">
                    {column.name}
                    <span className={classes.type}>{column.type}</span>
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((row, at) => (
                <tr key={at}>
                  {row.map((cell, column) => (
                    <td key={column}>
                      <Value
                        cell={cell}
                        onWhole={() => cell !== null && setWhole({ column: columns[column]?.name ?? '', cell })}
                      />
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {whole !== undefined && (
        <Modal opened onClose={() => setWhole(undefined)} size="lg" title={<bdi dir="ltr">{whole.column}</bdi>}>
          <pre className={classes.text} dir={typeof whole.cell === 'string' ? 'auto' : 'ltr'}>
            {typeof whole.cell === 'string' ? whole.cell : whole.cell.text}
          </pre>
        </Modal>
      )}
    </Section>
  );
}

/** Longer values are opened. */
const shownCharacters = 160;

function Value({ cell, onWhole }: { readonly cell: Cell; readonly onWhole: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (cell === null) return <span className={classes.null}>NULL</span>;
  const { text, isBinary, length } =
    typeof cell === 'string' ? { text: cell, isBinary: false, length: cell.length } : cell;
  const shown = Array.from(text.slice(0, shownCharacters + 1))
    .slice(0, shownCharacters)
    .join('');
  const isCut = shown.length < text.length || (!isBinary && text.length < length);
  return (
    <>
      <bdi className={classes.value}>{`${isBinary ? '0x' : ''}${shown}${isCut ? '…' : ''}`}</bdi>
      {isCut && (
        <UnstyledButton className={classes.whole ?? ''} onClick={onWhole}>
          {t('databaseConsole.whole')}
          {' · '}
          {isBinary ? format.bytes(length) : format.number(length)}
        </UnstyledButton>
      )}
    </>
  );
}
