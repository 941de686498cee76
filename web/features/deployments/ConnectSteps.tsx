import { Button, Group, Radio, Select, Stack, TextInput } from '@mantine/core';
import { IconPlugConnected, IconRocket } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { useState, type FormEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Site } from '#shared/sites.ts';
import { finish } from '../../api/finish.ts';
import { useCan } from '../../api/session.ts';
import { useErrorText, useFieldErrors } from '../../ui/error-text.ts';
import { Notice } from '../../ui/Notice.tsx';
import { Section } from '../../ui/Section.tsx';
import { sayFailed } from '../../ui/toasts.ts';
import { WhyNot } from '../../ui/WhyNot.tsx';
import classes from './Deploy.module.css';
import { fromMakeDraft, newMakeDraft, toMakeDraft } from './deploy-draft.ts';
import {
  useConfigureDeploy,
  useListRefs,
  useMakeKey,
  useScanHost,
  useStartDeployment,
  type DeployRefs,
  type DeployState,
  type ScannedHost,
} from './deployments.queries.ts';
import { HostChoice } from './HostChoice.tsx';
import { MakeFields } from './MakeFields.tsx';
import { PublicKey } from './PublicKey.tsx';

const route = getRouteApi('/signed-in/sites/$siteId/deploy');

type Kind = 'branch' | 'tag';

