/** Why packages of a project were not installed. */
export const dependencyReasons = {
  dependency_failed:
    'The step \u2068{{step}}\u2069 ended with code \u2068{{code}}\u2069. What was there before may be changed in part; the log says why. Correct it and start it again.',
  dependency_file_missing:
    '\u2068{{file}}\u2069 does not lie in the folder of the project, so nothing was started. Put it there first.',
  dependency_interrupted: 'The installation was cut off several times and was given up. Start it again.',
  dependency_script_missing:
    'package.json has no script \u2068{{script}}\u2069, so nothing was started. Choose one of its scripts.',
  dependency_timeout:
    'It took longer than \u2068{{minutes}}\u2069 minutes and was stopped. Look into the log for what it waited for.',
  dependency_tool_missing:
    '\u2068{{tool}}\u2069 is not installed on this server, so nothing was started. Install it, or choose another tool.',
  dependency_under_way:
    'Packages of this site are being installed already; nothing was started. Wait for the end, or cancel the job.',
} as const;

export const dependencyFields = {
  package_mirror_invalid:
    'Write an address with https and without a user name. Example: \u2068https://npm.example.com/\u2069',
  requirements_file_invalid:
    'Write the name of a list in the folder of the project. Example: \u2068requirements.txt\u2069',
  script_name_invalid: 'Write the name of a script of package.json. Example: \u2068build\u2069',
} as const;
