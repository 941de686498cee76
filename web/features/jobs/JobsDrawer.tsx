import { ActionIcon, Drawer, Group } from '@mantine/core';
import { IconArrowLeft } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { closeJobs, jobsDrawer, openJobs } from '../../layout/panels.ts';
import { useStore } from '../../layout/store.ts';
import { JobDetail } from './JobDetail.tsx';
import { jobTitle } from './job-title.ts';
import { jobQuery } from './jobs.queries.ts';
import classes from './JobsDrawer.module.css';
import { RecentJobs } from './RecentJobs.tsx';

/** The jobs beside the page: the recent ones, or one opened with its live log. */
export function JobsDrawer() {
  const { t } = useTranslation();
  const { isOpen, jobId } = useStore(jobsDrawer);
  return (
    <Drawer.Root
      opened={isOpen}
      onClose={closeJobs}
      position="right"
      size={600}
      classNames={{ content: classes.content, body: classes.body }}
    >
      <Drawer.Overlay backgroundOpacity={0.4} />
      <Drawer.Content>
        <div className={classes.header}>
          {jobId === null ? (
            <Drawer.Title className={classes.title}>{t('jobs.drawer.title')}</Drawer.Title>
          ) : (
            <Group gap="xs" wrap="nowrap" miw={0}>
              <ActionIcon size="lg" aria-label={t('jobs.drawer.back')} onClick={() => openJobs()}>
                {/* "Back" points against the direction of reading. */}
                <IconArrowLeft size={19} stroke={1.8} className="mirrored" />
              </ActionIcon>
              <OpenTitle key={jobId} jobId={jobId} />
            </Group>
          )}
          <Drawer.CloseButton aria-label={t('jobs.drawer.close')} size="lg" />
        </div>
        <Drawer.Body>{jobId === null ? <RecentJobs /> : <JobDetail key={jobId} jobId={jobId} />}</Drawer.Body>
      </Drawer.Content>
    </Drawer.Root>
  );
}

function OpenTitle({ jobId }: { readonly jobId: string }) {
  const { t } = useTranslation();
  const { data } = useQuery(jobQuery(jobId));
  return (
    <Drawer.Title className={classes.title}>
      {data === undefined ? t('jobs.drawer.title') : jobTitle(t, data)}
    </Drawer.Title>
  );
}
