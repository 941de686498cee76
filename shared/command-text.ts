/*
 * A saved command with places for values: `{{name}}`, lower case and without spaces, so that the braces of other tools
 * (`docker ps --format '{{.Names}}'`) stay what they are.
 */

const place = /\{\{([a-z][a-z0-9_]{0,31})\}\}/g;

/** Names of the places, each once, in their order. */
export function placesOf(command: string): string[] {
  return [...new Set([...command.matchAll(place)].map(([, name = '']) => name))];
}

/** The command with each value as one word of the shell, whatever it holds. What has no value stays as it is. */
export function fillCommand(command: string, values: Readonly<Record<string, string>>): string {
  return command.replace(place, (whole, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    return value === undefined ? whole : wordOf(value);
  });
}

/** As it is when the shell reads nothing into it, otherwise quoted. */
function wordOf(value: string): string {
  return /^[A-Za-z0-9_@%+:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`;
}

/**
 * Control characters, among them the ends of lines, by which a shell would run what is only inserted; and the marks of
 * direction, by which a command would be shown as another one.
 */
export const unseenInCommand = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/;
