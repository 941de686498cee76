import { agentProtocol } from '#shared/agent/protocol.ts';
import { appsHandlers } from './apps/apps.actions.ts';
import { auditHandlers } from './audit/audit.actions.ts';
import { certificatesHandlers } from './certificates/certificates.actions.ts';
import { agentVersion } from './core/version.ts';
import type { Handlers } from './core/handlers.ts';
import { elevationHandlers } from './elevation/elevation.actions.ts';
import { factorsHandlers } from './factors/factors.actions.ts';
import { softwareHandlers } from './packages/packages.actions.ts';
import { logsHandlers } from './logs/logs.actions.ts';
import { machineSettingsHandlers } from './machine-settings/machine-settings.actions.ts';
import { nginxHandlers } from './nginx/nginx.actions.ts';
import { peopleHandlers } from './people/people.actions.ts';
import { phpHandlers } from './php/php.actions.ts';
import { processesHandlers } from './processes/processes.actions.ts';
import { servicesHandlers } from './services/services.actions.ts';
import { sitesHandlers } from './sites/sites.actions.ts';

type ArchivesName = Extract<keyof Handlers, `archives.${string}`>;

/** Loaded with the first question about archives of sites, for the reason below. */
function archives<N extends ArchivesName>(name: N): Handlers[N] {
  type Given = Parameters<Handlers[N]>;
  const answer = async (...given: Given): Promise<unknown> => {
    const { archivesHandlers } = await import('./site-archives/archives.actions.ts');
    const handler = archivesHandlers[name] as (...given: Given) => Promise<unknown>;
    return await handler(...given);
  };
  return answer as Handlers[N];
}

type BackupsName = Extract<keyof Handlers, `backups.${string}`>;

/** Loaded with the first question about backups: half of the agent's code, and most agents are started for a site. */
function backups<N extends BackupsName>(name: N): Handlers[N] {
  type Given = Parameters<Handlers[N]>;
  const answer = async (...given: Given): Promise<unknown> => {
    const { backupsHandlers } = await import('./backups/backups.actions.ts');
    const handler = backupsHandlers[name] as (...given: Given) => Promise<unknown>;
    return await handler(...given);
  };
  return answer as Handlers[N];
}

type CopiesName = Extract<keyof Handlers, `copies.${string}`>;

/** Loaded with the first question about copies of sites, for the same reason. */
function copies<N extends CopiesName>(name: N): Handlers[N] {
  type Given = Parameters<Handlers[N]>;
  const answer = async (...given: Given): Promise<unknown> => {
    const { copiesHandlers } = await import('./copies/copies.actions.ts');
    const handler = copiesHandlers[name] as (...given: Given) => Promise<unknown>;
    return await handler(...given);
  };
  return answer as Handlers[N];
}

type CronName = Extract<keyof Handlers, `cron.${string}`>;

/** Loaded with the first question about scheduled jobs, for the same reason. */
function cron<N extends CronName>(name: N): Handlers[N] {
  type Given = Parameters<Handlers[N]>;
  const answer = async (...given: Given): Promise<unknown> => {
    const { cronHandlers } = await import('./cron/cron.actions.ts');
    const handler = cronHandlers[name] as (...given: Given) => Promise<unknown>;
    return await handler(...given);
  };
  return answer as Handlers[N];
}

type DatabaseServersName = Extract<keyof Handlers, `database_servers.${string}`>;

/** Loaded with the first question about database servers, for the same reason. */
function databaseServers<N extends DatabaseServersName>(name: N): Handlers[N] {
  type Given = Parameters<Handlers[N]>;
  const answer = async (...given: Given): Promise<unknown> => {
    const { databaseServersHandlers } = await import('./database-servers/database-servers.actions.ts');
    const handler = databaseServersHandlers[name] as (...given: Given) => Promise<unknown>;
    return await handler(...given);
  };
  return answer as Handlers[N];
}

type DatabasesName = Extract<keyof Handlers, `databases.${string}`>;

