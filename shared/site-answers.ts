import { z } from 'zod';
import { answerers } from './behaviour/answers.ts';
import { networkRange } from './behaviour/words.ts';
import { id, instant, line } from './http.ts';
import { siteBehaviour } from './site-behaviour.ts';

/** Methods that somebody may wonder about. */
export const askedMethods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

/** A request that nobody sends: only what the rules make of it is asked. */
export const answerQuestion = z.strictObject({
  /** Whole, as it stands in a browser: `https://example.com/path?query`. */
  url: z.string().min(1, { error: 'required' }).max(2_000),
  method: z.enum(askedMethods).default('GET'),
  /** The visitor's; left out: one that is in no list. */
  address: networkRange.refine((text) => !text.includes('/'), { error: 'address_invalid' }).optional(),
  agent: line(500).default(''),
  referer: line(1_000).default(''),
  origin: line(300).default(''),
  /** Rules that are not saved: both are answered then. */
  behaviour: siteBehaviour.optional(),
});

export const ruleAnswer = z.object({
  by: z.enum(answerers),
  /** Place in its list, counted from 0, for kinds of which there are several. */
  index: z.int().nullable(),
  /** null: what the files, the program or the application answer. */
  status: z.int().nullable(),
  location: z.string().nullable(),
  /** Custom directives of the site come before this and may answer instead; they are not looked at. */
  mayCustomAnswer: z.boolean(),
  /** Only where no file of that name is: it would be served instead. */
  isUnlessFile: z.boolean(),
  /** Who set the rule, and by which change; null: it comes with every site, or is not saved, or older than the history. */
  setBy: z.object({ changeId: id, actor: z.object({ id: z.string(), name: z.string() }), at: instant }).nullable(),
});
export type ShownAnswer = z.infer<typeof ruleAnswer>;

export const siteAnswer = z.object({
  /** By the rules that are saved. */
  now: ruleAnswer,
  /** By those that came with the question. */
  unsaved: ruleAnswer.nullable(),
});
