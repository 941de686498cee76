import { ActionIcon, Button, Collapse, Group } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconChevronDown, IconPlus, IconTrash } from '@tabler/icons-react';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../../ui/format.ts';
import classes from './Rules.module.css';

type RuleListProps<T> = {
  readonly items: readonly T[];
  readonly onChange: (items: T[]) => void;
  readonly fresh: () => T;
  /** One line that says what the rule does. */
  readonly summary: (item: T, index: number) => ReactNode;
  readonly children: (item: T, change: (part: Partial<T>) => void, index: number) => ReactNode;
  readonly addLabel: string;
  /** Another beginning of a rule, with its fields filled in. */
  readonly ready?: { readonly label: string; readonly fresh: () => T };
  readonly empty: string;
  readonly isOrdered?: boolean;
  readonly hasError: (index: number) => boolean;
  readonly isFixed: boolean;
  readonly max: number;
};

/** Rules in their order: each is a line, and opens into its own fields. Arrows move it. */
export function RuleList<T>(props: RuleListProps<T>) {
  const {
    items,
    onChange,
    fresh,
    summary,
    children,
    addLabel,
    ready,
    empty,
    isOrdered = true,
    hasError,
    isFixed,
    max,
  } = props;
  const { t } = useTranslation();
  const format = useFormat();
  const [openAt, setOpenAt] = useState<number | null>(null);
  const add = (item: T): void => {
    onChange([...items, item]);
    setOpenAt(items.length);
  };
  const move = (from: number, to: number): void => {
    const next = [...items];
    const [moved] = next.splice(from, 1);
    if (moved === undefined) return;
    next.splice(to, 0, moved);
    onChange(next);
    setOpenAt(openAt === from ? to : openAt === to ? from : openAt);
  };
  return (
    <div>
      {items.length === 0 && <p className={classes.empty}>{empty}</p>}
      <ol className={classes.list}>
        {items.map((item, index) => {
          const isOpen = openAt === index || hasError(index);
          const number = format.number(index + 1);
          return (
            // Rules have no name of their own: their place is all they have.
            <li key={`rule ${index}`} className={classes.item} data-error={hasError(index) || undefined}>
              <div className={classes.row}>
                <button
                  type="button"
                  className={classes.rule}
                  aria-expanded={isOpen}
                  onClick={() => setOpenAt(isOpen ? null : index)}
                >
                  {isOrdered && <span className={`${classes.number} numbers`}>{number}</span>}
                  <span className={classes.ruleText}>{summary(item, index)}</span>
                  <IconChevronDown size={16} stroke={1.8} className={classes.chevron} aria-hidden />
                </button>
                {isOrdered && items.length > 1 && (
                  <>
                    <ActionIcon
                      aria-label={t('behaviour.list.up', { number })}
                      disabled={isFixed || index === 0}
                      onClick={() => move(index, index - 1)}
                    >
                      <IconArrowUp size={16} stroke={1.8} />
                    </ActionIcon>
                    <ActionIcon
                      aria-label={t('behaviour.list.down', { number })}
                      disabled={isFixed || index === items.length - 1}
                      onClick={() => move(index, index + 1)}
                    >
                      <IconArrowDown size={16} stroke={1.8} />
                    </ActionIcon>
                  </>
                )}
                <ActionIcon
                  aria-label={t('behaviour.list.remove', { number })}
                  disabled={isFixed}
                  onClick={() => {
                    onChange(items.filter((_, each) => each !== index));
                    setOpenAt(null);
                  }}
                >
                  <IconTrash size={16} stroke={1.8} />
                </ActionIcon>
              </div>
              <Collapse expanded={isOpen}>
                {isOpen && (
                  <div className={classes.itemFields}>
                    {children(
                      item,
                      (part) => onChange(items.map((each, at) => (at === index ? { ...each, ...part } : each))),
                      index,
                    )}
                  </div>
                )}
              </Collapse>
            </li>
          );
        })}
      </ol>
      <Group gap="xs">
        {[{ label: addLabel, fresh }, ...(ready === undefined ? [] : [ready])].map((way) => (
          <Button
            key={way.label}
            variant="default"
            size="xs"
            leftSection={<IconPlus size={15} aria-hidden />}
            disabled={isFixed || items.length >= max}
            onClick={() => add(way.fresh())}
          >
            {way.label}
          </Button>
        ))}
      </Group>
    </div>
  );
}
