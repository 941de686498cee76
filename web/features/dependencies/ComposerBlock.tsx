import { Button, Switch } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Notice } from '../../ui/Notice.tsx';
import type { SiteProject } from './dependencies.queries.ts';
import classes from './Project.module.css';
import type { BlockProps } from './ProjectSection.tsx';

/** Packages of `composer.json`, with the site's own version of PHP. */
export function ComposerBlock(props: BlockProps & { readonly composer: NonNullable<SiteProject['composer']> }) {
  const { project, composer, isFixed, run } = props;
  const { t } = useTranslation();
  const [hasDevelopment, setHasDevelopment] = useState(false);
  const isMissing = !project.tools.includes('composer');
  return (
    <div className={classes.block}>
      <h3 className={classes.heading}>
        Composer
        <span className={classes.note}>
          {t(composer.isInstalled ? 'dependencies.installed' : 'dependencies.notInstalled')}
        </span>
      </h3>
      {isMissing && (
        <Notice tone="warn" title={t('dependencies.toolMissing', { tool: 'composer' })}>
          {t('dependencies.composer.toolMissing')}
        </Notice>
      )}
      <div className={classes.scripts}>
        <Button
          disabled={isFixed || isMissing}
          onClick={() => run({ kind: 'composer', task: 'install', hasDevelopment })}
        >
          {t(composer.isLocked ? 'dependencies.composer.installLocked' : 'dependencies.composer.install')}
        </Button>
        <Button
          variant="default"
          disabled={isFixed || isMissing}
          onClick={() => run({ kind: 'composer', task: 'update', hasDevelopment })}
        >
          {t('dependencies.composer.update')}
        </Button>
      </div>
      <Switch
        label={t('dependencies.hasDevelopment')}
        checked={hasDevelopment}
        onChange={(event) => setHasDevelopment(event.currentTarget.checked)}
        disabled={isFixed}
      />
    </div>
  );
}
