/** Webhooks of sites: see `server/features/deployments`. What was deployed is the agent's to know. */
export type DeployHookTable = {
  /** One per site. */
  site_id: string;
  /** Stands in its address; unique. */
  id: string;
  /** What pushes are signed with. Never answered after it was made. */
  secret: string;
  created_at: number;
  last_called_at: number | null;
  /** A push came while a deployment ran. */
  waiting_since_at: number | null;
};

export type DeploymentTables = { deploy_hook: DeployHookTable };
