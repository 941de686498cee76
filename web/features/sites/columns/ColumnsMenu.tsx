import { Button, Menu } from '@mantine/core';
import { IconColumns3, IconRestore } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { usualSiteColumns, type Measured, type SiteColumn } from '#shared/site-columns.ts';
import { useFormat } from '../../../ui/format.ts';
import classes from '../SitesToolbar.module.css';
import { useSiteColumns } from './use-site-columns.ts';

/** Which columns the list shows, and when the figures in them were measured. */
export function ColumnsMenu({ measured }: { readonly measured: Measured | null | undefined }) {
  const { t } = useTranslation();
  const { offered, chosen, choose } = useSiteColumns();
  const toggle = (column: SiteColumn): void =>
    choose(offered.filter((each) => (each === column ? !chosen.includes(each) : chosen.includes(each))));
  return (
    <Menu withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <Button variant="default" fw={500} px="sm" leftSection={<IconColumns3 size={17} stroke={1.7} aria-hidden />}>
          {t('siteColumns.action')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown className={classes.menu}>
        {offered.map((column) => (
          <Menu.CheckboxItem key={column} checked={chosen.includes(column)} onChange={() => toggle(column)}>
            {t(`sites.fields.${column}`)}
          </Menu.CheckboxItem>
        ))}
        <Menu.Divider />
        <Menu.Item
          closeMenuOnClick={false}
          leftSection={<IconRestore size={15} className="mirrored" aria-hidden />}
          onClick={() => choose(usualSiteColumns)}
        >
          {t('siteColumns.usual')}
        </Menu.Item>
        {measured !== null && measured !== undefined && <MeasuredLine measured={measured} />}
      </Menu.Dropdown>
    </Menu>
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
