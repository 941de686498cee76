import { Textarea } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconAlertCircle, IconCheck } from '@tabler/icons-react';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { formatDomain, type SiteDomain } from '#shared/sites.ts';
import { readableDomain } from '../../ui/DomainName.tsx';
import { fieldText } from '../../ui/error-text.ts';
import { Token } from '../../ui/Token.tsx';
import { readDomainLines, type DomainLine } from './domain-lines.ts';
import classes from './NewSite.module.css';

type DomainsInputProps = {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly label: string;
  readonly description?: string;
  readonly placeholder?: string;
  /** Names that the site has already. */
  readonly present?: readonly SiteDomain[];
  /** What the server said about the last try: `domains`, `domains.0` counted over the present and the typed ones. */
  readonly said?: Readonly<Record<string, string>>;
  readonly isRequiredMissing?: boolean;
  /** Left empty it means something, too. */
  readonly isOptional?: boolean;
  readonly isAutofocused?: boolean;
};

/** A name that is still being typed is not called wrong yet. */
const patienceMs = 600;

/** Domains, one per line, each read while it is typed. */
export function DomainsInput({
  value,
  onChange,
  label,
  description,
  placeholder,
  present = [],
  said = {},
  isRequiredMissing = false,
  isOptional = false,
  isAutofocused = false,
}: DomainsInputProps) {
  const { t } = useTranslation();
  const listId = useId();
  const [settled] = useDebouncedValue(value, patienceMs);
  const lines = readDomainLines(value, present);
  const problemOf = ({ problem }: DomainLine, index: number): string | undefined => {
    const isBeingTyped = index === lines.length - 1 && settled !== value;
    if (problem !== null && !isBeingTyped) return fieldText(t, problem.code, problem.params);
    return problem === null ? said[`domains.${present.length + index}`] : undefined;
  };
  const problems = lines.map(problemOf);
  const ownError = said['domains'] ?? (isRequiredMissing && lines.length === 0 ? fieldText(t, 'required') : undefined);
  const hasProblem = ownError !== undefined || problems.some((problem) => problem !== undefined);
  return (
    <div>
      <Textarea
        className={classes.mono}
        label={label}
        description={description}
        placeholder={placeholder}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
        error={ownError ?? hasProblem}
        aria-describedby={listId}
        aria-invalid={hasProblem}
        dir="ltr"
        minRows={2}
        maxRows={10}
        autoCapitalize="none"
        autoCorrect="off"
        spellCheck={false}
        inputMode="url"
        withAsterisk={!isOptional}
        data-autofocus={isAutofocused || undefined}
      />
      <ul id={listId} className={classes.found} aria-live="polite">
        {lines.map((line, index) => {
          const problem = problems[index];
          if (problem !== undefined) {
            return (
              <li key={`${index} ${line.typed}`} className={classes.wrong}>
                <IconAlertCircle size={15} aria-hidden />
                <span>
                  <Token mono>{line.typed}</Token>
                  {' — '}
                  {problem}
                </span>
              </li>
            );
          }
          return line.domain === null || line.problem !== null ? null : (
            <DomainChip key={`${index} ${line.typed}`} domain={line.domain} />
          );
        })}
      </ul>
    </div>
  );
}

function DomainChip({ domain }: { readonly domain: SiteDomain }) {
  const ascii = formatDomain(domain);
  const readable = readableDomain(domain);
  return (
    <li className={classes.chip}>
      <IconCheck size={14} stroke={2.2} aria-hidden />
      <Token>{readable}</Token>
      {readable !== ascii && (
        <span className={classes.ascii}>
          <Token mono>{ascii}</Token>
        </span>
      )}
    </li>
  );
}
