import { certificatesApi } from '#shared/certificates.ts';
import type { Operation } from '#shared/http.ts';
import { newId } from '../../core/id.ts';
import { route, type App, type RouteArgs, type RouteHandler, type RouteOptions } from '../../core/route.ts';
import {
  checkScope,
  getCertificate,
  importCertificate,
  listCertificates,
  listTroubled,
  replaceCertificate,
  watchCertificate,
  type Asking,
} from './certificates.logic.ts';
import { renewCertificate, revokeCertificate } from './issue.logic.ts';

export function certificatesRoutes(app: App): void {
  const { ctx } = app;

  function open<O extends Operation>(operation: O, handler: RouteHandler<O>, options: RouteOptions<O> = {}): void {
    const scoped: RouteHandler<O> = async (args) => {
      checkScope((args as RouteArgs<O> & Asking).actor);
      return handler(args);
    };
    route(app, operation, scoped, options);
  }

  open(certificatesApi.list, async ({ query, actor, requestId }) => {
    const { page, pageSize } = query;
    return { ...(await listCertificates(ctx, { actor, requestId }, query)), page, pageSize };
  });

  route(app, certificatesApi.troubles, async ({ actor, requestId }) => ({
    items: await listTroubled(ctx, { actor, requestId }),
  }));

  open(certificatesApi.get, async ({ params, actor, requestId }) =>
    getCertificate(ctx, { actor, requestId }, params.certificateId),
  );

  open(certificatesApi.import, async ({ body, actor, requestId, audit }) => {
    const certificate = await importCertificate(ctx, { actor, requestId }, body);
    audit.target = certificate.id;
    audit.detail['after'] = { name: certificate.name, fingerprint: certificate.fingerprint };
    return certificate;
  });

  open(certificatesApi.watch, async ({ body, actor, requestId, audit }) => {
    audit.detail['after'] = body;
    const certificate = await watchCertificate(ctx, { actor, requestId }, body);
    audit.target = certificate.id;
    return certificate;
  });

  open(certificatesApi.replace, async ({ params, body, actor, requestId, audit }) => {
    const asking = { actor, requestId };
    const before = await getCertificate(ctx, asking, params.certificateId);
    audit.detail['before'] = { fingerprint: before.fingerprint };
    const certificate = await replaceCertificate(ctx, asking, params.certificateId, body);
    audit.detail['after'] = { fingerprint: certificate.fingerprint };
    return certificate;
  });

  open(
    certificatesApi.exportKey,
    async ({ params, actor, requestId }) => ctx.agent.call('certificates.export_key', params, { actor, requestId }),
    { isAnswerSecret: true },
  );

  open(certificatesApi.renew, async ({ params, actor, requestId }) => {
    const asking = { actor, requestId };
    return renewCertificate(ctx, asking, await getCertificate(ctx, asking, params.certificateId));
  });

  open(certificatesApi.revoke, async ({ params, body, actor, requestId, audit }) => {
    const asking = { actor, requestId };
    const certificate = await getCertificate(ctx, asking, params.certificateId);
    const { fingerprint, serial } = certificate;
    audit.detail['before'] = { name: certificate.name, fingerprint, serial };
    audit.detail['reason'] = body.reason;
    return revokeCertificate(ctx, asking, certificate, body.reason);
  });

  open(certificatesApi.remove, async ({ params, actor, requestId, audit }) => {
    const asking = { actor, requestId };
    const { name, fingerprint } = await getCertificate(ctx, asking, params.certificateId);
    audit.detail['before'] = { name, fingerprint };
    await ctx.agent.call('certificates.remove', { ...params, changeId: newId() }, asking);
  });
}
