import { terminalRecordingsApi } from '#shared/terminal-recordings.ts';
import { route, type App } from '../../core/route.ts';

/** What terminals showed. The agent keeps it, and decides who sees it. */
export function terminalRecordingsRoutes(app: App): void {
  const { ctx } = app;

  route(
    app,
    terminalRecordingsApi.list,
    ({ actor, requestId }) => ctx.agent.call('terminals.recordings', {}, { actor, requestId }),
    { isForPeople: true },
  );

  route(
    app,
    terminalRecordingsApi.set,
    async ({ body, actor, requestId, audit }) => {
      const { before } = await ctx.agent.call('terminals.set_recording', body, { actor, requestId });
      Object.assign(audit.detail, { before, after: body });
      return body;
    },
    { isForPeople: true },
  );

  route(
    app,
    terminalRecordingsApi.read,
    ({ params: { recordingId }, body: { offset }, actor, requestId, audit }) => {
      audit.detail['offset'] = offset;
      return ctx.agent.call('terminals.read_recording', { recordingId, offset }, { actor, requestId });
    },
    { isForPeople: true, isAnswerSecret: true },
  );

  route(
    app,
    terminalRecordingsApi.remove,
    async ({ params: { recordingId }, actor, requestId, audit }) => {
      const { recording } = await ctx.agent.call('terminals.remove_recording', { recordingId }, { actor, requestId });
      const { person, user, startedAt, sizeBytes } = recording;
      audit.detail['before'] = { person: person.name, user, startedAt, sizeBytes };
    },
    { isForPeople: true },
  );
}
