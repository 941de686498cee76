import { migrationsFolder, renderList } from '#server/db/migrate-source.ts';
import { rules } from '#server/db/validate/rules.ts';
import { listEntries, readFolder } from '#server/db/validate/validate.ts';
import type { GeneratedFile } from '../generate.ts';

/** The list of migrations, with checksums and what each means for a running panel; the pages of the rules. */
export async function generate(): Promise<GeneratedFile[]> {
  const content = renderList(await listEntries(readFolder(migrationsFolder)));
  return [
    { path: 'server/db/migrations/list.ts', content },
    { path: 'docs/en/migration-rules.md', content: rulesPage('en') },
    { path: 'docs/ar/migration-rules.md', content: rulesPage('ar') },
  ];
}

const words = {
  en: {
    title: 'Rules for migrations',
    intro: [
      'Made from the code by `npm run generate`. How migrations work: [Migrations](migrations.md).',
      'A rule is left aside for one file by a line with a reason: `// allow V-drop: nobody has used it since 0.3`.',
    ],
    head: '| Rule | Level | Engines | What it objects to | The safe way |',
    severity: { error: 'error', warning: 'warning' },
    all: 'all',
  },
  ar: {
    title: 'قواعد الترحيلات',
    intro: [
      'صُنعت من الشيفرة بالأمر `npm run generate`. كيف تعمل الترحيلات: [الترحيلات](migrations.md).',
      'تُترك القاعدة في ملف بسطر فيه السبب: `// allow V-drop: nobody has used it since 0.3`.',
    ],
    head: '| القاعدة | المستوى | المحركات | ما ترفضه | الطريق الآمن |',
    severity: { error: 'خطأ', warning: 'تحذير' },
    all: 'الكل',
  },
} as const;

function rulesPage(language: 'ar' | 'en'): string {
  const { title, intro, head, severity, all } = words[language];
  const rows = rules.map((rule) => {
    const engines = rule.engines.length === 3 ? all : rule.engines.join(', ');
    const cells = [rule.id, severity[rule.severity], engines, rule.explanation[language], rule.recipe[language]];
    return `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`;
  });
  return [`# ${title}`, '', ...intro, '', head, '| --- | --- | --- | --- | --- |', ...rows, ''].join('\n');
}
