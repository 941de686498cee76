import type { Config } from '#server/config.ts';
import { environmentReasons } from '#server/environment.ts';

/** The lines printed once the panel listens, in both languages. `link` is a secret that works once. */
export function banner(config: Config, link: string | null): string[] {
  const rows = [
    ['Environment', `${config.environment}`, 'البيئة'],
    ['Reason', environmentReasons[config.detection.reasons[0] ?? 'in_doubt'].en, 'السبب'],
    ['Host', config.host, 'المضيف'],
    ['Port', String(config.port), 'المنفذ'],
    ['Debug', config.isDebug ? 'on' : 'off', 'وضع التنقيح'],
    ['Address', config.publicUrl, 'العنوان'],
    ...(config.networkUrl === null ? [] : ([['Network', config.networkUrl, 'من جهاز آخر']] as const)),
  ] as const;
  const width = Math.max(...rows.map(([, value]) => value.length));
  const lines = [`aaPanel ${config.version}`, '─'.repeat(width + 28)];
  for (const [english, value, arabic] of rows) lines.push(`${english.padEnd(13)}${value.padEnd(width + 2)}${arabic}`);
  lines.push('─'.repeat(width + 28));
  if (link !== null) {
    lines.push('Create the owner account with this link (it works once):');
    lines.push('أنشئ حساب المالك من هذا الرابط (يعمل مرة واحدة):');
    lines.push(link);
    if (config.networkUrl !== null) lines.push(link.replace(config.publicUrl, config.networkUrl));
    lines.push('─'.repeat(width + 28));
  }
  return lines;
}
