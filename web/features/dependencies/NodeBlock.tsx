import { Button, NativeSelect, Switch } from '@mantine/core';
import { IconPlayerPlay } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { nodeManagers } from '#shared/dependencies.ts';
import { Notice } from '../../ui/Notice.tsx';
import { Token } from '../../ui/Token.tsx';
import type { SiteProject } from './dependencies.queries.ts';
import { MirrorInput, mirrorOf } from './MirrorInput.tsx';
import classes from './Project.module.css';
import type { BlockProps } from './ProjectSection.tsx';

/** Packages and scripts of `package.json`. */
export function NodeBlock(props: BlockProps & { readonly node: NonNullable<SiteProject['node']> }) {
  const { project, node, isFixed, run } = props;
  const { t } = useTranslation();
  const [chosen, setChosen] = useState<(typeof nodeManagers)[number]>();
  const [hasDevelopment, setHasDevelopment] = useState(true);
  const [mirror, setMirror] = useState('');
  const manager = chosen ?? node.manager;
  const isMissing = !project.tools.includes(manager);
  const install = (task: 'install' | 'exact'): void =>
    run({ kind: 'node', manager, task, hasDevelopment, mirror: mirrorOf(mirror) });
  return (
    <div className={classes.block}>
      <h3 className={classes.heading}>
        Node.js
        <span className={classes.note}>
          {t(node.isInstalled ? 'dependencies.installed' : 'dependencies.notInstalled')}
        </span>
      </h3>
      {node.isUnreadable && <Notice tone="warn" title={t('dependencies.node.unreadable')} />}
      {isMissing && (
        <Notice tone="warn" title={t('dependencies.toolMissing', { tool: manager })}>
          {t('dependencies.node.toolMissing')}
        </Notice>
      )}
      <div className={classes.row}>
        <NativeSelect
          label={t('dependencies.node.manager')}
          value={manager}
          onChange={(event) => setChosen(nodeManagers.find((each) => each === event.currentTarget.value))}
          data={[...nodeManagers]}
          disabled={isFixed}
        />
        <MirrorInput value={mirror} onChange={setMirror} isFixed={isFixed} />
      </div>
      <div className={classes.scripts}>
        <Button disabled={isFixed || isMissing} onClick={() => install('install')}>
          {t('dependencies.node.install')}
        </Button>
        <Button
          variant="default"
          disabled={isFixed || isMissing || !node.isLocked || manager !== node.manager}
          onClick={() => install('exact')}
        >
          {t('dependencies.node.exact')}
        </Button>
      </div>
      <Switch
        label={t('dependencies.hasDevelopment')}
        checked={hasDevelopment}
        onChange={(event) => setHasDevelopment(event.currentTarget.checked)}
        disabled={isFixed}
      />
      {node.scripts.length > 0 && (
        <>
          <p className={classes.note}>{t('dependencies.node.scripts')}</p>
          <ul className={classes.scripts}>
            {node.scripts.map((script) => (
              <li key={script}>
                <Button
                  variant="default"
                  size="xs"
                  disabled={isFixed || isMissing}
                  leftSection={<IconPlayerPlay size={14} aria-hidden />}
                  onClick={() => run({ kind: 'script', manager, script })}
                  aria-label={t('dependencies.node.run', { script })}
                >
                  <Token mono>{script}</Token>
                </Button>
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}
