import { Button, CloseButton, Menu } from '@mantine/core';
import { IconDots, IconPlayerPause, IconPlayerPlay, IconTrash } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { BatchChangeKind } from '#shared/site-batches.ts';
import { useCan } from '../../../api/session.ts';
import { useFormat } from '../../../ui/format.ts';
import classes from './Batch.module.css';
import { BatchSheet } from './BatchSheet.tsx';
import { useChosen } from './use-chosen.ts';

const more = ['category', 'php', 'https', 'end'] as const satisfies readonly BatchChangeKind[];
const icon = { size: 17, stroke: 1.8, 'aria-hidden': true } as const;

const RemovalSheet = lazy(async () => ({ default: (await import('./RemovalSheet.tsx')).RemovalSheet }));

/** What can be done with the chosen sites: at the lower edge of the list, while there are any. */
export function BatchBar() {
  const { t } = useTranslation();
  const format = useFormat();
  const chosen = useChosen();
  const [wanted, setWanted] = useState<BatchChangeKind | 'delete' | null>(null);
  const mayDelete = useCan()('sites.delete');
  if (chosen === null) return null;
  const count = chosen.ids.size;
  return (
    <>
      {count > 0 && (
        <div className={classes.bar} role="toolbar" aria-label={t('batches.bar')}>
          <CloseButton size="md" aria-label={t('batches.clear')} onClick={() => chosen.choose([])} />
          <span className={classes.count} role="status">
            {t('batches.chosen', { count, value: format.number(count) })}
          </span>
          <Button
            size="xs"
            variant="default"
            leftSection={<IconPlayerPlay {...icon} />}
            onClick={() => setWanted('enable')}
          >
            {t('batches.change.enable')}
          </Button>
          <Button
            size="xs"
            variant="default"
            leftSection={<IconPlayerPause {...icon} />}
            onClick={() => setWanted('disable')}
          >
            {t('batches.change.disable')}
          </Button>
          <Menu position="top-end" width={230}>
            <Menu.Target>
              <Button size="xs" variant="default" leftSection={<IconDots {...icon} />}>
                {t('batches.more')}
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              {more.map((kind) => (
                <Menu.Item key={kind} onClick={() => setWanted(kind)}>
                  {t(`batches.change.${kind}`)}
                </Menu.Item>
              ))}
              {mayDelete && (
                <>
                  <Menu.Divider />
                  <Menu.Item color="red" leftSection={<IconTrash {...icon} />} onClick={() => setWanted('delete')}>
                    {t('batches.delete.action')}
                  </Menu.Item>
                </>
              )}
            </Menu.Dropdown>
          </Menu>
        </div>
      )}
      {wanted === 'delete' && (
        <Suspense>
          <RemovalSheet
            siteIds={[...chosen.ids]}
            onClose={(left) => {
              setWanted(null);
              chosen.choose(left);
            }}
          />
        </Suspense>
      )}
      {wanted !== null && wanted !== 'delete' && (
        <BatchSheet kind={wanted} siteIds={[...chosen.ids]} onClose={() => setWanted(null)} />
      )}
    </>
  );
}
