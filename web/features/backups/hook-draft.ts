import { alertEvents, type AlertEvent, type BackupHook, type HookBody } from '#shared/backup-alerts.ts';

export type HookDraft = {
  readonly name: string;
  /** Empty for a hook that is there: what is kept stays. */
  readonly url: string;
  readonly events: readonly AlertEvent[];
  readonly language: 'ar' | 'en';
  readonly secret: string;
  readonly isSecretRemoved: boolean;
  readonly isEnabled: boolean;
};
export type HookField = 'name' | 'url' | 'events' | 'secret';

export function newHookDraft(language: string): HookDraft {
  return {
    name: '',
    url: '',
    events: alertEvents,
    language: language === 'en' ? 'en' : 'ar',
    secret: '',
    isSecretRemoved: false,
    isEnabled: true,
  };
}

export function draftOfHook({ name, events, language, isEnabled }: BackupHook): HookDraft {
  return { ...newHookDraft(language), name, events, isEnabled };
}

export function hookBodyOf(draft: HookDraft, isNew: boolean): HookBody {
  const { name, events, language, isEnabled, secret, isSecretRemoved } = draft;
  const url = draft.url.trim();
  return {
    name: name.trim(),
    url: url === '' ? null : url,
    // In the order of the list, however they were ticked.
    events: alertEvents.filter((event) => events.includes(event)),
    language,
    isEnabled,
    secret: secret !== '' ? { kind: 'key', key: secret } : isNew || isSecretRemoved ? { kind: 'none' } : null,
  };
}

/** Fields that have to be filled in first. */
export function missingInHook({ name, url, events }: HookDraft, isNew: boolean): HookField[] {
  const missing: HookField[] = [];
  if (name.trim() === '') missing.push('name');
  if (isNew && url.trim() === '') missing.push('url');
  if (events.length === 0) missing.push('events');
  return missing;
}

/** The name of a field in the errors of the panel: `secret.key` → `secret`. */
export function hookFieldOf(name: string): HookField | null {
  const [first = ''] = name.split('.');
  return first === 'name' || first === 'url' || first === 'events' || first === 'secret' ? first : null;
}
