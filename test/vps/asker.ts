// `node test/vps/asker.ts`, started in the network namespace of a visitor: sends each request that comes as a line of JSON, over
// a connection of its own, and answers it with what `curl -i` would print. One process for all: a curl for each takes
// twenty milliseconds of processor time to begin.
import { request as askPlainly } from 'node:http';
import { request as askSecurely } from 'node:https';
import { createInterface } from 'node:readline';

export type Question = {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** What has come until then is the answer. */
  readonly timeoutMs: number;
};
export type NumberedQuestion = Question & { readonly id: number };
export type NumberedAnswer = { readonly id: number; readonly text: string };

createInterface({ input: process.stdin }).on('line', (line) => {
  const question = JSON.parse(line) as NumberedQuestion;
  void ask(question).then((text) => {
    const answer: NumberedAnswer = { id: question.id, text };
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  });
});

/** Status line, headers as they came, an empty line, the body. Empty: nobody answered. */
async function ask({ method, url, headers, body, timeoutMs }: Question): Promise<string> {
  return await new Promise((resolve) => {
    let head = '';
    const parts: Buffer[] = [];
    const options = {
      method,
      headers: { Accept: '*/*', 'User-Agent': 'curl/8.0.0', Connection: 'keep-alive', ...headers },
      // A connection for each, ended behind it, and no session taken up again.
      agent: false as const,
      // The panel's certificate is its own: its fingerprint is compared in a test of its own.
      rejectUnauthorized: false,
    };
    const sent = (url.startsWith('https:') ? askSecurely : askPlainly)(url, options, (answer) => {
      const { httpVersion, statusCode, statusMessage, rawHeaders } = answer;
      head = `HTTP/${httpVersion} ${statusCode} ${statusMessage}\r\n`;
      for (let at = 0; at < rawHeaders.length; at += 2) head += `${rawHeaders[at]}: ${rawHeaders[at + 1]}\r\n`;
      head += '\r\n';
      answer.on('data', (part: Buffer) => void parts.push(part)).on('error', () => {});
    });
    const timer = setTimeout(() => sent.destroy(), timeoutMs);
    sent.on('error', () => {});
    sent.on('close', () => {
      clearTimeout(timer);
      resolve(head + Buffer.concat(parts).toString('utf8'));
    });
    sent.end(body);
  });
}
