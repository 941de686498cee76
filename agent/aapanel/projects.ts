import type { Row } from './database.ts';

/*
 * Projects of other languages are no sites of files: what the old panel knows of one is said, so that an application can be made
 * of it. Only single facts of its `project_config` by name; its variables may be secrets.
 */

const facts = [
  ['nodejs_version', 'version', 'python_version'],
  ['project_script', 'rfile', 'project_exe', 'project_cmd', 'project_jar'],
  ['port'],
  ['project_cwd', 'path', 'project_path'],
] as const;

/** Version, command, port and folder as far as they are there, as one line. */
export function projectFacts(row: Row): string {
  const config = configOf(row);
  const found = facts.flatMap((names) => {
    const value = names
      .map((name) => config[name])
      .find((each) => typeof each === 'string' || typeof each === 'number');
    const text = String(value ?? '').trim();
    // What has a sign of control in it is no name, port or folder.
    return text === '' || /[\p{Cc}\p{Cf}]/u.test(text) ? [] : [text.slice(0, 300)];
  });
  return found.join(' · ');
}

function configOf(row: Row): Readonly<Record<string, unknown>> {
  try {
    const read: unknown = JSON.parse(String(row['project_config'] ?? ''));
    return typeof read === 'object' && read !== null ? (read as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
