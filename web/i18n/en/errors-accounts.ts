/** Why a user or group of the machine was left as it is. */
export const accountReasons = {
  account_exists: 'There is a user \u2068{{name}}\u2069 already. Choose another name.',
  account_has_processes:
    'Programs run as \u2068{{name}}\u2069 now (\u2068{{count}}\u2069), so it was not removed. End them, or say that they shall be ended.',
  account_home_exists:
    'Something stands at \u2068{{path}}\u2069 already, such as the home of a former user. Move it away first; nothing was made.',
  account_home_failed: 'The home of the user could not be worked on: \u2068{{message}}\u2069',
  account_home_unfit: 'The home is no folder of the user’s own, or a link lies in its way. Nothing was changed in it.',
  account_keys_large: 'The file authorized_keys of this user is too large for the panel. Change it by hand.',
  account_keys_unsafe:
    'The folder .ssh or its authorized_keys is a link or belongs to somebody else, so nothing was written. Put it right by hand first.',
  account_password_refused: 'The server does not take this password: \u2068{{message}}\u2069',
  account_processes_stay:
    '\u2068{{count}}\u2069 processes of the user do not end, so it was not removed. Look at them under Processes.',
  account_reserved:
    'The account \u2068{{name}}\u2069 belongs to the system, the panel or a site and is not changed here.',
  account_tool_failed: 'The program \u2068{{tool}}\u2069 of the server refused: \u2068{{message}}\u2069',
  account_tools_missing:
    'The tools of the distribution for users are missing on this machine. Install the package passwd.',
  account_unknown: 'There is no user \u2068{{name}}\u2069 on this server any more.',
  accounts_locked:
    'Another program is changing the users of this server just now. Nothing was done; try again in a moment.',
  accounts_no_root: 'The agent runs without root here and cannot change users.',
  group_exists: 'There is a group \u2068{{name}}\u2069 already. Choose another name.',
  group_gives_root: 'Members of \u2068{{names}}\u2069 are as mighty as root. Confirm that you want this.',
  group_is_primary:
    'The group \u2068{{name}}\u2069 is the own group of \u2068{{users}}\u2069 and stays as long as they are there.',
  group_reserved: 'The group \u2068{{name}}\u2069 belongs to the system, the panel or a site and is not changed here.',
  group_unknown: 'There is no group \u2068{{name}}\u2069 on this server any more.',
  member_unknown: 'Somebody among those to be taken out is no member of the group any more. Load the page again.',
  shell_unknown: '\u2068{{name}}\u2069 is no shell of this server. Choose one of the list.',
} as const;