/** Address, key, server, branch, build: each step opens the next, and nothing is kept before the last. */
export function ConnectSteps({ site, state }: { readonly site: Site; readonly state: DeployState }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const fieldErrors = useFieldErrors();
  const mayWrite = useCan()('deployments.write');
  const mayRun = useCan()('deployments.run');
  const makeKey = useMakeKey(site.id);
  const scan = useScanHost(site.id);
  const list = useListRefs(site.id);
  const configure = useConfigureDeploy(site.id);
  const start = useStartDeployment(site.id);
  const { repository = '' } = route.useSearch();
  const [url, setUrl] = useState(repository);
  const [known, setKnown] = useState<string | null>(null);
  const [hosts, setHosts] = useState<readonly ScannedHost[] | null>(null);
  const [hostKey, setHostKey] = useState<string | null>(null);
  const [refs, setRefs] = useState<DeployRefs | null>(null);
  const [kind, setKind] = useState<Kind>('branch');
  const [name, setName] = useState<string | null>(null);
  const [draft, setDraft] = useState(() =>
    site.deploy === null ? newMakeDraft(site.kind === 'php' ? 'php' : 'static') : toMakeDraft(site.deploy),
  );
  const isSsh = known !== null && !known.startsWith('https:');
  const isTrusted = known !== null && (!isSsh || hostKey !== null);

  /** The key first: it is wanted by whatever comes next. */
  const takeAddress = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const address = url.trim();
    setKnown(null);
    setHosts(null);
    setHostKey(null);
    setRefs(null);
    if (address.startsWith('https:')) {
      list.mutate({ url: address, hostKey: null }, { onSuccess: takeRefs, onSettled: () => setKnown(address) });
      return;
    }
    await makeKey.mutateAsync(false);
    const { items } = await scan.mutateAsync(address);
    setHosts(items);
    setKnown(address);
  };
  const takeRefs = (found: DeployRefs): void => {
    setRefs(found);
    setKind(found.branches.length > 0 ? 'branch' : 'tag');
    setName(found.main ?? found.branches[0] ?? found.tags[0] ?? null);
  };
  const test = (): void => {
    if (known !== null) list.mutate({ url: known, hostKey }, { onSuccess: takeRefs });
  };
  const connect = (event: FormEvent): void => {
    event.preventDefault();
    if (known === null || name === null || configure.isPending) return;
    const deploy = fromMakeDraft(draft, { url: known, ref: { kind, name }, hostKey });
    // These steps are gone as soon as the site is seen to be connected: what follows must not go with them.
    finish(
      configure,
      { deploy, revision: site.revision },
      {
        onSuccess: () => {
          const onError = (error: unknown): void => sayFailed(t('deployments.startFailed'), errorText(error));
          if (mayRun) finish(start, undefined, { onError });
        },
      },
    );
  };
  const addressError = makeKey.error ?? scan.error ?? (isSsh ? null : list.error);
  const addressFields = addressError === null ? {} : fieldErrors(addressError);
  const said = configure.error === null ? {} : fieldErrors(configure.error);
  const saidOf = (field: string): ReactNode =>
    said[`deploy.${field}`] ?? Object.entries(said).find(([each]) => each.startsWith(`deploy.${field}.`))?.[1];
  const isFinding = makeKey.isPending || scan.isPending || (list.isPending && !isSsh);
  return (
    <Section
      title={t(site.deploy === null ? 'deployments.connect.title' : 'deployments.connect.again')}
      description={t('deployments.connect.text')}
    >
      <ol className={classes.steps}>
        <Step title={t('deployments.connect.address')} state={known === null ? 'now' : 'done'}>
          <form
            onSubmit={(event) =>
              void takeAddress(event).catch(() => {
                // The mutation says why, beside the field.
              })
            }
            noValidate
          >
            <Group align="flex-end" gap="xs">
              <TextInput
                label={t('deployments.connect.url')}
                description={t('deployments.connect.urlHint')}
                placeholder="git@github.com:name/site.git"
                value={url}
                onChange={(event) => setUrl(event.currentTarget.value)}
                error={addressFields['url'] ?? (addressError === null ? undefined : errorText(addressError))}
                disabled={!mayWrite}
                dir="ltr"
                flex="1 1 320px"
                spellCheck={false}
                autoComplete="off"
              />
              <WhyNot reason={!mayWrite}>
                <Button type="submit" loading={isFinding} disabled={!mayWrite || url.trim() === ''}>
                  {t('deployments.connect.next')}
                </Button>
              </WhyNot>
            </Group>
          </form>
        </Step>
        {(known === null || isSsh) && (
          <>
            <Step
              title={t('deployments.connect.key')}
              state={known === null ? 'later' : refs === null ? 'now' : 'done'}
            >
              {known !== null && state.key !== null && (
                <>
                  <span>{t('deployments.connect.keyText')}</span>
                  <PublicKey of={state.key} />
                </>
              )}
            </Step>
            <Step
              title={t('deployments.connect.host')}
              state={known === null ? 'later' : hostKey === null ? 'now' : 'done'}
            >
              {known !== null && hosts !== null && (
                <HostChoice url={known} hosts={hosts} value={hostKey} onChange={setHostKey} />
              )}
            </Step>
          </>
        )}
        <Step title={t('deployments.connect.ref')} state={!isTrusted ? 'later' : refs === null ? 'now' : 'done'}>
          {isTrusted && isSsh && (
            <Button
              variant={refs === null ? 'filled' : 'default'}
              loading={list.isPending}
              leftSection={<IconPlugConnected size={17} aria-hidden />}
              onClick={test}
            >
              {t('deployments.connect.test')}
            </Button>
          )}
          {isTrusted && isSsh && list.error !== null && (
            <Notice tone="bad" role="alert" className={classes.full}>
              {errorText(list.error)}
            </Notice>
          )}
          {refs !== null && (
            <Stack gap="sm" w="100%">
              <Radio.Group
                value={kind}
                onChange={(value) => {
                  const next: Kind = value === 'tag' ? 'tag' : 'branch';
                  setKind(next);
                  setName((next === 'branch' ? (refs.main ?? refs.branches[0]) : refs.tags[0]) ?? null);
                }}
                label={t('deployments.connect.refKind')}
              >
                <Group gap="lg" mt={6}>
                  <Radio value="branch" label={t('deployments.connect.branch')} />
                  <Radio value="tag" label={t('deployments.connect.tag')} disabled={refs.tags.length === 0} />
                </Group>
              </Radio.Group>
              <Select
                label={t(kind === 'branch' ? 'deployments.connect.branch' : 'deployments.connect.tag')}
                data={kind === 'branch' ? refs.branches : refs.tags}
                value={name}
                onChange={setName}
                searchable
                allowDeselect={false}
                maw={420}
                dir="ltr"
                limit={200}
              />
            </Stack>
          )}
        </Step>
        <Step title={t('deployments.connect.make')} state={refs === null ? 'later' : 'now'}>
          {refs !== null && (
            <form onSubmit={connect} noValidate>
              <Stack gap="lg">
                <MakeFields
                  draft={draft}
                  onChange={(part) => setDraft((before) => ({ ...before, ...part }))}
                  errorOf={saidOf}
                  isShort
                />
                {configure.error !== null && Object.keys(said).length === 0 && (
                  <Notice tone="bad" role="alert">
                    {errorText(configure.error)}
                  </Notice>
                )}
                <Group>
                  <Button
                    type="submit"
                    loading={configure.isPending || start.isPending}
                    disabled={name === null}
                    leftSection={<IconRocket size={17} aria-hidden />}
                  >
                    {t(mayRun ? 'deployments.connect.deploy' : 'deployments.connect.save')}
                  </Button>
                </Group>
              </Stack>
            </form>
          )}
        </Step>
      </ol>
    </Section>
  );
}

function Step({
  title,
  state,
  children,
}: {
  readonly title: string;
  readonly state: 'done' | 'now' | 'later';
  readonly children: ReactNode;
}) {
  return (
    <li className={classes.step} data-state={state} aria-current={state === 'now' ? 'step' : undefined}>
      <h3 className={classes.stepTitle}>{title}</h3>
      <div className={classes.stepBody}>{children}</div>
    </li>
  );
}
