import { Button } from '@mantine/core';
import { IconFolderShare, IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../api/session.ts';
import { ForeignText } from '../../ui/ForeignText.tsx';
import { useFormat } from '../../ui/format.ts';
import { Token } from '../../ui/Token.tsx';
import { WhyNot } from '../../ui/WhyNot.tsx';
import { UndoButton } from '../history/UndoButton.tsx';
import classes from './RecycledSites.module.css';
import type { RecycledSite } from './recycled-sites.queries.ts';

type RecycledRowProps = {
  readonly item: RecycledSite;
  readonly onRestore: () => void;
  readonly onDiscard: () => void;
};

/** One deletion: whose, when, by whom, what is left of it and how long. */
export function RecycledRow({ item, onRestore, onDiscard }: RecycledRowProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const mayWrite = useCan()('sites.write');
  const { id, slug, deletedAt, deletedBy, emptiedAt, parts, isWhole } = item;
  const hasFiles = parts.some(({ kind }) => kind === 'files');
  return (
    <li className={classes.row}>
      <div className={classes.what}>
        <Token mono>{slug}</Token>
        <span className={classes.soft}>
          {t('recycledSites.when', { ago: format.ago(deletedAt) })}
          {deletedBy !== null && (
            <>
              {' · '}
              <ForeignText max={60}>{deletedBy}</ForeignText>
            </>
          )}
          {' · '}
          {emptiedAt === null ? t('recycledSites.stays') : t('recycledSites.goes', { when: format.ago(emptiedAt) })}
        </span>
        <ul className={classes.parts}>
          {parts.map(({ kind, sizeBytes, fileCount, isTruncated }) => (
            <li key={kind} className={classes.part}>
              {t(`recycledSites.kinds.${kind}`)}
              <span className="numbers">
                {isTruncated && '≥ '}
                {format.bytes(sizeBytes)}
                {' · '}
                {t('recycledSites.files', { count: fileCount, value: format.number(fileCount) })}
              </span>
            </li>
          ))}
        </ul>
      </div>
      <div className={classes.actions}>
        {isWhole && <UndoButton change={{ id, action: 'delete', fields: [] }} label={t('recycledSites.site')} />}
        {hasFiles && (
          <WhyNot reason={!mayWrite}>
            <Button
              size="compact-sm"
              variant="subtle"
              color="gray"
              fw={500}
              disabled={!mayWrite}
              leftSection={<IconFolderShare size={15} aria-hidden />}
              onClick={onRestore}
            >
              {t('recycledSites.restore.action')}
            </Button>
          </WhyNot>
        )}
        <Button
          size="compact-sm"
          variant="subtle"
          color="red"
          fw={500}
          leftSection={<IconTrash size={15} aria-hidden />}
          onClick={onDiscard}
        >
          {t('recycledSites.discard.action')}
        </Button>
      </div>
    </li>
  );
}
