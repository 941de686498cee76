import { ActionIcon, Button, Checkbox, Group, NumberInput, Select, Switch, TextInput } from '@mantine/core';
import { IconArrowRight, IconPlus, IconX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { balances, type PathProxy } from '#shared/behaviour/proxies.ts';
import { useFormat } from '../../../ui/format.ts';
import { Token } from '../../../ui/Token.tsx';
import { useSite } from '../site-context.ts';
import { ForwardFields, HostInput } from './ForwardFields.tsx';
import { isForwarding, MinutesInput, ProxyCacheFields } from './ProxyCacheFields.tsx';
import { PathInput } from './PathInput.tsx';
import { Replacements } from './Replacements.tsx';
import type { RuleFormProps } from './rule-form.ts';
import { RuleGroup } from './RuleGroup.tsx';
import { RuleList } from './RuleList.tsx';
import classes from './Rules.module.css';

const sentHosts = ['visitor', 'server', 'own'] as const;
const freshServer = { address: '', weight: 1, isBackup: false };
const fresh = (): PathProxy => ({
  path: '/api',
  scheme: 'http',
  servers: [freshServer],
  balance: 'round_robin',
  isPathStripped: false,
  isWebsocket: true,
  sentHost: 'visitor',
  ownHost: '',
  connectSeconds: 10,
  sendSeconds: null,
  answerSeconds: 60,
  cacheMinutes: null,
  headers: [],
  replacements: [],
  isReplacedOnce: false,
});

/** Paths of the site that an application answers, or several that share the requests. */
export function ProxiesForm(form: RuleFormProps) {
  const { kind } = useSite();
  return (
    <>
      {isForwarding(kind) && <ForwardFields {...form} />}
      <Paths {...form} />
      {(isForwarding(kind) || form.draft.proxies.length > 0) && <ProxyCacheFields {...form} />}
    </>
  );
}

function Paths({ draft, change, errorAt, errorUnder, isFixed }: RuleFormProps) {
  const { t } = useTranslation();
  return (
    <RuleGroup title={t('behaviour.proxies.list')} text={t('behaviour.proxies.listText')}>
      <RuleList
        items={draft.proxies}
        onChange={(proxies) => change({ proxies })}
        fresh={fresh}
        addLabel={t('behaviour.proxies.add')}
        empty={t('behaviour.proxies.empty')}
        isOrdered={false}
        hasError={(index) => errorUnder(`proxies.${index}`) !== undefined}
        isFixed={isFixed}
        max={50}
        summary={({ path, scheme, servers }) => (
          <span dir="ltr">
            <Token mono>{path}</Token>
            <IconArrowRight size={14} stroke={1.8} style={{ marginInline: 6, verticalAlign: '-2px' }} aria-hidden />
            <Token mono>{servers.map(({ address }) => `${scheme}://${address}`).join('  ')}</Token>
          </span>
        )}
      >
        {(proxy, edit, index) => (
          <ProxyFields
            proxy={proxy}
            edit={edit}
            errorAt={(field) => errorAt(`proxies.${index}.${field}`)}
            errorUnder={(field) => errorUnder(`proxies.${index}.${field}`)}
            isFixed={isFixed}
          />
        )}
      </RuleList>
    </RuleGroup>
  );
}

type ProxyFieldsProps = {
  readonly proxy: PathProxy;
  readonly edit: (part: Partial<PathProxy>) => void;
  readonly errorAt: (field: string) => string | undefined;
  readonly errorUnder: (field: string) => string | undefined;
  readonly isFixed: boolean;
};

function ProxyFields({ proxy, edit, errorAt, errorUnder, isFixed }: ProxyFieldsProps) {
  const { t } = useTranslation();
  const seconds = (field: 'connectSeconds' | 'answerSeconds', max: number) => (
    <NumberInput
      label={t(`behaviour.proxies.${field}`)}
      value={proxy[field]}
      onChange={(value) => edit({ [field]: Number(value) || 1 })}
      min={1}
      max={max}
      allowDecimal={false}
      error={errorAt(field)}
    />
  );
  return (
    <>
      <div className={classes.pair}>
        <PathInput value={proxy.path} onChange={(path) => edit({ path })} error={errorAt('path')} isPartOnly />
        <Select
          label={t('behaviour.proxies.scheme')}
          description={t('behaviour.proxies.schemeText')}
          data={['http', 'https']}
          value={proxy.scheme}
          onChange={(value) => edit({ scheme: value === 'https' ? 'https' : 'http' })}
        />
      </div>
      <Servers proxy={proxy} edit={edit} errorUnder={errorUnder} />
      {proxy.servers.length > 1 && (
        <Select
          label={t('behaviour.proxies.balance')}
          data={balances.map((value) => ({ value, label: t(`behaviour.proxies.balances.${value}`) }))}
          value={proxy.balance}
          onChange={(value) => edit({ balance: balances.find((each) => each === value) ?? 'round_robin' })}
          error={errorAt('balance')}
        />
      )}
      <div className={classes.pair}>
        {seconds('connectSeconds', 75)}
        {seconds('answerSeconds', 86_400)}
        <NumberInput
          label={t('behaviour.proxies.sendSeconds')}
          placeholder={t('behaviour.proxies.sendAsAnswer')}
          value={proxy.sendSeconds ?? ''}
          onChange={(value) => edit({ sendSeconds: value === '' ? null : Number(value) })}
          min={1}
          max={86_400}
          allowDecimal={false}
          error={errorAt('sendSeconds')}
        />
        <MinutesInput
          label={t('behaviour.proxies.cacheMinutes')}
          value={proxy.cacheMinutes}
          onChange={(cacheMinutes) => edit({ cacheMinutes })}
          error={errorAt('cacheMinutes')}
        />
        <Select
          label={t('behaviour.proxies.sentHost')}
          data={sentHosts.map((value) => ({
            value,
            label: t(`behaviour.proxies.hosts.${value}`),
          }))}
          value={proxy.sentHost}
          onChange={(value) => edit({ sentHost: sentHosts.find((each) => each === value) ?? 'visitor' })}
        />
        {proxy.sentHost === 'own' && (
          <HostInput value={proxy.ownHost} onChange={(ownHost) => edit({ ownHost })} error={errorAt('ownHost')} />
        )}
      </div>
      <div className={classes.switches}>
        <Switch
          label={t('behaviour.proxies.isPathStripped')}
          checked={proxy.isPathStripped}
          onChange={(event) => edit({ isPathStripped: event.currentTarget.checked })}
        />
        <Switch
          label={t('behaviour.proxies.isWebsocket')}
          checked={proxy.isWebsocket}
          onChange={(event) => edit({ isWebsocket: event.currentTarget.checked })}
        />
      </div>
      <RuleList
        items={proxy.headers}
        onChange={(headers) => edit({ headers })}
        fresh={() => ({ name: '', value: '' })}
        addLabel={t('behaviour.proxies.addHeader')}
        empty={t('behaviour.proxies.headersEmpty')}
        isOrdered={false}
        hasError={(at) => errorUnder(`headers.${at}`) !== undefined}
        isFixed={isFixed}
        max={20}
        summary={({ name, value }) =>
          name === '' ? t('behaviour.headers.fresh') : <Token mono>{`${name}: ${value}`}</Token>
        }
      >
        {({ name, value }, editHeader, at) => (
          <div className={classes.pair}>
            <TextInput
              className={classes.mono}
              label={t('behaviour.headers.name')}
              value={name}
              onChange={(event) => editHeader({ name: event.currentTarget.value.trim() })}
              error={errorAt(`headers.${at}.name`)}
              dir="ltr"
              spellCheck={false}
            />
            <TextInput
              className={classes.mono}
              label={t('behaviour.headers.value')}
              value={value}
              onChange={(event) => editHeader({ value: event.currentTarget.value })}
              error={errorAt(`headers.${at}.value`)}
              dir="ltr"
              spellCheck={false}
            />
          </div>
        )}
      </RuleList>
      <Replacements value={proxy} edit={edit} errorAt={errorAt} errorUnder={errorUnder} isFixed={isFixed} />
    </>
  );
}

/** The path of a socket has letters of both sizes. */
function asAddress(text: string): string {
  const address = text.trim();
  return /^(?:http:\/\/)?unix:/i.test(address) ? address : address.toLowerCase();
}

function Servers({ proxy, edit, errorUnder }: Pick<ProxyFieldsProps, 'proxy' | 'edit' | 'errorUnder'>) {
  const { t } = useTranslation();
  const format = useFormat();
  const { servers } = proxy;
  const set = (index: number, part: Partial<(typeof servers)[number]>): void =>
    edit({ servers: servers.map((server, at) => (at === index ? { ...server, ...part } : server)) });
  return (
    <div>
      {servers.map(({ address, weight, isBackup }, index) => {
        const number = format.number(index + 1);
        return (
          <Group key={`server ${index}`} gap={8} align="flex-start" mb={8}>
            <TextInput
              className={classes.mono}
              aria-label={t('behaviour.proxies.server', { number })}
              flex="1 1 180px"
              placeholder="127.0.0.1:3000"
              value={address}
              onChange={(event) => set(index, { address: asAddress(event.currentTarget.value) })}
              onBlur={() => set(index, { address: address.replace(/^https?:\/\//, '').replace(/\/$/, '') })}
              error={errorUnder(`servers.${index}`)}
              dir="ltr"
              spellCheck={false}
              autoCapitalize="none"
            />
            {servers.length > 1 && (
              <>
                <NumberInput
                  aria-label={t('behaviour.proxies.weight', { number })}
                  prefix="× "
                  w={84}
                  value={weight}
                  onChange={(value) => set(index, { weight: Number(value) || 1 })}
                  min={1}
                  max={100}
                  allowDecimal={false}
                />
                <Checkbox
                  mt={8}
                  label={t('behaviour.proxies.isBackup')}
                  checked={isBackup}
                  onChange={(event) => set(index, { isBackup: event.currentTarget.checked })}
                />
                <ActionIcon
                  mt={3}
                  aria-label={t('behaviour.list.remove', { number })}
                  onClick={() => edit({ servers: servers.filter((_, at) => at !== index) })}
                >
                  <IconX size={16} stroke={1.8} />
                </ActionIcon>
              </>
            )}
          </Group>
        );
      })}
      <Button
        variant="subtle"
        size="compact-sm"
        leftSection={<IconPlus size={14} aria-hidden />}
        onClick={() => edit({ servers: [...servers, freshServer] })}
      >
        {t('behaviour.proxies.addServer')}
      </Button>
    </div>
  );
}
