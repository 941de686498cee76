/** Why no terminal was opened, and no command saved. */
export const terminalReasons = {
  saved_command_gone: 'This command is no longer saved. Another window may have removed it.',
  saved_command_name_taken: 'One of your commands has this name. Choose another one.',
  saved_commands_full: 'You have \u2068{{max}}\u2069 saved commands, and no more fit. Remove one that you do not use.',
  ssh_address_refused:
    'This address leads to link-local or metadata addresses, where clouds keep the credentials of a machine. Nothing is sent there.',
  ssh_host_changed:
    'The host \u2068{{name}}\u2069 shows another key than the confirmed one: \u2068{{now}}\u2069 in place of \u2068{{before}}\u2069. It was set up anew, or somebody stands in between. Nothing was opened.',
  ssh_host_gone: 'This host is no longer saved. Another window may have removed it.',
  ssh_host_keys_differ:
    'The host showed other keys this time than those you compared, so none was trusted. Fetch them again, and be careful.',
  ssh_host_unknown: 'Nobody has confirmed the keys of \u2068{{name}}\u2069 yet. Nothing was opened.',
  ssh_host_unreachable:
    'No SSH server answers at \u2068{{address}}\u2069. Check address and port, and whether the host lets this server in.',
  ssh_hosts_full: 'There are \u2068{{most}}\u2069 saved hosts, and no more fit. Remove one that nobody uses.',
  ssh_tools_missing: 'This server has no SSH client. Install \u2068openssh-client\u2069, then try again.',
  terminal_gone: 'This terminal is no longer there. Open a new one.',
  terminal_no_user: 'This site has no Linux user of its own, so that no terminal opens as it. Nothing was opened.',
  terminal_not_started: 'The terminal did not start. The agent’s log on the server has the reason.',
  terminal_recording_gone: 'This recording is no longer there. It was thrown away, or its time was over.',
  terminal_recording_running: 'The terminal is still there, and its recording goes on. Close the terminal first.',
  terminal_ticket_void:
    'The ticket for this connection is over or was used. The panel connects again with another one.',
  terminals_too_many: 'Too many terminals are open: \u2068{{most}}\u2069 at most. Close those you do not need.',
} as const;

/** What is wrong with a saved host. */
export const terminalFields = {
  ssh_address_invalid: 'Give a name like \u2068db.example.com\u2069, or an IP address.',
  ssh_address_refused: 'This is a link-local or metadata address of a cloud; nothing is sent there.',
  ssh_user_invalid: 'Give the name of the account on the host, such as \u2068root\u2069.',
} as const;
