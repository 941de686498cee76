import { NumberInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { BackupTarget, PlannedBackup, Retention } from '#shared/backups.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { retentionQuery } from './backups.queries.ts';
import { Choice } from './Choice.tsx';
import classes from './Forms.module.css';
import { presetOf, retentionKinds, retentionPresets, type RetentionPreset } from './plan-draft.ts';

const presets = Object.keys(retentionPresets) as RetentionPreset[];

type RetentionFieldsProps = {
  readonly retention: Retention;
  readonly onChange: (retention: Retention) => void;
  /** The plan as it is saved; undefined: a new one has no backups to keep. */
  readonly known: PlannedBackup | undefined;
  readonly targets: readonly BackupTarget[];
};

/** How many are kept of each kind, and what that does to the backups that exist. */
export function RetentionFields({ retention, onChange, known, targets }: RetentionFieldsProps) {
  const { t } = useTranslation();
  const target = targets.find(({ id }) => known?.plan.targetIds.includes(id));
  return (
    <div>
      <Choice
        label={t('backups.plan.keep')}
        text={t('backups.plan.keepText')}
        value={presetOf(retention)}
        options={presets.map((value) => ({ value, label: t(`backups.plan.preset.${value}`) }))}
        onChange={(preset) => onChange(retentionPresets[preset])}
      />
      <div className={classes.numbers}>
        {retentionKinds.map((kind) => (
          <NumberInput
            key={kind}
            label={t(`backups.plan.kept.${kind}`)}
            value={retention[kind]}
            onChange={(value) =>
              onChange({ ...retention, [kind]: Math.min(1000, Math.max(0, Math.floor(Number(value) || 0))) })
            }
            min={0}
            max={1000}
            allowDecimal={false}
            hideControls
          />
        ))}
      </div>
      {known !== undefined && target !== undefined && (
        <Preview planId={known.id} target={target} retention={retention} />
      )}
    </div>
  );
}

type PreviewProps = { readonly planId: string; readonly target: BackupTarget; readonly retention: Retention };

/** Which of the plan's backups would stay, and why, and which would go. */
function Preview({ planId, target, retention }: PreviewProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const [wanted] = useDebouncedValue(retention, 300);
  const { data, error } = useQuery(retentionQuery(target.id, planId, wanted));
  if (error !== null) return <p className={classes.error}>{errorText(error)}</p>;
  if (data === undefined) return null;
  const all = [
    ...data.keep.map((set) => ({ ...set, isKept: true })),
    ...data.remove.map((set) => ({ ...set, reasons: [] as string[], isKept: false })),
  ].sort((one, other) => Date.parse(other.at) - Date.parse(one.at));
  if (all.length === 0) return <p className={classes.hint}>{t('backups.plan.previewEmpty')}</p>;
  const count = (key: 'previewKeep' | 'previewRemove', value: number): string =>
    t(`backups.plan.${key}`, { count: value, value: format.number(value) });
  return (
    <section className={classes.box} aria-label={t('backups.plan.preview', { target: target.name })}>
      <div>
        <div className={classes.label}>{t('backups.plan.preview', { target: target.name })}</div>
        <div role="status">
          {count('previewKeep', data.keep.length)} ·{' '}
          <span className={data.remove.length > 0 ? classes.goes : undefined}>
            {count('previewRemove', data.remove.length)}
          </span>
        </div>
        <ul className={classes.sets} tabIndex={0}>
          {all.map(({ setId, at, reasons, isKept }) => (
            <li key={setId} data-goes={!isKept || undefined}>
              <time dateTime={at}>{format.dateTime(at)}</time>
              <span className={isKept ? classes.why : classes.goes}>
                {isKept ? format.list(reasons.map(why)) : t('backups.plan.previewRemoved')}
              </span>
            </li>
          ))}
        </ul>
      </div>
    </section>
  );

  function why(reason: string): string {
    const say = t as unknown as (key: string, params?: Record<string, unknown>) => string;
    return say(`backups.plan.why.${reason}`, { defaultValue: t('backups.plan.why.other') });
  }
}
