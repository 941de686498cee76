import { createInterface } from 'node:readline/promises';
import { exitCodes, type Command, type CommandContext } from './command.ts';
import { runSelf } from './rescue-process.ts';
import { say, type TextKey } from './texts.ts';

type Item = { readonly title: TextKey; readonly words: readonly string[]; readonly ask?: TextKey };

/** What each number does: a command of its own, so that each drops root wherever it does not need it. */
const items: readonly Item[] = [
  { title: 'menuEntry', words: ['entry'] },
  { title: 'menuLink', words: ['link'] },
  { title: 'menuPeople', words: ['people'] },
  { title: 'menuPassword', words: ['reset-password'], ask: 'askName' },
  { title: 'menuFactor', words: ['remove-factor'], ask: 'askName' },
  { title: 'menuEnable', words: ['enable'], ask: 'askName' },
  { title: 'menuUnban', words: ['unban', '--all'] },
  { title: 'menuOpen', words: ['doors', 'open'] },
  { title: 'menuOpenAll', words: ['doors', 'open', '--entry'] },
  { title: 'menuPort', words: ['port'], ask: 'askPort' },
  { title: 'menuSessions', words: ['sessions'] },
  { title: 'menuSessionsEnd', words: ['sessions', 'end'], ask: 'askName' },
  { title: 'menuAudit', words: ['audit', 'verify'] },
  { title: 'menuDoctor', words: ['doctor'] },
];

/** `aapanel` alone on a terminal. */
export const menu: Command = async (first) => {
  let ctx = first;
  for (;;) {
    ctx.out('');
    ctx.out(ctx.text('menuTitle'));
    for (const [index, { title }] of items.entries()) ctx.out(`${String(index + 1).padStart(3)}. ${ctx.text(title)}`);
    ctx.out(`${String(items.length + 1).padStart(3)}. ${ctx.text('menuLanguage')}`);
    const typed = await question(ctx.text('menuChoose'));
    if (typed === undefined || typed === '') return exitCodes.success;
    const number = /^\d{1,2}$/.test(typed) ? Number(typed) : 0;
    if (number === items.length + 1) {
      ctx = inLanguage(ctx, ctx.language === 'ar' ? 'en' : 'ar');
      continue;
    }
    const item = items[number - 1];
    if (item === undefined) {
      ctx.out(ctx.text('menuUnknown'));
      continue;
    }
    await choose(ctx, item);
    if ((await question(ctx.text('menuAgain'))) === undefined) return exitCodes.success;
  }
};

async function choose(ctx: CommandContext, { words, ask }: Item): Promise<void> {
  const answer = ask === undefined ? undefined : await question(ctx.text(ask));
  if (ask !== undefined && (answer === undefined || answer === '' || answer.startsWith('-'))) return;
  await runSelf(ctx, answer === undefined ? words : [...words, answer], { inherit: true });
}

/** A reader for each question: in between the terminal belongs to the command. undefined: Ctrl-D. */
async function question(text: string): Promise<string | undefined> {
  const reader = createInterface({ input: process.stdin, output: process.stdout });
  const closed = new Promise<undefined>((resolve) => reader.once('close', () => resolve(undefined)));
  try {
    return (await Promise.race([reader.question(text), closed]))?.trim();
  } finally {
    reader.close();
  }
}

function inLanguage(ctx: CommandContext, language: CommandContext['language']): CommandContext {
  return { ...ctx, language, text: (key, params) => say(language, key, params) };
}
