import { settingsApi } from '#shared/settings.ts';
import { redactedEntries } from '../../config.ts';
import { actingEntries } from '../../core/doors-rows.ts';
import { route, type App } from '../../core/route.ts';
import { getPanelSettings, setPanelSettings } from './settings.logic.ts';

export function settingsRoutes(app: App): void {
  route(app, settingsApi.get, async ({ ctx }) => getPanelSettings(ctx));

  route(app, settingsApi.set, async ({ ctx, body, audit }) => {
    audit.detail['before'] = await getPanelSettings(ctx);
    audit.detail['after'] = body;
    return setPanelSettings(ctx, body);
  });

  route(app, settingsApi.config, async ({ ctx: { config, doors } }) => ({
    items: [...(doors.isStored() ? actingEntries(config, doors.acting()) : redactedEntries(config))],
  }));
}
