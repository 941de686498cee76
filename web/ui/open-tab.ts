import { useEffect, useRef, type RefObject } from 'react';
import { useTranslation } from 'react-i18next';

/** For a row of tabs that a phone shows a part of: the open one is brought into that part. `open`: what says which it is. */
export function useOpenTabInView<Row extends HTMLElement = HTMLElement>(open: string): RefObject<Row | null> {
  const row = useRef<Row>(null);
  const { language } = useTranslation().i18n;
  useEffect(() => {
    const { current } = row;
    if (current === null) return;
    // Sideways only: the page stays where it was read. Told at once, and when the row becomes narrower.
    const observer = new ResizeObserver(() => {
      const tab = current.querySelector('[aria-selected="true"], [aria-current="page"]');
      if (tab === null) return;
      const [place, part] = [tab.getBoundingClientRect(), current.getBoundingClientRect()];
      if (place.left >= part.left && place.right <= part.right) return;
      current.scrollBy({ left: place.left + place.width / 2 - part.left - part.width / 2 });
    });
    observer.observe(current);
    // Its words are longer or shorter in the other language, which turns the row round too.
    const shown = current.querySelector('[aria-selected="true"], [aria-current="page"]');
    if (shown !== null) observer.observe(shown);
    return () => observer.disconnect();
  }, [open, language]);
  return row;
}
