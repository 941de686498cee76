import { Button, Skeleton } from '@mantine/core';
import { IconFileText } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { Site } from '#shared/sites.ts';
import { useCan } from '../../api/session.ts';
import { openJobs } from '../../layout/panels.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { Section } from '../../ui/Section.tsx';
import { ErrorState } from '../../ui/States.tsx';
import { Status, type Tone } from '../../ui/Status.tsx';
import { sayFailed } from '../../ui/toasts.ts';
import { Token } from '../../ui/Token.tsx';
import { ComposerBlock } from './ComposerBlock.tsx';
import { projectQuery, useRunDependencies, type SiteProject, type WorkInput } from './dependencies.queries.ts';
import { NodeBlock } from './NodeBlock.tsx';
import classes from './Project.module.css';
import { PythonBlock } from './PythonBlock.tsx';

/** What every block of the section is given. */
export type BlockProps = {
  readonly project: SiteProject;
  /** Something runs already, or the person may not start it. */
  readonly isFixed: boolean;
  readonly run: (work: WorkInput) => void;
};

/** What the files of a site ask for, and the buttons that bring it. */
export function ProjectSection({ site }: { readonly site: Site }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const mayWrite = useCan()('sites.write');
  const { data: project, error, refetch } = useQuery(projectQuery(site.id));
  const start = useRunDependencies(site.id);
  const isRunning = project?.runs[0]?.state === 'running';
  const isNothing =
    project !== undefined && [project.node, project.python, project.composer].every((it) => it === null);
  const given = {
    isFixed: !mayWrite || isRunning || start.isPending,
    run: (work: WorkInput): void =>
      start.mutate(work, { onError: (fault) => sayFailed(t('dependencies.notStarted'), errorText(fault)) }),
  };
  return (
    <Section
      title={t('dependencies.title')}
      description={t('dependencies.text')}
      actions={project === undefined ? undefined : <LastRun project={project} />}
    >
      {project === undefined ? (
        error === null ? (
          <Skeleton height={72} radius="md" />
        ) : (
          <ErrorState error={error} onRetry={() => void refetch()} />
        )
      ) : isNothing ? (
        <p className={classes.note}>
          {t('dependencies.nothing')} <Token mono>{project.folder}</Token>
        </p>
      ) : (
        <>
          {project.node !== null && <NodeBlock project={project} node={project.node} {...given} />}
          {project.python !== null && <PythonBlock project={project} python={project.python} {...given} />}
          {project.composer !== null && <ComposerBlock project={project} composer={project.composer} {...given} />}
        </>
      )}
    </Section>
  );
}

const tones = { running: 'busy', succeeded: 'good', failed: 'bad', cancelled: 'idle' } as const satisfies Record<
  SiteProject['runs'][number]['state'],
  Tone
>;

function LastRun({ project }: { readonly project: SiteProject }) {
  const { t } = useTranslation();
  const format = useFormat();
  const last = project.runs[0];
  if (last === undefined) return null;
  return (
    <>
      <Status tone={tones[last.state]}>
        {t(`dependencies.states.${last.state}`)}
        {last.endedAt !== null && ` · ${format.ago(last.endedAt)}`}
      </Status>
      <Button
        variant="default"
        size="xs"
        leftSection={<IconFileText size={15} aria-hidden />}
        onClick={() => openJobs(last.id)}
      >
        {t('dependencies.log')}
      </Button>
    </>
  );
}
