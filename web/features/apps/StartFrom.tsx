import { NativeSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { projectQuery, type SiteProject } from '../dependencies/dependencies.queries.ts';
import { presetDefaults, startOf, type Started } from './app-presets.ts';

/** Ways to start that the files of the site offer: scripts, servers of its environment, Java archives. */
export function StartFrom(props: {
  readonly siteId: string;
  readonly isFixed: boolean;
  readonly onChoose: (started: Started) => void;
}) {
  const { t } = useTranslation();
  const { data: project } = useQuery(projectQuery(props.siteId));
  const ways = project === undefined ? [] : waysOf(project);
  if (ways.length === 0) return null;
  return (
    <NativeSelect
      label={t('apps.form.from')}
      description={t('apps.form.fromHint')}
      value=""
      onChange={(event) => {
        const way = ways.find(({ label }) => label === event.currentTarget.value);
        if (way !== undefined) props.onChoose(way.started);
      }}
      data={[{ value: '', label: t('apps.form.fromNone') }, ...ways.map(({ label }) => ({ value: label, label }))]}
      disabled={props.isFixed}
    />
  );
}

const presets = { gunicorn: 'wsgi', uvicorn: 'asgi', uwsgi: 'uwsgi' } as const;

export function waysOf({ node, python, jars }: SiteProject): { readonly label: string; readonly started: Started }[] {
  const scripts = (node?.scripts ?? []).map((script) => ({
    label: `${node?.manager ?? 'npm'} run ${script}`,
    started: { ...startOf('npm', script), program: node?.manager ?? 'npm' },
  }));
  const servers = (python?.servers ?? []).map((name) => ({
    label: name,
    started: startOf(presets[name], presetDefaults[presets[name]]),
  }));
  return [...scripts, ...servers, ...jars.map((jar) => ({ label: `java -jar ${jar}`, started: startOf('java', jar) }))];
}
