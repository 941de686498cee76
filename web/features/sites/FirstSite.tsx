import { Button, Text, Title } from '@mantine/core';
import { IconHistory, IconLock, IconPlus, IconRocket } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../api/session.ts';
import { Token } from '../../ui/Token.tsx';
import { WhyNot } from '../../ui/WhyNot.tsx';
import classes from './FirstSite.module.css';

const points = [
  { key: 'fast', icon: IconRocket },
  { key: 'apart', icon: IconLock },
  { key: 'undo', icon: IconHistory },
] as const;

/** Before there is any site: what one press of a button makes. */
export function FirstSite({ onStart }: { readonly onStart: () => void }) {
  const { t } = useTranslation();
  const can = useCan();
  return (
    <section className={classes.first}>
      <div className={classes.lead}>
        <Title order={2} className={classes.title}>
          {t('sites.first.title')}
        </Title>
        <Text c="dimmed" maw={520}>
          {t('sites.first.text')}
        </Text>
        <WhyNot reason={!can('sites.create')}>
          <Button
            size="md"
            mt="md"
            leftSection={<IconPlus size={18} aria-hidden />}
            disabled={!can('sites.create')}
            onClick={onStart}
          >
            {t('sites.first.action')}
          </Button>
        </WhyNot>
      </div>
      <Browser />
      <ul className={classes.points}>
        {points.map(({ key, icon: PointIcon }) => (
          <li key={key}>
            <PointIcon size={20} stroke={1.6} aria-hidden className={classes.icon} />
            <div>
              <Text fw={600} size="sm">
                {t(`sites.first.points.${key}`)}
              </Text>
              <Text size="sm" c="dimmed">
                {t(`sites.first.points.${key}Text`)}
              </Text>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** A drawing of what will be there: an address, and a page that answers. */
function Browser() {
  return (
    <div className={classes.browser} aria-hidden>
      <div className={classes.bar}>
        <span className={classes.dots}>
          <i />
          <i />
          <i />
        </span>
        <span className={classes.address}>
          <Token>http://example.com</Token>
        </span>
      </div>
      <div className={classes.page}>
        <i className={classes.line} data-size="1" />
        <i className={classes.line} data-size="2" />
        <i className={classes.line} data-size="3" />
        <div className={classes.tiles}>
          <i />
          <i />
          <i />
        </div>
      </div>
    </div>
  );
}
