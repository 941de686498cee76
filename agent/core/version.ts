/** Of the agent, and of what it writes for later versions to read. */
export const agentVersion = '0.1.0';
