#!/bin/bash
# Installs or repairs the panel on this server (Debian or Ubuntu with systemd). Asks nothing; running it again ends in
# the same state and keeps data, secrets and sites. Downloads only from the distribution and the npm registry that this
# machine is set up for.
#
#   bash deploy/install.sh [--port 5000] [--host 0.0.0.0] [--public-url https://panel.example.com]
#     [--entry-path SECRET|off] [--check]
#
# يثبّت اللوحة على هذا الخادم أو يُصلح تثبيتها. لا يسأل شيئًا، وتكرار تشغيله آمن ولا يمس البيانات ولا المواقع.
set -euo pipefail
umask 022
project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=bin/lib/common.sh
. "$project/bin/lib/common.sh"
# shellcheck source=deploy/lib/layout.sh
. "$project/deploy/lib/layout.sh"
# shellcheck source=deploy/lib/steps.sh
. "$project/deploy/lib/steps.sh"

port='' host='' public_url='' entry_path='' only_check=''
while (($#)); do
  case $1 in
    --port) port=${2:?} && shift 2 ;;
    --host) host=${2:?} && shift 2 ;;
    --public-url) public_url=${2:?} && shift 2 ;;
    --entry-path) entry_path=${2:?} && shift 2 ;;
    --check) only_check=1 && shift ;;
    *) die "unknown option $1; see the head of this file" "خيار غير معروف: $1" ;;
  esac
done
[[ -z $port || ($port =~ ^[0-9]{4,5}$ && $port -ge 1024 && $port -le 65535) ]] ||
  die '--port must be a number from 1024 to 65535' 'المنفذ عدد من 1024 إلى 65535'
[[ -z $host || $host =~ ^[A-Za-z0-9.:_-]+$ ]] || die '--host must be an address' 'قيمة ‎--host يجب أن تكون عنوانًا'
[[ -z $public_url || $public_url =~ ^https?://[A-Za-z0-9.:_\[\]-]+$ ]] ||
  die '--public-url must look like https://panel.example.com' 'قيمة ‎--public-url مثل https://panel.example.com'

[[ -z $entry_path || $entry_path == off || $entry_path =~ ^[A-Za-z0-9_-]{8,64}$ ]] ||
  die '--entry-path must be 8 to 64 letters, digits, - or _, or off' 'مسار الدخول من 8 إلى 64 حرفًا أو رقمًا، أو off'

check_machine
[[ -z $only_check ]] || exit 0

exec {install_lock}>/run/lock/aapanel-install.lock
flock --nonblock "$install_lock" || die 'an installation is under way already' 'هناك عملية تثبيت جارية بالفعل'
work=$(mktemp -d /var/tmp/aapanel-install.XXXXXX)
trap 'rm -rf "$work"' EXIT

say '1/7 packages of the distribution' 'حِزم التوزيعة'
need_packages ca-certificates openssl libatomic1 util-linux iproute2 nftables || die 'packages are missing' 'تعذّر تثبيت الحِزم'
say '2/7 private runtime' 'بيئة التشغيل الخاصة'
install_runtime
say '3/7 code' 'الشيفرة'
install_code
say '4/7 user, folders, settings, certificate' 'المستخدم والمجلدات والإعدادات والشهادة'
make_user_and_folders
write_settings
make_certificate
say '5/7 services' 'الخدمات'
install_units
say '6/7 database' 'قاعدة البيانات'
"$command_file" migrate </dev/null || die 'the database could not be brought up to date' 'تعذّر تحديث قاعدة البيانات'
say '7/7 start' 'التشغيل'
keep_port
start_panel
drop_old_releases
print_result
