/** What is wrong with scheduled jobs. */
export const cronReasons = {
  cron_job_unknown: 'This scheduled job does not exist any more. Refresh the page.',
  cron_run_unknown: 'This run is not kept any more. Refresh the page.',
  cron_running: 'The job is running. Wait for its end, or end it.',
  cron_too_many:
    'There are \u2068{{max}}\u2069 scheduled jobs, as many as there may be. Delete those that are not needed.',
  cron_user_gone:
    'The Linux user of this job does not exist any more, so nothing was started. Edit the job and choose another one.',
} as const;

export const cronFields = {
  cron_never: 'This moment never comes. Look at the days and months.',
  cron_of_machine: 'This is work of the whole machine, which no site has. Take the site out.',
  cron_past: 'This time has passed. Choose one that is still to come.',
  cron_plan_unknown: 'This backup plan does not exist any more. Choose one of the list.',
  cron_script_invalid: 'There is a NUL or a broken character in the text. Take it out.',
  cron_unit_guarded: 'This service is the panel’s or a site’s and is looked after there. Choose another one.',
  cron_unit_unknown: 'The machine has no such service. Choose one of the list.',
  cron_url_invalid:
    'Write a whole address that begins with \u2068http://\u2069 or \u2068https://\u2069, without a user name and password in it.',
  cron_user_unknown: 'There is no such Linux user. Choose one of the list.',
} as const;
