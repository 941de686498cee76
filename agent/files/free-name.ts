import { maxNameBytes } from '#shared/file-names.ts';
import { lookAt, taken } from './handles.ts';

/** The name itself, or with a number before its ending: `photo (2).jpg`. */
export function freeName(folder: number, name: string): string {
  if (lookAt(folder, name) === undefined) return name;
  const dot = name.lastIndexOf('.');
  const [stem, ending] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ''];
  for (let number = 2; number < 10_000; number++) {
    const tail = ` (${number})${ending}`;
    if (tail.length >= maxNameBytes) break;
    const candidate = `${cut(stem, maxNameBytes - tail.length)}${tail}`;
    if (lookAt(folder, candidate) === undefined) return candidate;
  }
  throw taken(name);
}

/** Not in the middle of a character; one character per byte here. */
function cut(stem: string, most: number): string {
  if (stem.length <= most) return stem;
  let end = most;
  while (end > 0 && (stem.charCodeAt(end) & 0xc0) === 0x80) end--;
  return stem.slice(0, end);
}