/** Loaded with the first question about databases, for the same reason. */
function databases<N extends DatabasesName>(name: N): Handlers[N] {
  type Given = Parameters<Handlers[N]>;
  const answer = async (...given: Given): Promise<unknown> => {
    const { databasesHandlers } = await import('./databases/databases.actions.ts');
    const handler = databasesHandlers[name] as (...given: Given) => Promise<unknown>;
    return await handler(...given);
  };
  return answer as Handlers[N];
}

type DependenciesName = Extract<keyof Handlers, `dependencies.${string}`>;

/** Loaded with the first question about a site's project, for the same reason. */
function dependencies<N extends DependenciesName>(name: N): Handlers[N] {
  type Given = Parameters<Handlers[N]>;
  const answer = async (...given: Given): Promise<unknown> => {
    const { dependenciesHandlers } = await import('./dependencies/dependencies.actions.ts');
    const handler = dependenciesHandlers[name] as (...given: Given) => Promise<unknown>;
    return await handler(...given);
  };
  return answer as Handlers[N];
}

type DeploymentsName = Extract<keyof Handlers, `deployments.${string}`>;

/** Loaded with the first question about deployments, for the same reason. */
function deployments<N extends DeploymentsName>(name: N): Handlers[N] {
  type Given = Parameters<Handlers[N]>;
  const answer = async (...given: Given): Promise<unknown> => {
    const { deploymentsHandlers } = await import('./deployments/deployments.actions.ts');
    const handler = deploymentsHandlers[name] as (...given: Given) => Promise<unknown>;
    return await handler(...given);
  };
  return answer as Handlers[N];
}

type SiteFilesName = Extract<keyof Handlers, `site_files.${string}`>;

/** Loaded with the first question about sites as files, for the same reason. */
function siteFiles<N extends SiteFilesName>(name: N): Handlers[N] {
  type Given = Parameters<Handlers[N]>;
  const answer = async (...given: Given): Promise<unknown> => {
    const { siteFilesHandlers } = await import('./site-files/site-files.actions.ts');
    const handler = siteFilesHandlers[name] as (...given: Given) => Promise<unknown>;
    return await handler(...given);
  };
  return answer as Handlers[N];
}

type FilesName = Extract<keyof Handlers, `files.${string}`>;

/** Loaded with the first question about files of sites, for the same reason. */
function files<N extends FilesName>(name: N): Handlers[N] {
  type Given = Parameters<Handlers[N]>;
  const answer = async (...given: Given): Promise<unknown> => {
    const { filesHandlers } = await import('./files/files.actions.ts');
    const handler = filesHandlers[name] as (...given: Given) => Promise<unknown>;
    return await handler(...given);
  };
  return answer as Handlers[N];
}

type TerminalsName = Extract<keyof Handlers, `terminals.${string}`>;

/** Loaded with the first question about terminals, for the same reason. */
function terminals<N extends TerminalsName>(name: N): Handlers[N] {
  type Given = Parameters<Handlers[N]>;
  const answer = async (...given: Given): Promise<unknown> => {
    const { terminalsHandlers } = await import('./terminals/terminals.actions.ts');
    const handler = terminalsHandlers[name] as (...given: Given) => Promise<unknown>;
    return await handler(...given);
  };
  return answer as Handlers[N];
}

type RecycledSitesName = Extract<keyof Handlers, `recycled_sites.${string}`>;

/** Loaded with the first question about the recycle bin of sites, for the same reason. */
function recycledSites<N extends RecycledSitesName>(name: N): Handlers[N] {
  type Given = Parameters<Handlers[N]>;
  const answer = async (...given: Given): Promise<unknown> => {
    const { recycledSitesHandlers } = await import('./recycled-sites/recycled-sites.actions.ts');
    const handler = recycledSitesHandlers[name] as (...given: Given) => Promise<unknown>;
    return await handler(...given);
  };
  return answer as Handlers[N];
}

type RedisName = Extract<keyof Handlers, `redis.${string}`>;

