import { takeUpNow } from '../nginx/nginx.process.ts';
import { takeUpPoolsNow } from '../php/php.process.ts';

/** Makes the running programs load what was put back after a crash; what nginx points to comes first. */
export async function takeUpPrograms(prefix: string): Promise<void> {
  await takeUpPoolsNow(prefix);
  await takeUpNow(prefix);
}
