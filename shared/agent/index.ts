import { agentInfo } from './agent.ts';
import {
  changesGet,
  sitesAdopt,
  sitesApply,
  sitesInspect,
  sitesPreviewRemoval,
  sitesReadLog,
  sitesRemove,
  sitesRestore,
} from './sites.ts';
import { softwareCancel, softwareInstall, softwareOperation, softwareStatus, softwareUninstall } from './software.ts';

/** Everything root can ever be asked, sorted by name. */
export const agentActions = {
  [agentInfo.name]: agentInfo,
  [changesGet.name]: changesGet,
  [sitesAdopt.name]: sitesAdopt,
  [sitesApply.name]: sitesApply,
  [sitesInspect.name]: sitesInspect,
  [sitesPreviewRemoval.name]: sitesPreviewRemoval,
  [sitesReadLog.name]: sitesReadLog,
  [sitesRemove.name]: sitesRemove,
  [sitesRestore.name]: sitesRestore,
  [softwareCancel.name]: softwareCancel,
  [softwareInstall.name]: softwareInstall,
  [softwareOperation.name]: softwareOperation,
  [softwareStatus.name]: softwareStatus,
  [softwareUninstall.name]: softwareUninstall,
} as const;

export type AgentActions = typeof agentActions;
export type AgentActionName = keyof AgentActions;