/** Loaded with the first question about Redis, for the same reason. */
function redis<N extends RedisName>(name: N): Handlers[N] {
  type Given = Parameters<Handlers[N]>;
  const answer = async (...given: Given): Promise<unknown> => {
    const { redisHandlers } = await import('./redis/redis.actions.ts');
    const handler = redisHandlers[name] as (...given: Given) => Promise<unknown>;
    return await handler(...given);
  };
  return answer as Handlers[N];
}

/** Everything root does on request, sorted by name: what is not here cannot be asked. */
export const handlers: Handlers = {
  async 'aapanel.read'(...given) {
    const { aapanelHandlers } = await import('./aapanel/aapanel.actions.ts');
    return await aapanelHandlers['aapanel.read'](...given);
  },
  async 'aapanel.take_certificate'(...given) {
    const { aapanelHandlers } = await import('./aapanel/aapanel.actions.ts');
    return await aapanelHandlers['aapanel.take_certificate'](...given);
  },
  'agent.info': (machine) =>
    Promise.resolve({
      protocol: agentProtocol,
      version: agentVersion,
      isRoot: machine.isRoot,
      hasSystemd: machine.hasSystemd,
      recovered: machine.recovered,
      uptimeSeconds: (Date.now() - machine.startedAt) / 1000,
    }),
  'apps.keep_secrets': appsHandlers['apps.keep_secrets'],
  'apps.node_versions': appsHandlers['apps.node_versions'],
  'apps.status': appsHandlers['apps.status'],
  'apps.switch': appsHandlers['apps.switch'],
  'archives.begin': archives('archives.begin'),
  'archives.cancel': archives('archives.cancel'),
  'archives.discard': archives('archives.discard'),
  'archives.follow': archives('archives.follow'),
  'archives.preview': archives('archives.preview'),
  'archives.settle': archives('archives.settle'),
  'archives.state': archives('archives.state'),
  'archives.undo': archives('archives.undo'),
  'archives.unpack': archives('archives.unpack'),
  'archives.write': archives('archives.write'),
  'audit.append': auditHandlers['audit.append'],
  'audit.read': auditHandlers['audit.read'],
  'audit.verify': auditHandlers['audit.verify'],
  'backups.cancel': backups('backups.cancel'),
  'backups.due': backups('backups.due'),
  'backups.keys': backups('backups.keys'),
  'backups.members': backups('backups.members'),
  'backups.pin': backups('backups.pin'),
  'backups.preview_retention': backups('backups.preview_retention'),
  'backups.put_hook': backups('backups.put_hook'),
  'backups.put_plan': backups('backups.put_plan'),
  'backups.put_target': backups('backups.put_target'),
  'backups.read_download': backups('backups.read_download'),
  'backups.remove_hook': backups('backups.remove_hook'),
  'backups.remove_plan': backups('backups.remove_plan'),
  'backups.remove_target': backups('backups.remove_target'),
  'backups.revive_sites': backups('backups.revive_sites'),
  'backups.run': backups('backups.run'),
  'backups.runs': backups('backups.runs'),
  'backups.sets': backups('backups.sets'),
  'backups.sources': backups('backups.sources'),
  'backups.start': backups('backups.start'),
  'backups.state': backups('backups.state'),
  'backups.test_hook': backups('backups.test_hook'),
  'certificates.authority': certificatesHandlers['certificates.authority'],
  'certificates.cancel_order': certificatesHandlers['certificates.cancel_order'],
  'certificates.choose_for_panel': certificatesHandlers['certificates.choose_for_panel'],
  'certificates.dns_accounts': certificatesHandlers['certificates.dns_accounts'],
  'certificates.export_key': certificatesHandlers['certificates.export_key'],
  'certificates.issue': certificatesHandlers['certificates.issue'],
  'certificates.issue_for_panel': certificatesHandlers['certificates.issue_for_panel'],
  'certificates.list': certificatesHandlers['certificates.list'],
  'certificates.look_for_proof': certificatesHandlers['certificates.look_for_proof'],
  'certificates.of_panel': certificatesHandlers['certificates.of_panel'],
  'certificates.order': certificatesHandlers['certificates.order'],
  'certificates.proofs': certificatesHandlers['certificates.proofs'],
  'certificates.put': certificatesHandlers['certificates.put'],
  'certificates.put_dns_account': certificatesHandlers['certificates.put_dns_account'],
  'certificates.read': certificatesHandlers['certificates.read'],
  'certificates.remove': certificatesHandlers['certificates.remove'],
  'certificates.remove_dns_account': certificatesHandlers['certificates.remove_dns_account'],
  'certificates.renew': certificatesHandlers['certificates.renew'],
  'certificates.renew_due': certificatesHandlers['certificates.renew_due'],
  'certificates.revoke': certificatesHandlers['certificates.revoke'],
  'certificates.settle': certificatesHandlers['certificates.settle'],
  'certificates.take_up_files': certificatesHandlers['certificates.take_up_files'],
  'certificates.tell_panel_fallback': certificatesHandlers['certificates.tell_panel_fallback'],
  'certificates.watch': certificatesHandlers['certificates.watch'],
  'changes.get': sitesHandlers['changes.get'],
  'copies.cancel': copies('copies.cancel'),
  'copies.follow': copies('copies.follow'),
  'copies.settle': copies('copies.settle'),
  'copies.start': copies('copies.start'),
  'cron.cancel': cron('cron.cancel'),
  'cron.check': cron('cron.check'),
  'cron.crontabs': cron('cron.crontabs'),
  'cron.enable': cron('cron.enable'),
  'cron.list': cron('cron.list'),
  'cron.output': cron('cron.output'),
  'cron.put': cron('cron.put'),
  'cron.read': cron('cron.read'),
  'cron.remove': cron('cron.remove'),
  'cron.runs': cron('cron.runs'),
  'cron.start': cron('cron.start'),
  'database_servers.change_account': databaseServers('database_servers.change_account'),
  'database_servers.create_account': databaseServers('database_servers.create_account'),
  'database_servers.drop_account': databaseServers('database_servers.drop_account'),
  'database_servers.end_process': databaseServers('database_servers.end_process'),
  'database_servers.list_accounts': databaseServers('database_servers.list_accounts'),
  'database_servers.put_settings': databaseServers('database_servers.put_settings'),
  'database_servers.read_account': databaseServers('database_servers.read_account'),
  'database_servers.set_account_password': databaseServers('database_servers.set_account_password'),
  'database_servers.set_grant': databaseServers('database_servers.set_grant'),
  'database_servers.set_root_password': databaseServers('database_servers.set_root_password'),
  'database_servers.settings': databaseServers('database_servers.settings'),
  'database_servers.slow_statements': databaseServers('database_servers.slow_statements'),
  'database_servers.state': databaseServers('database_servers.state'),
  'databases.bring_back': databases('databases.bring_back'),
  'databases.change_owner': databases('databases.change_owner'),
  'databases.change_password': databases('databases.change_password'),
  'databases.change_row': databases('databases.change_row'),
  'databases.clear_console': databases('databases.clear_console'),
  'databases.console': databases('databases.console'),
  'databases.create': databases('databases.create'),
  'databases.discard': databases('databases.discard'),
  'databases.discard_removed': databases('databases.discard_removed'),
  'databases.drop_copy': databases('databases.drop_copy'),
  'databases.execute': databases('databases.execute'),
  'databases.export': databases('databases.export'),
  'databases.export_bytes': databases('databases.export_bytes'),
  'databases.export_state': databases('databases.export_state'),
  'databases.import': databases('databases.import'),
  'databases.imports': databases('databases.imports'),
  'databases.link': databases('databases.link'),
  'databases.list': databases('databases.list'),
  'databases.maintain': databases('databases.maintain'),
  'databases.preview_removal': databases('databases.preview_removal'),
  'databases.query': databases('databases.query'),
  'databases.remove': databases('databases.remove'),
  'databases.rename': databases('databases.rename'),
  'databases.restore': databases('databases.restore'),
  'databases.resume': databases('databases.resume'),
  'databases.row': databases('databases.row'),
  'databases.rows': databases('databases.rows'),
  'databases.run': databases('databases.run'),
  'databases.show_password': databases('databases.show_password'),
  'databases.stop': databases('databases.stop'),
  'databases.tables': databases('databases.tables'),
  'dependencies.cancel': dependencies('dependencies.cancel'),
  'dependencies.follow': dependencies('dependencies.follow'),
  'dependencies.project': dependencies('dependencies.project'),
  'dependencies.start': dependencies('dependencies.start'),
  'deployments.cancel': deployments('deployments.cancel'),
  'deployments.follow': deployments('deployments.follow'),
  'deployments.list_refs': deployments('deployments.list_refs'),
  'deployments.make_key': deployments('deployments.make_key'),
  'deployments.rollback': deployments('deployments.rollback'),
  'deployments.scan_host': deployments('deployments.scan_host'),
  'deployments.settle': deployments('deployments.settle'),
  'deployments.start': deployments('deployments.start'),
  'deployments.start_of': deployments('deployments.start_of'),
  'deployments.state': deployments('deployments.state'),
  'elevation.open': elevationHandlers['elevation.open'],
  'elevation.ticket': elevationHandlers['elevation.ticket'],
  'factors.challenge': factorsHandlers['factors.challenge'],
  'factors.change': factorsHandlers['factors.change'],
  'factors.check': factorsHandlers['factors.check'],
  'factors.list': factorsHandlers['factors.list'],
  'files.archive_preview': files('files.archive_preview'),
  'files.bin': files('files.bin'),
  'files.copy': files('files.copy'),
  'files.discard': files('files.discard'),
  'files.download': files('files.download'),
  'files.find': files('files.find'),
  'files.list': files('files.list'),
  'files.make': files('files.make'),
  'files.move': files('files.move'),
  'files.remove': files('files.remove'),
  'files.rename': files('files.rename'),
  'files.restore': files('files.restore'),
  'files.rights_begin': files('files.rights_begin'),
  'files.rights_changes': files('files.rights_changes'),
  'files.rights_list': files('files.rights_list'),
  'files.save': files('files.save'),
  'files.search': files('files.search'),
  'files.set_mode': files('files.set_mode'),
  'files.tidy': files('files.tidy'),
  'files.upload_begin': files('files.upload_begin'),
  'files.upload_drop': files('files.upload_drop'),
  'files.upload_finish': files('files.upload_finish'),
  'files.upload_open': files('files.upload_open'),
  'files.upload_state': files('files.upload_state'),
  'files.upload_write': files('files.upload_write'),
  'files.version': files('files.version'),
  'files.versions': files('files.versions'),
  'files.work_begin': files('files.work_begin'),
  'files.work_state': files('files.work_state'),
  'files.work_stop': files('files.work_stop'),
  'logs.put_rotation': logsHandlers['logs.put_rotation'],
  'logs.rotation': logsHandlers['logs.rotation'],
  'logs.traffic': logsHandlers['logs.traffic'],
  'machine.accounts': machineSettingsHandlers['machine.accounts'],
  'machine.read': machineSettingsHandlers['machine.read'],
  'machine.set_automatic_updates': machineSettingsHandlers['machine.set_automatic_updates'],
  'machine.set_hostname': machineSettingsHandlers['machine.set_hostname'],
  'machine.set_swap': machineSettingsHandlers['machine.set_swap'],
  'machine.set_time_zone': machineSettingsHandlers['machine.set_time_zone'],
  'nginx.features': nginxHandlers['nginx.features'],
  'nginx.put_settings': nginxHandlers['nginx.put_settings'],
  'nginx.read_settings': nginxHandlers['nginx.read_settings'],
  'people.accept': peopleHandlers['people.accept'],
  'people.found': peopleHandlers['people.found'],
  'people.invitation': peopleHandlers['people.invitation'],
  'people.invite': peopleHandlers['people.invite'],
  'people.list': peopleHandlers['people.list'],
  'people.put': peopleHandlers['people.put'],
  'people.remove': peopleHandlers['people.remove'],
  'php.extensions': phpHandlers['php.extensions'],
  'php.pool': phpHandlers['php.pool'],
  'php.restart_pool': phpHandlers['php.restart_pool'],
  'php.versions': phpHandlers['php.versions'],
  'processes.end': processesHandlers['processes.end'],
  'processes.list': processesHandlers['processes.list'],
  'processes.sockets': processesHandlers['processes.sockets'],
  'recycled_sites.discard': recycledSites('recycled_sites.discard'),
  'recycled_sites.empty_due': recycledSites('recycled_sites.empty_due'),
  'recycled_sites.list': recycledSites('recycled_sites.list'),
  'recycled_sites.put_settings': recycledSites('recycled_sites.put_settings'),
  'recycled_sites.remove_account': recycledSites('recycled_sites.remove_account'),
  'recycled_sites.restore': recycledSites('recycled_sites.restore'),
  'redis.change_element': redis('redis.change_element'),
  'redis.delete': redis('redis.delete'),
  'redis.expire': redis('redis.expire'),
  'redis.find': redis('redis.find'),
  'redis.flush': redis('redis.flush'),
  'redis.read': redis('redis.read'),
  'redis.server': redis('redis.server'),
  'redis.set': redis('redis.set'),
  'services.control': servicesHandlers['services.control'],
  'services.journal': servicesHandlers['services.journal'],
  'services.list': servicesHandlers['services.list'],
  'services.read': servicesHandlers['services.read'],
  'site_files.begin': siteFiles('site_files.begin'),
  'site_files.discard': siteFiles('site_files.discard'),
  'site_files.drop': siteFiles('site_files.drop'),
  'site_files.export': siteFiles('site_files.export'),
  'site_files.exports': siteFiles('site_files.exports'),
  'site_files.follow': siteFiles('site_files.follow'),
  'site_files.inspect': siteFiles('site_files.inspect'),
  'site_files.read': siteFiles('site_files.read'),
  'site_files.write': siteFiles('site_files.write'),
  'sites.adopt': sitesHandlers['sites.adopt'],
  'sites.apply': sitesHandlers['sites.apply'],
  'sites.empty_cache': sitesHandlers['sites.empty_cache'],
  'sites.inspect': sitesHandlers['sites.inspect'],
  'sites.keep_password': sitesHandlers['sites.keep_password'],
  'sites.preview_removal': sitesHandlers['sites.preview_removal'],
  'sites.read_log': sitesHandlers['sites.read_log'],
  'sites.remove': sitesHandlers['sites.remove'],
  'sites.repair': sitesHandlers['sites.repair'],
  'sites.restore': sitesHandlers['sites.restore'],
  'sites.settle_end': sitesHandlers['sites.settle_end'],
  'software.cancel': softwareHandlers['software.cancel'],
  'software.install': softwareHandlers['software.install'],
  'software.operation': softwareHandlers['software.operation'],
  'software.remove': softwareHandlers['software.remove'],
  'software.status': softwareHandlers['software.status'],
  'software.uninstall': softwareHandlers['software.uninstall'],
  'software.updates': softwareHandlers['software.updates'],
  'software.upgrade': softwareHandlers['software.upgrade'],
  'terminals.close': terminals('terminals.close'),
  'terminals.enter': terminals('terminals.enter'),
  'terminals.list': terminals('terminals.list'),
  'terminals.open': terminals('terminals.open'),
  'terminals.read_recording': terminals('terminals.read_recording'),
  'terminals.recordings': terminals('terminals.recordings'),
  'terminals.remove_recording': terminals('terminals.remove_recording'),
  'terminals.set_recording': terminals('terminals.set_recording'),
};
