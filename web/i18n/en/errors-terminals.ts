/** Why no terminal was opened, and no command saved. */
export const terminalReasons = {
  saved_command_gone: 'This command is no longer saved. Another window may have removed it.',
  saved_command_name_taken: 'One of your commands has this name. Choose another one.',
  saved_commands_full: 'You have \u2068{{max}}\u2069 saved commands, and no more fit. Remove one that you do not use.',
  terminal_gone: 'This terminal is no longer there. Open a new one.',
  terminal_no_user: 'This site has no Linux user of its own, so that no terminal opens as it. Nothing was opened.',
  terminal_not_started: 'The terminal did not start. The agent’s log on the server has the reason.',
  terminal_recording_gone: 'This recording is no longer there. It was thrown away, or its time was over.',
  terminal_recording_running: 'The terminal is still there, and its recording goes on. Close the terminal first.',
  terminal_ticket_void:
    'The ticket for this connection is over or was used. The panel connects again with another one.',
  terminals_too_many: 'Too many terminals are open: \u2068{{most}}\u2069 at most. Close those you do not need.',
} as const;
