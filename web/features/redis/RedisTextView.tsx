import { useTranslation } from 'react-i18next';
import { useFormat } from '../../ui/format.ts';
import classes from './Redis.module.css';
import type { RedisText } from './redis.queries.ts';

/** What programs wrote: as text, or as the digits of its bytes. Its own direction, never that of the page. */
export function RedisTextView({ value, isWhole = false }: { readonly value: RedisText; readonly isWhole?: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { text, isBinary, length, isCut } = value;
  const shown = isBinary ? `0x${text}` : text;
  return (
    <>
      <bdi className={isWhole ? classes.whole : classes.value}>{isCut && !isWhole ? `${shown}…` : shown}</bdi>
      {(isBinary || isCut) && !isWhole && (
        <span className={classes.soft}>
          {isBinary ? `${t('redis.bytes')} · ` : ''}
          <bdi>{format.bytes(length)}</bdi>
        </span>
      )}
    </>
  );
}
