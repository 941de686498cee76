import { checkTls, type TlsTarget } from '#server/core/tls-check.ts';
import { failingFindings, type TlsReport } from '#shared/tls-check.ts';
import { exitCodes, UsageError, type CommandContext } from '../command.ts';
import { parseOptions } from '../options.ts';

type Ask = (target: TlsTarget, now: number) => Promise<TlsReport>;

/** `aapanel tls check HOST[:PORT] [--json]`: exit code 1 when something is wrong that visitors would meet. */
export async function tlsCheck(ctx: CommandContext, ask: Ask = checkTls): Promise<number> {
  const { options, words } = parseOptions(ctx.args, { json: 'boolean' }, 1);
  const [, host = '', port = '443'] = /^(\[[0-9a-fA-F:]+\]|[^:[\]/\s]+)(?::(\d{1,5}))?$/.exec(words[0] ?? '') ?? [];
  if (host === '' || Number(port) < 1 || Number(port) > 65_535)
    throw new UsageError('tls check <HOST[:PORT]> [--json]');
  const report = await ask({ host: host.replace(/^\[|\]$/g, ''), port: Number(port) }, Date.now());
  const isWell = !report.findings.some((finding) => failingFindings.includes(finding));
  const code = isWell ? exitCodes.success : exitCodes.failure;
  if (options.json === true) {
    ctx.out(JSON.stringify(report, null, 2));
    return code;
  }
  const { certificate } = report;
  if (certificate !== null) {
    ctx.out(`${ctx.text('tlsGrade')}: ${report.grade ?? '-'}`);
    ctx.out(`${ctx.text('tlsVersions')}: ${report.versions.join(', ')}`);
    ctx.out(`${ctx.text('tlsNames')}: ${certificate.names.join(', ')}`);
    ctx.out(`${ctx.text('tlsIssuer')}: ${certificate.issuer} (${certificate.keyKind})`);
    ctx.out(
      `${ctx.text('tlsUntil')}: ${certificate.validUntil} (${ctx.text('tlsDays', { days: certificate.daysLeft })})`,
    );
    ctx.out(`HSTS: ${report.hsts ?? '-'}`);
    ctx.out(`${ctx.text('tlsRevocation')}: ${ctx.text(`tlsRevocation_${report.revocation ?? 'none'}`)}`);
  }
  for (const finding of report.findings)
    ctx.out(
      `${failingFindings.includes(finding) ? '✗' : '·'} ${ctx.text(`tls_${finding}`, { why: report.distrust ?? '' })}`,
    );
  if (isWell) ctx.out(`✓ ${ctx.text('tlsWell')}`);
  return code;
}
