#!/bin/bash
# Takes the panel off this server. Sites go on serving: nginx, its files, /www/wwwroot, /www/wwwlogs, backups, the recycle
# bin and the Linux users of the sites stay. Settings and data of the panel stay too, for root alone, unless --purge.
#
# يزيل اللوحة عن هذا الخادم وتبقى المواقع تعمل. تبقى إعدادات اللوحة وبياناتها أيضًا إلا مع ‎--purge.
set -euo pipefail
project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=bin/lib/common.sh
. "$project/bin/lib/common.sh"
# shellcheck source=deploy/lib/layout.sh
. "$project/deploy/lib/layout.sh"

purge=''
case ${1:-} in
  '') ;;
  --purge) purge=1 ;;
  *) die 'usage: uninstall.sh [--purge]' 'الاستعمال: uninstall.sh [--purge]' ;;
esac
is_root || die 'must run as root' 'شغّل هذا الأمر بصلاحية الجذر'

# The agent keeps Linux users ready for sites to come; one that owns nothing below /www has no site.
remove_spare_users() {
  local owners user
  owners=$(find /www -printf '%u\n' 2>/dev/null | sort -u)
  while IFS=: read -r user _; do
    [[ $user =~ ^site-[a-z2-7]{8}$ ]] || continue
    grep -qxF "$user" <<<"$owners" || userdel "$user"
  done < <(getent passwd)
}

say 'stopping the panel' 'إيقاف اللوحة'
for unit in "${units[@]}"; do
  systemctl disable --quiet --now "$unit" 2>/dev/null || true
done
# A backup that runs ends at a point where everything is whole. What is stored in targets stays.
systemctl stop 'aapanel-backup-*.service' 2>/dev/null || true
# With everything that was started in them.
systemctl stop 'aapanel-terminal-*.service' 2>/dev/null || true
# Applications go on; nobody is left who could start them anew by the clock.
systemctl stop 'aapanel-restart-*.timer' 2>/dev/null || true
rm -f "$units_folder"/aapanel-restart-*.timer "$units_folder"/timers.target.wants/aapanel-restart-*.timer
rm -f /var/lib/systemd/timers/stamp-aapanel-{backup,logs}.timer
for unit in "${units[@]}"; do
  rm -f "$units_folder/$unit"
  rm -rf "$units_folder/$unit.d"
done
rm -f "$units_folder/nftables.service.d/aapanel.conf"
rmdir "$units_folder/nftables.service.d" 2>/dev/null || true
systemctl daemon-reload
systemctl reset-failed 'aapanel*' 2>/dev/null || true
# Nobody would keep it in line with the applications any more.
if has nft; then nft delete table inet aapanel_sites 2>/dev/null || true; fi
rm -rf /run/aapanel /run/aapanel-ssh /run/aapanel-terminals
# Uploads that have not ended: what arrived stays with its site, and in no group of the panel.
if [[ -d $uploads ]]; then
  find "$uploads" -type f -exec chgrp root {} + -exec chmod 600 {} +
  rm -rf "$uploads"
fi

say 'removing code and runtime' 'إزالة الشيفرة وبيئة التشغيل'
cd /
rm -f "$command_file"
rm -rf "$panel"

if [[ -n $purge ]]; then
  say 'removing settings and data of the panel' 'إزالة إعدادات اللوحة وبياناتها'
  rm -rf "$settings" "$data" "$agent_state" "$logs"
else
  # The number of the removed user may be given to somebody else later: nothing may belong to it.
  for folder in "$settings" "$data" "$logs" "$agent_state"; do
    [[ -d $folder ]] || continue
    chown -R root:root "$folder"
    chmod 700 "$folder"
  done
fi
remove_spare_users
# Of terminals on saved hosts.
if getent passwd aapanel-ssh >/dev/null; then userdel aapanel-ssh; fi
if getent passwd "$account" >/dev/null; then userdel "$account"; fi
if getent group "$account" >/dev/null; then groupdel "$account"; fi
# Only folders that nothing is in.
for folder in /www/server /www/recycle_bin /www/backup /www/wwwlogs /www/wwwroot /www; do
  rmdir "$folder" 2>/dev/null || true
done

echo
say 'the panel is gone; the sites go on serving' 'أُزيلت اللوحة والمواقع مستمرة في العمل'
if [[ -z $purge ]]; then
  say "kept: $settings $data $agent_state $logs (remove with: rm -r)" 'بقيت إعدادات اللوحة وبياناتها في هذه المسارات'
fi
