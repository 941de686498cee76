/** Why a service or a process was left as it is. */
export const serviceReasons = {
  process_gone: 'This process has ended already, so nothing was done.',
  process_not_ours: 'The agent runs without root here and may only end its own processes. Nothing was done.',
  process_of_kernel: 'This is a part of the kernel and cannot be ended.',
  process_of_panel: 'The panel needs this process, so it was left alone. Start the panel anew under Services instead.',
  service_masked:
    'The service \u2068{{unit}}\u2069 is masked: somebody has made sure that it never starts. Unmask it in a terminal first.',
  service_no_reload: 'This service cannot read its configuration again while it runs. Restart it instead.',
  service_not_for_boot: 'Whether this service starts is decided by others, so it cannot be set here.',
  service_of_panel: 'The panel needs this service, so it was left alone. It can only be restarted.',
  service_of_site: 'This is the application of a site. Start and stop it on the page of that site.',
  service_unknown: 'There is no such service on this machine any more.',
} as const;
