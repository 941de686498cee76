import { IconArrowsExchange, IconBrandPhp, IconBrandWordpress, IconFiles, IconRocket } from '@tabler/icons-react';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { siteKinds, type SiteKind } from '#shared/sites.ts';
import classes from './NewSite.module.css';

const icons = { static: IconFiles, php: IconBrandPhp, app: IconRocket, proxy: IconArrowsExchange } as const;

/** What the site serves: the first question of the form. */
export function KindCards({
  value,
  isWordpress,
  onChange,
}: {
  readonly value: SiteKind;
  /** WordPress is a PHP site with something in it. */
  readonly isWordpress: boolean;
  readonly onChange: (choice: { readonly kind: SiteKind; readonly isWordpress: boolean }) => void;
}) {
  const { t } = useTranslation();
  const name = useId();
  return (
    <fieldset className={classes.kinds}>
      <legend className={classes.legend}>{t('sites.new.kind')}</legend>
      {siteKinds.map((kind) => {
        const KindIcon = icons[kind];
        return (
          <label key={kind} className={classes.kind} data-checked={(kind === value && !isWordpress) || undefined}>
            <input
              type="radio"
              name={name}
              checked={kind === value && !isWordpress}
              onChange={() => onChange({ kind, isWordpress: false })}
            />
            <span className={classes.kindHead}>
              <KindIcon size={19} stroke={1.7} aria-hidden />
              {t(`sites.kinds.${kind}`)}
            </span>
            <span className={classes.kindText}>{t(`sites.new.kindTexts.${kind}`)}</span>
          </label>
        );
      })}
      <label className={classes.kind} data-checked={isWordpress || undefined}>
        <input
          type="radio"
          name={name}
          checked={isWordpress}
          onChange={() => onChange({ kind: 'php', isWordpress: true })}
        />
        <span className={classes.kindHead}>
          <IconBrandWordpress size={19} stroke={1.7} aria-hidden />
          {t('wordpress.card')}
        </span>
        <span className={classes.kindText}>{t('wordpress.cardText')}</span>
      </label>
    </fieldset>
  );
}
