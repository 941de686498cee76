# shellcheck shell=bash
# shellcheck disable=SC2034 # read by the scripts that source this file
# Every place the panel takes on a server, named once. Sourced by install.sh and uninstall.sh.
panel=/www/server/panel
settings=/etc/aapanel
settings_file=$settings/panel.env
data=/var/lib/aapanel
agent_state=/var/lib/aapanel-agent
logs=/var/log/aapanel
uploads=/www/wwwroot/.uploads
command_file=/usr/local/bin/aapanel
units_folder=/etc/systemd/system
units=(aapanel.service aapanel-agent.socket aapanel-agent.service aapanel-nginx-guard.service aapanel-backup.timer
  aapanel-backup.service aapanel-cron.timer aapanel-cron.service aapanel-logs.timer aapanel-logs.service
  aapanel-app-restart@.service aapanel-ports.service)
account=aapanel
