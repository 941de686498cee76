import { Button, Checkbox, NativeSelect } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { pythonServers } from '#shared/dependencies.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { Notice } from '../../ui/Notice.tsx';
import type { SiteProject, WorkInput } from './dependencies.queries.ts';
import { MirrorInput, mirrorOf } from './MirrorInput.tsx';
import classes from './Project.module.css';
import type { BlockProps } from './ProjectSection.tsx';

/** The virtual environment of a site, and what is installed into it. */
export function PythonBlock(props: BlockProps & { readonly python: NonNullable<SiteProject['python']> }) {
  const { project, python, isFixed, run } = props;
  const { t } = useTranslation();
  const [chosen, setChosen] = useState<string>();
  const [wanted, setWanted] = useState<readonly (typeof pythonServers)[number][]>([]);
  const [mirror, setMirror] = useState('');
  const [isAsking, setIsAsking] = useState(false);
  const requirements = chosen ?? python.requirements[0] ?? '';
  const missing = (['python3', 'venv'] as const).find((tool) => !project.tools.includes(tool));
  const isStuck = isFixed || (missing !== undefined && (missing === 'python3' || !python.hasEnvironment));
  const work = (isAnew: boolean): WorkInput => ({
    kind: 'python',
    requirements: requirements === '' ? null : requirements,
    servers: [...wanted],
    isAnew,
    mirror: mirrorOf(mirror),
  });
  return (
    <div className={classes.block}>
      <h3 className={classes.heading}>
        Python
        <span className={classes.note}>
          {t(python.hasEnvironment ? 'dependencies.python.has' : 'dependencies.python.hasNot')}
        </span>
      </h3>
      {missing !== undefined && (
        <Notice
          tone="warn"
          title={t('dependencies.toolMissing', { tool: missing === 'venv' ? 'python3-venv' : missing })}
        >
          {t('dependencies.python.toolMissing')}
        </Notice>
      )}
      <div className={classes.row}>
        <NativeSelect
          label={t('dependencies.python.requirements')}
          value={requirements}
          onChange={(event) => setChosen(event.currentTarget.value)}
          data={[...python.requirements, { value: '', label: t('dependencies.python.noRequirements') }]}
          disabled={isFixed}
        />
        <MirrorInput value={mirror} onChange={setMirror} isFixed={isFixed} />
      </div>
      <div className={classes.scripts}>
        <Button disabled={isStuck} onClick={() => run(work(false))}>
          {t(python.hasEnvironment ? 'dependencies.python.install' : 'dependencies.python.make')}
        </Button>
        {python.hasEnvironment && (
          <Button variant="default" disabled={isFixed || missing !== undefined} onClick={() => setIsAsking(true)}>
            {t('dependencies.python.anew')}
          </Button>
        )}
      </div>
      <Checkbox.Group
        label={t('dependencies.python.servers')}
        value={[...wanted]}
        onChange={(next) => setWanted(pythonServers.filter((each) => next.includes(each)))}
      >
        <div className={classes.scripts}>
          {pythonServers.map((name) => (
            <Checkbox
              key={name}
              value={name}
              disabled={isFixed}
              label={python.servers.includes(name) ? t('dependencies.python.serverThere', { name }) : name}
            />
          ))}
        </div>
      </Checkbox.Group>
      <ConfirmDialog
        isOpen={isAsking}
        title={t('dependencies.python.anewTitle')}
        confirmLabel={t('dependencies.python.anew')}
        onClose={() => setIsAsking(false)}
        onConfirm={() => {
          setIsAsking(false);
          run(work(true));
        }}
      >
        {t('dependencies.python.anewText')}
      </ConfirmDialog>
    </div>
  );
}
