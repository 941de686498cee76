import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Permission, RoleRecording } from '#shared/access.ts';
import type { ReachedTerminal, TerminalEnd } from '#shared/agent/terminals.ts';
import { AppError } from '#shared/errors.ts';
import {
  createFrameReader,
  encodeFrame,
  encodeJsonFrame,
  fromTerminal,
  maxFrameBytes,
  toTerminal,
  type TerminalAttach,
} from '#shared/terminal-frames.ts';
import type { RecordingSettings, TerminalRecording } from '#shared/terminal-recordings.ts';
import { isRecordedBy, type RecordingRule } from '#shared/terminals.ts';
import type { FakeActions, FakeCall } from '../agent-fake.ts';
import { newId } from '../id.ts';
import { createFakeSshHosts } from './ssh-hosts.ts';

/*
 * Terminals without a machine: a shell that knows `echo`, `seq`, `whoami` and `exit`, behind the same socket and the same
 * frames as a real one.
 */

type Name = Extract<keyof FakeActions, `terminals.${string}`>;

type FakeTerminal = {
  readonly facts: Omit<ReachedTerminal, 'isAttached' | 'hasEnded'>;
  /** Of a saved host. */
  readonly hostId: string | undefined;
  readonly personId: string;
  readonly personName: string;
  readonly keys: string[];
  readonly listening: Server;
  output: Buffer;
  line: string;
  reader: Socket | undefined;
  hasEnded: boolean;
};

type Parts = {
  readonly now: () => number;
  readonly requireTicket: (call: FakeCall, permission?: Permission) => void;
  readonly may: (personId: string, permission: Permission) => boolean;
  readonly recordingOf: (personId: string) => RoleRecording;
};

export type FakeTerminals = { readonly actions: Pick<FakeActions, Name>; readonly close: () => void };

