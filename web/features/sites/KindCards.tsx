import { IconArrowsExchange, IconBrandPhp, IconFiles, IconRocket } from '@tabler/icons-react';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { siteKinds, type SiteKind } from '#shared/sites.ts';
import classes from './NewSite.module.css';

const icons = { static: IconFiles, php: IconBrandPhp, app: IconRocket, proxy: IconArrowsExchange } as const;

/** What the site serves: the first question of the form. */
export function KindCards({
  value,
  onChange,
}: {
  readonly value: SiteKind;
  readonly onChange: (kind: SiteKind) => void;
}) {
  const { t } = useTranslation();
  const name = useId();
  return (
    <fieldset className={classes.kinds}>
      <legend className={classes.legend}>{t('sites.new.kind')}</legend>
      {siteKinds.map((kind) => {
        const KindIcon = icons[kind];
        return (
          <label key={kind} className={classes.kind} data-checked={kind === value || undefined}>
            <input type="radio" name={name} checked={kind === value} onChange={() => onChange(kind)} />
            <span className={classes.kindHead}>
              <KindIcon size={19} stroke={1.7} aria-hidden />
              {t(`sites.kinds.${kind}`)}
            </span>
            <span className={classes.kindText}>{t(`sites.new.kindTexts.${kind}`)}</span>
          </label>
        );
      })}
    </fieldset>
  );
}
