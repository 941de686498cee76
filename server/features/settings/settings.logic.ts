import type { z } from 'zod';
import { panelSettings } from '#shared/settings.ts';
import type { Context } from '../../context.ts';
import { findSetting, putSetting } from './settings.store.ts';

type PanelSettings = z.output<typeof panelSettings>;

/** Settings of the panel, with defaults for what was never set. */
export async function getPanelSettings({ db }: Pick<Context, 'db'>): Promise<PanelSettings> {
  return panelSettings.parse((await findSetting(db, 'panel')) ?? {});
}

export async function setPanelSettings(
  { db, clock }: Pick<Context, 'db' | 'clock'>,
  settings: PanelSettings,
): Promise<PanelSettings> {
  await putSetting(db, 'panel', settings, clock.now());
  return settings;
}
