/** Why an application was not started, or its settings were not taken. */
export const appReasons = {
  app_exited:
    'The application ended with code \u2068{{code}}\u2069 right after its start, so everything is as it was. Correct it and start it again. It last said: \u2068{{message}}\u2069',
  app_file_missing:
    '\u2068{{path}}\u2069 is not there, so nothing was started. Put the files of the application into its folder, or correct the path.',
  app_instances_share_port:
    'A further instance of the application tried to listen on port \u2068{{found}}\u2069, which the first one has, and not on its own, \u2068{{port}}\u2069, so everything is as it was. Let the program take its port from the variable PORT.',
  app_killed:
    'The application was ended by signal \u2068{{signal}}\u2069 right after its start, so everything is as it was. With signal 9 its memory was most often not enough: raise the limit. It last said: \u2068{{message}}\u2069',
  app_listens_elsewhere:
    'The application runs but listens on port \u2068{{found}}\u2069 and not on \u2068{{where}}\u2069, so everything is as it was. Let it take the port from the variable PORT, or give that port in the settings. It last said: \u2068{{message}}\u2069',
  app_not_executable:
    '\u2068{{path}}\u2069 cannot be run, so nothing was started. Give the file the right to be executed, or choose another program.',
  app_out_of_memory:
    'The application used more than its \u2068{{memoryMb}}\u2069 MB of memory and was stopped, so everything is as it was. Raise the limit or look for what fills the memory. It last said: \u2068{{message}}\u2069',
  app_ports_used_up: 'No port between 21000 and 28999 is free. Give a port of your own, or use a socket.',
  app_secret_missing:
    'The value of \u2068{{names}}\u2069 is not on this machine, so nothing was changed. Enter it again in the environment of the application.',
  app_silent:
    'The application did not answer on \u2068{{where}}\u2069 within \u2068{{seconds}}\u2069 seconds, so everything is as it was. Check that it listens there, or allow more time. It last said: \u2068{{message}}\u2069',
  app_site_ended:
    'The time of the site is over, so its application was not started. Set a later end for the site first.',
  app_site_off: 'The site is switched off, so its application was not started. Switch the site on first.',
  app_start_failed:
    'The machine could not start the application (\u2068{{code}}\u2069), so everything is as it was. Check the program and its folder. It last said: \u2068{{message}}\u2069',
  app_unhealthy:
    'The application answered \u2068{{status}}\u2069 for \u2068{{path}}\u2069, so everything is as it was. Correct it, or change the health check. It last said: \u2068{{message}}\u2069',
  app_worker_ended:
    'The worker \u2068{{worker}}\u2069 ended with code \u2068{{code}}\u2069 right after its start, so everything is as it was. A worker has to go on running. It last said: \u2068{{message}}\u2069',
  app_worker_failed:
    'The worker \u2068{{worker}}\u2069 was killed or could not be started, so everything is as it was. Check its program and the memory limit. It last said: \u2068{{message}}\u2069',
  app_worker_missing:
    '\u2068{{path}}\u2069, the program of the worker \u2068{{worker}}\u2069, is not there, so nothing was started. Install it, or correct the path.',
  app_worker_not_executable:
    '\u2068{{path}}\u2069, the program of the worker \u2068{{worker}}\u2069, cannot be run, so nothing was started. Give the file the right to be executed, or choose another program.',
  node_version_missing:
    'Node \u2068{{version}}\u2069 is not in the panel’s store, so nothing was changed. Install it on the page Software, or choose another one.',
} as const;

export const appFields = {
  app_folder_invalid:
    'Write the folder as it lies below the site’s own, without \u2068..\u2069. Example: \u2068current\u2069',
  app_node_version_invalid: 'This is not a version of Node. Example: \u206822.11.0\u2069',
  app_not_for_kind: 'Only a site of the kind application has these settings. Remove them from this site.',
  app_placeholder_wrong:
    'This argument names the other way to listen. Write \u2068{port}\u2069 for a port, \u2068{socket}\u2069 for a socket.',
  app_port_high: 'Its last instance would lie above port 65535. Choose \u2068{{port}}\u2069 or a lower one.',
  app_port_low: 'Ports below 1024 belong to the system. Choose a higher one.',
  app_port_taken:
    'Port \u2068{{port}}\u2069 is held by \u2068{{process}}\u2069. Choose another one, or let the panel choose.',
  app_program_invalid:
    'Write one program without its arguments. Examples: \u2068node\u2069, \u2068./server\u2069, \u2068venv/bin/gunicorn\u2069',
  app_variable_invalid:
    'Letters without accents, digits and _ only, and no digit first. Example: \u2068DATABASE_URL\u2069',
  app_variable_repeated: 'A variable stands twice. Keep one of them.',
  app_variable_reserved: 'The panel sets this variable itself. Choose another name.',
  app_worker_name_invalid: 'Small letters, digits and - between them only, at most 32. Example: \u2068queue\u2069',
  app_worker_placeholder: 'A worker listens nowhere: it has neither \u2068{port}\u2069 nor \u2068{socket}\u2069.',
  app_worker_repeated: 'Two workers have the same name. Give one of them another.',
  app_workers_too_many: 'An application has at most 8 workers. Remove some.',
} as const;

/** In the history of a site. */
export const appFailures = {
  app_exited: 'The application ended right after its start; what was before is back.',
  app_file_missing: 'A file of the application is missing; everything is as it was.',
  app_instances_share_port: 'Two instances of the application tried to listen on one port; what was before is back.',
  app_killed: 'The application was killed right after its start; what was before is back.',
  app_listens_elsewhere: 'The application listened on another port; what was before is back.',
  app_not_executable: 'The program of the application cannot be run; everything is as it was.',
  app_out_of_memory: 'The application used more memory than it may; what was before is back.',
  app_secret_missing: 'The value of a secret variable is missing; everything is as it was.',
  app_silent: 'The application did not answer in time; what was before is back.',
  app_start_failed: 'The machine could not start the application; what was before is back.',
  app_unhealthy: 'The application answered with an error; what was before is back.',
  app_worker_ended: 'A worker of the application ended right after its start; what was before is back.',
  app_worker_failed: 'A worker of the application could not run; what was before is back.',
  app_worker_missing: 'The program of a worker is missing; everything is as it was.',
  app_worker_not_executable: 'The program of a worker cannot be run; everything is as it was.',
} as const;