export function createFakeTerminals({ now, requireTicket, may, recordingOf: roleOf }: Parts): FakeTerminals {
  const all = new Map<string, FakeTerminal>();
  const hosts = createFakeSshHosts(now, (hostId) => {
    for (const terminal of all.values()) if (terminal.hostId === hostId) end(terminal.facts.id);
  });
  let folder: string | undefined;
  let settings: RecordingSettings = { recorded: 'none', keptDays: 30 };
  const ends = new Map<string, TerminalEnd>();
  /** Of those that have ended. */
  const kept = new Map<string, { readonly facts: TerminalRecording; readonly text: string }>();

  const ruleOf = ({ actor }: FakeCall): RecordingRule => ({ role: roleOf(actor.id), recorded: settings.recorded });

  function say(terminal: FakeTerminal, text: string): void {
    const bytes = Buffer.from(text);
    terminal.output = Buffer.concat([terminal.output, bytes]);
    send(terminal, bytes);
  }

  function send({ reader }: FakeTerminal, bytes: Buffer): void {
    for (let at = 0; at < bytes.length; at += maxFrameBytes)
      reader?.write(encodeFrame(fromTerminal.output, bytes.subarray(at, at + maxFrameBytes)));
  }

  function prompt(terminal: FakeTerminal): void {
    const isRoot = terminal.facts.kind === 'root';
    say(
      terminal,
      `\x1b[32m${terminal.hostId === undefined ? `${terminal.facts.user}@server` : terminal.facts.user}\x1b[0m:\x1b[34m~\x1b[0m${isRoot ? '#' : '$'} `,
    );
  }

  function type(terminal: FakeTerminal, text: string): void {
    for (const key of text) {
      if (key === '\r') {
        say(terminal, '\r\n');
        run(terminal, terminal.line.trim());
        terminal.line = '';
        if (!terminal.hasEnded) prompt(terminal);
      } else if (key === '\x7f' && terminal.line !== '') {
        terminal.line = terminal.line.slice(0, -1);
        say(terminal, '\b \b');
      } else if (key >= ' ' && key !== '\x7f') {
        terminal.line += key;
        say(terminal, key);
      }
    }
  }

  function run(terminal: FakeTerminal, line: string): void {
    const [command, ...args] = line.split(/\s+/);
    if (command === 'echo') say(terminal, `${args.join(' ')}\r\n`);
    else if (command === 'whoami') say(terminal, `${terminal.facts.user}\r\n`);
    else if (command === 'seq') {
      const count = Math.min(100_000, Number(args[0] ?? '0'));
      say(terminal, Array.from({ length: count }, (_, index) => `${index + 1}\r\n`).join(''));
    } else if (command === 'exit') {
      terminal.hasEnded = true;
      terminal.reader?.end(encodeJsonFrame(fromTerminal.exit, { code: 0, signal: null }), () =>
        end(terminal.facts.id, 'ended'),
      );
    } else if (line !== '') say(terminal, `bash: ${command ?? ''}: command not found\r\n`);
  }

  function accept(terminal: FakeTerminal, socket: Socket): void {
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      if (terminal.reader === socket) terminal.reader = undefined;
    });
    const read = createFrameReader((kind, rest) => {
      const text = new TextDecoder().decode(rest);
      if (kind === toTerminal.input && terminal.reader === socket) type(terminal, text);
      if (kind !== toTerminal.attach) return;
      const wish = JSON.parse(text) as TerminalAttach;
      if (!terminal.keys.includes(hashOf(wish.key)))
        return void socket.end(encodeFrame(fromTerminal.refused, new Uint8Array(0)));
      terminal.reader?.end(encodeFrame(fromTerminal.displaced, new Uint8Array(0)));
      terminal.reader = socket;
      const from = wish.from ?? 0;
      socket.write(encodeJsonFrame(fromTerminal.hello, { from, end: terminal.output.length, lost: 0 }));
      send(terminal, terminal.output.subarray(from));
    });
    socket.on('data', read);
  }

  function end(terminalId: string, why: TerminalEnd['why'] = 'closed'): void {
    const terminal = all.get(terminalId);
    if (terminal !== undefined) {
      const { kind, user, startedAt } = terminal.facts;
      ends.set(terminalId, {
        terminalId,
        person: { id: terminal.personId, name: terminal.personName },
        kind,
        user,
        startedAt: Date.parse(startedAt),
        endedAt: now(),
        why,
        exitCode: why === 'ended' ? 0 : null,
      });
    }
    if (terminal?.facts.isRecorded === true)
      kept.set(terminalId, { facts: { ...recordingOf(terminal), isRunning: false }, text: castOf(terminal) });
    all.delete(terminalId);
    terminal?.reader?.destroy();
    terminal?.listening.close();
  }

  function shown({ facts, reader, hasEnded }: FakeTerminal): ReachedTerminal {
    return { ...facts, isAttached: reader !== undefined, hasEnded };
  }

  function recordingOf({ facts, personId, personName, output }: FakeTerminal): TerminalRecording {
    const { id, kind, siteId, user, startedAt } = facts;
    const person = { id: personId, name: personName };
    return { id, person, kind, siteId, user, startedAt, lastAt: startedAt, sizeBytes: output.length, isRunning: true };
  }

  /** Every recording there is, newest first. */
  function recordings(): { readonly facts: TerminalRecording; readonly text: string }[] {
    const running = [...all.values()].filter(({ facts }) => facts.isRecorded);
    return [
      ...kept.values(),
      ...running.map((terminal) => ({ facts: recordingOf(terminal), text: castOf(terminal) })),
    ].toReversed();
  }

  function getOwn(terminalId: string, { actor }: FakeCall): FakeTerminal {
    const found = all.get(terminalId);
    if (found === undefined || found.personId !== actor.id)
      throw new AppError('not_found', 'There is no such terminal.', { reason: 'terminal_gone' });
    return found;
  }

  return {
    actions: {
      ...hosts.actions,
      'terminals.close'({ terminalId }, call) {
        const terminal = getOwn(terminalId, call);
        end(terminalId);
        return Promise.resolve({ terminal: { ...shown(terminal), isAttached: false, hasEnded: true } });
      },
      'terminals.ends'({ known }) {
        for (const terminalId of known) ends.delete(terminalId);
        return Promise.resolve({ items: [...ends.values()].slice(0, 100), open: all.size });
      },
      'terminals.enter'({ terminalId }, call) {
        const terminal = getOwn(terminalId, call);
        if (terminal.facts.kind !== 'site') requireTicket(call, 'terminals.root');
        const key = newKey();
        terminal.keys.push(hashOf(key));
        return Promise.resolve({ key, terminal: shown(terminal) });
      },
      'terminals.list': (_params, call) =>
        Promise.resolve({
          items: [...all.values()].filter(({ personId }) => personId === call.actor.id).map((each) => shown(each)),
          recording: ruleOf(call),
        }),
      async 'terminals.open'({ as, isRecorded = false }, call) {
        if (as.kind !== 'site') requireTicket(call, 'terminals.root');
        const user =
          as.kind === 'host'
            ? hosts.reach(as.hostId)
            : as.kind === 'site'
              ? `site-${as.site.slug}`.slice(0, 31)
              : 'root';
        folder ??= mkdtempSync(join(tmpdir(), 'aapanel-fake-'));
        const id = newId();
        const key = newKey();
        const socketPath = join(folder, id);
        const terminal: FakeTerminal = {
          facts: {
            id,
            kind: as.kind,
            siteId: as.kind === 'site' ? as.site.siteId : null,
            user,
            startedAt: new Date(now()).toISOString(),
            socketPath,
            isRecorded: isRecordedBy(ruleOf(call), as.kind, isRecorded),
          },
          hostId: as.kind === 'host' ? as.hostId : undefined,
          personId: call.actor.id,
          personName: call.actor.name,
          keys: [hashOf(key)],
          listening: createServer((socket) => accept(terminal, socket)),
          output: Buffer.alloc(0),
          line: '',
          reader: undefined,
          hasEnded: false,
        };
        await new Promise<void>((resolve) => terminal.listening.listen(socketPath, resolve));
        // A development panel must not be kept alive by it.
        terminal.listening.unref();
        all.set(id, terminal);
        prompt(terminal);
        return { key, terminal: shown(terminal) };
      },
      'terminals.read_recording'({ recordingId, offset }, call) {
        const found = recordings().find(({ facts }) => facts.id === recordingId);
        if (found?.facts.person.id !== call.actor.id || found.facts.kind !== 'site')
          requireTicket(call, 'terminals.root');
        if (found === undefined) throw noRecording();
        const bytes = Buffer.from(found.text);
        return Promise.resolve({ data: bytes.subarray(offset).toString('base64'), sizeBytes: bytes.length });
      },
      'terminals.recordings': (_params, { actor }) =>
        Promise.resolve({
          items: recordings()
            .map(({ facts }) => facts)
            .filter(({ person }) => person.id === actor.id || may(actor.id, 'terminals.root')),
          settings,
        }),
      'terminals.remove_recording'({ recordingId }) {
        const found = recordings().find(({ facts }) => facts.id === recordingId);
        if (found === undefined) throw noRecording();
        if (found.facts.isRunning)
          throw new AppError('in_use', 'The terminal is still there.', { reason: 'terminal_recording_running' });
        kept.delete(recordingId);
        return Promise.resolve({ recording: found.facts });
      },
      'terminals.set_recording'(next) {
        const before = settings;
        settings = next;
        return Promise.resolve({ before });
      },
    },
    close() {
      kept.clear();
      hosts.clear();
      for (const id of all.keys()) end(id);
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}

const noRecording = (): AppError =>
  new AppError('not_found', 'There is no such recording.', { reason: 'terminal_recording_gone' });

/** Its output as if half a second lay before each line. */
function castOf({ output, facts }: FakeTerminal): string {
  const head = { version: 2, width: 80, height: 24, timestamp: Math.floor(Date.parse(facts.startedAt) / 1_000) };
  const pieces = output.toString().split(/(?<=\n)/);
  return [head, ...pieces.map((text, index) => [(index + 1) / 2, 'o', text])]
    .map((each) => `${JSON.stringify(each)}\n`)
    .join('');
}

const newKey = (): string => randomBytes(32).toString('base64url');
const hashOf = (key: string): string => createHash('sha256').update(key).digest('hex');
