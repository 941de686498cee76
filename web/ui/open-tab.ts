import { useEffect, useRef, type RefObject } from 'react';
import { useTranslation } from 'react-i18next';

/** For a row of tabs that a phone shows a part of: the open one is brought into that part. `open`: what says which it is. */
export function useOpenTabInView<Row extends HTMLElement = HTMLElement>(open: string): RefObject<Row | null> {
  const row = useRef<Row>(null);
  const { i18n } = useTranslation();
  useEffect(() => {
    const tab = row.current?.querySelector('[aria-selected="true"], [aria-current="page"]');
    tab?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [open, i18n.language]);
  return row;
}
