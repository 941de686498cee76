import { toUnicodeHost } from './punycode.ts';

/** A site's name: one that is a domain is read from left to right and in its own script, others as they are written. */
export function SiteTitle({ name, className }: { readonly name: string; readonly className?: string | undefined }) {
  const isDomain = /^[^\s/]+\.[^\s/.]+$/.test(name);
  return (
    <bdi className={className} dir={isDomain ? 'ltr' : undefined}>
      {isDomain ? toUnicodeHost(name) : name}
    </bdi>
  );
}
