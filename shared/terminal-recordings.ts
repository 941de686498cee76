import { z } from 'zod';
import { empty, id, instant, type Operation } from './http.ts';
import { recordedTerminals, terminalUsers } from './terminals.ts';

export const recordingSettings = z.strictObject({
  recorded: z.enum(recordedTerminals),
  /** A recording is thrown away so many days after its end. */
  keptDays: z.int().min(1).max(365),
});
export type RecordingSettings = z.infer<typeof recordingSettings>;

export const terminalRecording = z.object({
  /** Of the terminal too. */
  id,
  person: z.object({ id: z.string(), name: z.string() }),
  kind: z.enum(terminalUsers),
  siteId: id.nullable(),
  /** The Linux user. */
  user: z.string(),
  startedAt: instant,
  /** When something was shown last. */
  lastAt: instant,
  sizeBytes: z.int(),
  /** The terminal is still there. */
  isRunning: z.boolean(),
});
export type TerminalRecording = z.infer<typeof terminalRecording>;

/** A part of the file from a byte on: asciicast v2 (https://docs.asciinema.org/manual/asciicast/v2/). */
export const recordingPiece = z.object({
  /** Base64. */
  data: z.string(),
  sizeBytes: z.int(),
});

const base = '/api/v1/terminal-recordings';
const params = z.object({ recordingId: id });

export const terminalRecordingsApi = {
  list: {
    id: 'listTerminalRecordings',
    method: 'GET',
    path: base,
    access: 'terminals.use',
    summary: "Recordings of the person's terminals, newest first; of everybody's for whoever may open one as root",
    response: z.object({ items: z.array(terminalRecording), settings: recordingSettings }),
  },
  set: {
    id: 'setTerminalRecording',
    method: 'PUT',
    path: `${base}/settings`,
    access: 'terminals.root',
    summary: 'Whose terminals are recorded from now on, and for how long recordings are kept',
    body: recordingSettings,
    response: recordingSettings,
  },
  read: {
    id: 'readTerminalRecording',
    method: 'POST',
    path: `${base}/{recordingId}/pieces`,
    access: 'terminals.use',
    summary: 'A part of a recording, in asciicast v2',
    params,
    body: z.strictObject({ offset: z.int().min(0) }),
    response: recordingPiece,
  },
  remove: {
    id: 'removeTerminalRecording',
    method: 'DELETE',
    path: `${base}/{recordingId}`,
    access: 'terminals.root',
    summary: 'Throw a recording of a terminal away',
    params,
    status: 204,
    response: empty,
  },
} as const satisfies Record<string, Operation>;
