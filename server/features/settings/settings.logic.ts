import type { z } from 'zod';
import { panelSettings } from '#shared/settings.ts';
import type { Context } from '../../context.ts';
import { findSetting, putSetting } from './settings.store.ts';

type PanelSettings = z.output<typeof panelSettings>;

/** Settings of the panel, with defaults for what was never set. */
export async function getPanelSettings({ db }: Pick<Context, 'db'>): Promise<PanelSettings> {
  return panelSettings.parse((await findSetting(db, 'panel')) ?? {});
}

/** What another feature keeps under a name of its own, as it was given; undefined: nothing yet. */
export async function findStored({ db }: Pick<Context, 'db'>, name: string): Promise<unknown> {
  return await findSetting(db, name);
}

export async function putStored(
  { db, clock }: Pick<Context, 'db' | 'clock'>,
  name: string,
  value: unknown,
): Promise<void> {
  await putSetting(db, name, value, clock.now());
}

export async function setPanelSettings(
  { db, clock }: Pick<Context, 'db' | 'clock'>,
  settings: PanelSettings,
): Promise<PanelSettings> {
  await putSetting(db, 'panel', settings, clock.now());
  return settings;
}
