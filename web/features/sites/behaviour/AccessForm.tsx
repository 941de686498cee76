import { ActionIcon, Button, Checkbox, Group, Select, TextInput } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { requestMethods, scriptSuffixes, type AddressRule } from '#shared/behaviour/access.ts';
import { useFormat } from '../../../ui/format.ts';
import { Token } from '../../../ui/Token.tsx';
import { LinesInput } from './LinesInput.tsx';
import type { RuleFormProps } from './rule-form.ts';
import { PasswordRules } from './PasswordRules.tsx';
import { PathInput } from './PathInput.tsx';
import { RuleGroup } from './RuleGroup.tsx';
import { RuleList } from './RuleList.tsx';
import classes from './Rules.module.css';

/** Who may come in, by address, method and program, and what nobody gets. */
export function AccessForm(props: RuleFormProps) {
  const { draft, change, errorAt, errorUnder, isFixed } = props;
  const { t } = useTranslation();
  const format = useFormat();
  const { access } = draft;
  const set = (part: Partial<typeof access>): void => change({ access: { ...access, ...part } });
  return (
    <>
      <PasswordRules {...props} />
      <RuleGroup title={t('behaviour.access.addresses')} text={t('behaviour.access.addressesText')}>
        <RuleList
          items={access.addresses}
          onChange={(addresses) => set({ addresses })}
          fresh={(): AddressRule => ({ path: '/', lines: [{ action: 'allow', range: '' }], others: 'deny' })}
          addLabel={t('behaviour.access.addAddresses')}
          empty={t('behaviour.access.addressesEmpty')}
          isOrdered={false}
          hasError={(index) => errorUnder(`access.addresses.${index}`) !== undefined}
          isFixed={isFixed}
          max={20}
          summary={({ path, lines, others }) => (
            <>
              <Token mono>{path}</Token>
              <span>{t('behaviour.access.lineCount', { value: format.number(lines.length) })}</span>
              <span className={classes.tag}>{t(`behaviour.access.othersShort.${others}`)}</span>
            </>
          )}
        >
          {(rule, edit, index) => (
            <>
              <div className={classes.pair}>
                <PathInput
                  value={rule.path}
                  onChange={(path) => edit({ path })}
                  error={errorAt(`access.addresses.${index}.path`)}
                />
                <Select
                  label={t('behaviour.access.others')}
                  data={(['deny', 'allow'] as const).map((value) => ({
                    value,
                    label: t(`behaviour.access.actions.${value}`),
                  }))}
                  value={rule.others}
                  onChange={(value) => edit({ others: value === 'allow' ? 'allow' : 'deny' })}
                />
              </div>
              <AddressLines
                rule={rule}
                edit={edit}
                errorAt={(line) => errorUnder(`access.addresses.${index}.lines.${line}`)}
              />
            </>
          )}
        </RuleList>
      </RuleGroup>
      <RuleGroup title={t('behaviour.access.methods')} text={t('behaviour.access.methodsText')}>
        <Checkbox.Group
          aria-label={t('behaviour.access.methods')}
          value={access.methods}
          onChange={(values) => set({ methods: requestMethods.filter((method) => values.includes(method)) })}
        >
          <Group gap="md" dir="ltr">
            {requestMethods.map((method) => (
              <Checkbox key={method} value={method} label={method} />
            ))}
          </Group>
        </Checkbox.Group>
      </RuleGroup>
      <RuleGroup title={t('behaviour.access.agents')} text={t('behaviour.access.agentsText')}>
        <LinesInput
          label={t('behaviour.access.agentsLabel')}
          placeholder="BadBot"
          value={access.agents}
          onChange={(agents) => set({ agents })}
          error={errorUnder('access.agents')}
          isWordy={false}
        />
      </RuleGroup>
      <RuleGroup title={t('behaviour.access.denied')} text={t('behaviour.access.deniedText')}>
        <RuleList
          items={access.denied}
          onChange={(denied) => set({ denied })}
          fresh={() => ({ path: '/', suffixes: [] as string[] })}
          addLabel={t('behaviour.access.addDenied')}
          ready={{
            label: t('behaviour.access.addScripts'),
            fresh: () => ({ path: '/uploads', suffixes: [...scriptSuffixes] }),
          }}
          empty={t('behaviour.access.deniedEmpty')}
          isOrdered={false}
          hasError={(index) => errorUnder(`access.denied.${index}`) !== undefined}
          isFixed={isFixed}
          max={50}
          summary={({ path, suffixes }) => (
            <>
              <Token mono>{path}</Token>
              {suffixes.length > 0 && <Token mono>{suffixes.map((each) => `*.${each}`).join(' ')}</Token>}
            </>
          )}
        >
          {(rule, edit, index) => (
            <div className={classes.pair}>
              <PathInput
                value={rule.path}
                onChange={(path) => edit({ path })}
                error={errorAt(`access.denied.${index}.path`)}
              />
              <LinesInput
                label={t('behaviour.access.suffixes')}
                placeholder="php"
                value={rule.suffixes}
                onChange={(suffixes) => edit({ suffixes: suffixes.map((each) => each.replace(/^\*?\./, '')) })}
                error={errorUnder(`access.denied.${index}.suffixes`)}
              />
            </div>
          )}
        </RuleList>
      </RuleGroup>
    </>
  );
}

type AddressLinesProps = {
  readonly rule: AddressRule;
  readonly edit: (part: Partial<AddressRule>) => void;
  readonly errorAt: (line: number) => string | undefined;
};

function AddressLines({ rule, edit, errorAt }: AddressLinesProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { lines } = rule;
  return (
    <div>
      {lines.map(({ action, range }, index) => (
        <Group key={`line ${index}`} gap={8} wrap="nowrap" align="flex-start" mb={8}>
          <Select
            aria-label={t('behaviour.access.action')}
            w={120}
            data={(['allow', 'deny'] as const).map((value) => ({
              value,
              label: t(`behaviour.access.actions.${value}`),
            }))}
            value={action}
            onChange={(value) =>
              edit({
                lines: lines.map((line, at) =>
                  at === index ? { ...line, action: value === 'deny' ? 'deny' : 'allow' } : line,
                ),
              })
            }
          />
          <TextInput
            className={classes.mono}
            aria-label={t('behaviour.access.range', { number: format.number(index + 1) })}
            flex={1}
            placeholder="203.0.113.0/24"
            value={range}
            onChange={(event) => {
              const typed = event.currentTarget.value.trim();
              edit({ lines: lines.map((line, at) => (at === index ? { ...line, range: typed } : line)) });
            }}
            error={errorAt(index)}
            dir="ltr"
            spellCheck={false}
          />
          <ActionIcon
            mt={3}
            aria-label={t('behaviour.list.remove', { number: format.number(index + 1) })}
            disabled={lines.length === 1}
            onClick={() => edit({ lines: lines.filter((_, at) => at !== index) })}
          >
            <IconX size={16} stroke={1.8} />
          </ActionIcon>
        </Group>
      ))}
      <Button
        variant="subtle"
        size="compact-sm"
        leftSection={<IconPlus size={14} aria-hidden />}
        onClick={() => edit({ lines: [...lines, { action: 'allow', range: '' }] })}
      >
        {t('behaviour.access.addLine')}
      </Button>
    </div>
  );
}
