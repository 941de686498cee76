/** Why no terminal was opened. */
export const terminalReasons = {
  terminal_gone: 'This terminal is no longer there. Open a new one.',
  terminal_no_user: 'This site has no Linux user of its own, so that no terminal opens as it. Nothing was opened.',
  terminal_not_started: 'The terminal did not start. The agent’s log on the server has the reason.',
  terminal_ticket_void:
    'The ticket for this connection is over or was used. The panel connects again with another one.',
  terminals_too_many: 'Too many terminals are open: \u2068{{most}}\u2069 at most. Close those you do not need.',
} as const;
