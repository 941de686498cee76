import { agentInfo } from './agent.ts';
import { auditAppend, auditRead, auditVerify } from './audit.ts';
import {
  elevationOpen,
  elevationTicketAction,
  factorsChallenge,
  factorsChange,
  factorsCheck,
  factorsList,
  peopleAccept,
  peopleFound,
  peopleInvitation,
  peopleInvite,
  peopleList,
  peoplePut,
  peopleRemove,
} from './people.ts';
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
  [auditAppend.name]: auditAppend,
  [auditRead.name]: auditRead,
  [auditVerify.name]: auditVerify,
  [changesGet.name]: changesGet,
  [elevationOpen.name]: elevationOpen,
  [elevationTicketAction.name]: elevationTicketAction,
  [factorsChallenge.name]: factorsChallenge,
  [factorsChange.name]: factorsChange,
  [factorsCheck.name]: factorsCheck,
  [factorsList.name]: factorsList,
  [peopleAccept.name]: peopleAccept,
  [peopleFound.name]: peopleFound,
  [peopleInvitation.name]: peopleInvitation,
  [peopleInvite.name]: peopleInvite,
  [peopleList.name]: peopleList,
  [peoplePut.name]: peoplePut,
  [peopleRemove.name]: peopleRemove,
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
