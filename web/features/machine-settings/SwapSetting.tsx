import { Select } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { MachineSettings } from '#shared/machine-settings.ts';
import { finish } from '../../api/finish.ts';
import { useCan } from '../../api/session.ts';
import { useFormat } from '../../ui/format.ts';
import { sayDone } from '../../ui/toasts.ts';
import { Token } from '../../ui/Token.tsx';
import { SettingRow } from '../settings/SettingRow.tsx';
import { useSetSwap } from './machine-settings.queries.ts';
import classes from './MachineSettings.module.css';
import { SaveRow } from './SaveRow.tsx';
import { swapSizes } from './swap-sizes.ts';

type SwapSettingProps = { readonly swap: MachineSettings['swap']; readonly memoryBytes: number };

export function SwapSetting({ swap, memoryBytes }: SwapSettingProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const mayWrite = useCan()('services.write');
  const save = useSetSwap();
  const [size, setSize] = useState(swap.ownMib);
  const sizes = swapSizes(swap);
  const nameOf = (mib: number): string => (mib === 0 ? t('services.machine.swapNone') : format.bytes(mib * 1_048_576));
  const isImpossible = sizes.length === 1;
  return (
    <SettingRow
      id="machine-swap"
      label={t('services.machine.swap')}
      hint={
        <>
          {t('services.machine.swapHint', { memory: format.bytes(memoryBytes) })}
          {isImpossible && ` ${t(swap.mostMib === 0 ? 'services.machine.swapUnfit' : 'services.machine.swapNoRoom')}`}
          {swap.areas.length > 0 && (
            <ul className={classes.areas}>
              {swap.areas.map((area) => (
                <li key={area.path}>
                  <Token mono>{area.path}</Token>{' '}
                  <bdi>
                    {t('services.machine.swapUsed', {
                      used: format.bytes(area.usedBytes),
                      size: format.bytes(area.sizeBytes),
                    })}
                  </bdi>
                </li>
              ))}
            </ul>
          )}
        </>
      }
    >
      <SaveRow
        label={t('services.machine.swap')}
        isChanged={size !== swap.ownMib}
        isPending={save.isPending}
        error={save.error}
        onSave={() => finish(save, { mib: size }, { onSuccess: () => sayDone(t('common.states.saved')) })}
      >
        <Select
          aria-labelledby="machine-swap"
          allowDeselect={false}
          disabled={!mayWrite || isImpossible}
          value={String(size)}
          onChange={(next) => next !== null && setSize(Number(next))}
          data={sizes.map((mib) => ({ value: String(mib), label: nameOf(mib) }))}
        />
      </SaveRow>
    </SettingRow>
  );
}
