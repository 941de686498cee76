import { Menu } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { usualSiteColumns, type Measured } from '#shared/site-columns.ts';
import { useFormat } from '../../../ui/format.ts';
import { ColumnsButton } from '../../../ui/lists/ColumnsButton.tsx';
import classes from '../SitesToolbar.module.css';
import { useSiteColumns } from './use-site-columns.ts';

/** Which columns the list shows, and when the figures in them were measured. */
export function ColumnsMenu({ measured }: { readonly measured: Measured | null | undefined }) {
  const { t } = useTranslation();
  const { offered, chosen, choose } = useSiteColumns();
  return (
    <ColumnsButton
      offered={offered}
      chosen={chosen}
      usual={usualSiteColumns}
      label={(column) => t(`sites.fields.${column}`)}
      onChoose={choose}
      menuClassName={classes.menu}
    >
      {measured !== null && measured !== undefined && <MeasuredLine measured={measured} />}
    </ColumnsButton>
  );
}

function MeasuredLine({ measured: { at, isUnderWay } }: { readonly measured: Measured }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <>
      <Menu.Divider />
      <Menu.Label>
        {isUnderWay
          ? t('siteColumns.measuring')
          : at === null
            ? t('siteColumns.notMeasured')
            : t('siteColumns.measured', { when: format.ago(at) })}
      </Menu.Label>
    </>
  );
}
