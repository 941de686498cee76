import { SegmentedControl, Group } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { logKinds, type LogKind, type SiteKind } from '#shared/sites.ts';
import { Section } from '../../ui/Section.tsx';
import { FollowedLog } from './FollowedLog.tsx';
import { useSite } from './site-context.ts';

const common: readonly LogKind[] = ['access', 'error'];
/** Who writes which. */
const kindsOf: Readonly<Record<SiteKind, readonly LogKind[]>> = {
  static: common,
  php: [...common, 'php', 'slow'],
  app: [...common, 'app'],
  proxy: common,
};

/** Who asked for what, and what went wrong: live. */
export function SiteLogs() {
  const { t } = useTranslation();
  const site = useSite();
  const [kind, setKind] = useState<LogKind>('access');
  const kinds = logKinds.filter((each) => kindsOf[site.kind].includes(each));
  return (
    <Section padding="flush">
      <FollowedLog
        key={kind}
        kind={kind}
        site={site}
        switcher={
          <Group>
            <SegmentedControl
              size="xs"
              value={kind}
              onChange={(value) => setKind(value as typeof kind)}
              data={kinds.map((value) => ({ value, label: t(`sites.logs.${value}`) }))}
              aria-label={t('sites.logs.which')}
            />
          </Group>
        }
      />
    </Section>
  );
}
