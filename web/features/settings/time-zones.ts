export type Zone = {
  /** IANA name; also what is stored. */
  readonly name: string;
  /** `GMT+3`, as it is now. */
  readonly offset: string;
  readonly offsetMinutes: number;
  /** `Arabian Standard Time`, in the shown language. */
  readonly title: string;
};

/** The zone of this browser. */
export function ownZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

function partOf(locale: string, timeZone: string, timeZoneName: 'long' | 'longOffset', now: Date): string {
  const parts = new Intl.DateTimeFormat(locale, { timeZone, timeZoneName }).formatToParts(now);
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
}

/** `GMT+05:30` → 330 */
export function minutesOf(offset: string): number {
  const [, sign, hours = '0', minutes = '0'] = /([+-−])(\d{1,2}):?(\d{2})?/.exec(offset) ?? [];
  if (sign === undefined) return 0;
  return (Number(hours) * 60 + Number(minutes)) * (sign === '+' ? 1 : -1);
}

export function zoneOf(name: string, locale: string, now: Date): Zone {
  const full = partOf('en', name, 'longOffset', now);
  const offsetMinutes = minutesOf(full);
  return {
    name,
    offset: full === 'GMT' ? 'GMT+0' : full.replace(/([+-])0/, '$1').replace(/:00$/, ''),
    offsetMinutes,
    title: partOf(locale, name, 'long', now),
  };
}

/** Every zone this browser knows, from west to east. Some 420 formatters: only when somebody opens the list. */
export function allZones(locale: string, now: Date): readonly Zone[] {
  return Intl.supportedValuesOf('timeZone')
    .map((name) => zoneOf(name, locale, now))
    .sort((one, other) => one.offsetMinutes - other.offsetMinutes || one.name.localeCompare(other.name, 'en'));
}

/** Arabic typed with or without hamza, ta marbuta and vowel marks is the same word. */
export function plainWord(text: string): string {
  return text
    .normalize('NFKD')
    .replaceAll(/[\u0300-\u036f\u064b-\u0655\u0670\u0640]/g, '')
    .replaceAll(/[أإآٱ]/g, 'ا')
    .replaceAll('ة', 'ه')
    .replaceAll('ى', 'ي')
    .replaceAll('_', ' ')
    .toLowerCase();
}

/** 0: the city begins with it; 1: it stands somewhere in name, offset or title; undefined: it does not. */
export function rankOf(zone: Zone, search: string): 0 | 1 | undefined {
  const wanted = plainWord(search).trim();
  const words = wanted.split(/\s+/).filter(Boolean);
  const text = plainWord(`${zone.name} ${zone.offset} ${zone.title}`);
  if (!words.every((word) => text.includes(word))) return undefined;
  return plainWord(zone.name.split('/').at(-1) ?? '').startsWith(wanted) ? 0 : 1;
}
