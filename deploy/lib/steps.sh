# shellcheck shell=bash
# The steps of install.sh; each one may be repeated. Sourced after common.sh and layout.sh.
project=${project:?} panel=${panel:?} settings=${settings:?} settings_file=${settings_file:?} data=${data:?}
agent_state=${agent_state:?} logs=${logs:?} command_file=${command_file:?} units_folder=${units_folder:?} account=${account:?}
uploads=${uploads:?} node_version=${node_version:?} entry_path=${entry_path:-} units=("${units[@]}")

# The value of KEY in the settings file, or nothing.
setting() { [[ ! -f $settings_file ]] || sed -n "s/^$1=//p" "$settings_file" | tail -n 1; }

# What must hold before anything is touched; says everything that is wrong at once.
check_machine() {
  local problems=() free_mb memory_mb owner wanted
  is_root || die 'must run as root' 'شغّل هذا الأمر بصلاحية الجذر'
  # shellcheck disable=SC1091 # part of every distribution
  say "system: $(. /etc/os-release && echo "$PRETTY_NAME"), $(uname -m), $(nproc) CPU" 'النظام'
  [[ -d /run/systemd/system ]] || problems+=('systemd is not running here; use bin/start in a container · لا يعمل systemd هنا')
  has apt-get || problems+=('only Debian and Ubuntu are supported · مدعوم على Debian وUbuntu فقط')
  case $(uname -m) in x86_64 | aarch64) ;; *) problems+=("no runtime for $(uname -m) · معالج غير مدعوم") ;; esac
  free_mb=$(df -Pm /var/tmp | awk 'NR == 2 {print $4}')
  ((free_mb >= 1024)) || problems+=("only $free_mb MB free, 1024 needed · المساحة الحرة غير كافية")
  memory_mb=$(awk '/^MemTotal/ {print int($2 / 1024)}' /proc/meminfo)
  ((memory_mb >= 400)) || problems+=("only $memory_mb MB of memory, 400 needed · الذاكرة غير كافية")
  if [[ -e $panel/BT-Panel || -e $panel/class/panelSite.py ]]; then
    problems+=("another panel lives in $panel; it is not touched · توجد لوحة أخرى في هذا المسار ولن تُمس")
  fi
  wanted=${port:-$(setting PORT)}
  wanted=${wanted:-5000}
  if has ss && ! systemctl is-active --quiet aapanel.service 2>/dev/null; then
    owner=$(ss -Hltnp "sport = :$wanted" 2>/dev/null | head -n 1)
    [[ -z $owner ]] || problems+=("port $wanted is taken: ${owner##* } (choose another with --port) · المنفذ مشغول")
  fi
  ((${#problems[@]} == 0)) || {
    printf '✗ %s\n' "${problems[@]}" >&2
    exit 1
  }
  say "disk free: $free_mb MB, memory: $memory_mb MB, port $wanted" 'الفحص المسبق سليم'
}

# Puts Node (the program alone: no package manager stands on a server) into $panel/runtime, owned by root.
install_runtime() {
  local target=$panel/runtime/node-$node_version source=$project/runtime/node-$node_version part
  mkdir -p "$panel/runtime"
  if [[ ! -x $target/bin/node || $("$target/bin/node" --version 2>/dev/null) != "v$node_version" ]]; then
    if [[ ! -x $source/bin/node ]]; then
      bring_runtime "${work:?}/runtime" packages-only
      source=$work/runtime/node-$node_version
    fi
    part=$(mktemp -d "$panel/runtime/.part.XXXXXX")
    mkdir "$part/bin"
    install -m 755 "$source/bin/node" "$part/bin/node"
    if [[ -f $source/LICENSE ]]; then install -m 644 "$source/LICENSE" "$part/LICENSE"; fi
    chmod 755 "$part"
    rm -rf "$target"
    mv "$part" "$target"
  fi
  "$target/bin/node" --version >/dev/null || die 'the runtime does not run' 'بيئة التشغيل لا تعمل'
  link "node-$node_version" "$panel/runtime/current"
}

# link TARGET NAME - swaps a symbolic link in one step.
link() {
  ln -sfn "$1" "$2.new"
  mv -T "$2.new" "$2"
}

# A checkout becomes a release first, in a scratch folder; the checkout itself is not written to.
make_release() {
  local tree=$work/tree
  mkdir "$tree"
  tar -C "$project" --exclude=./node_modules --exclude=./data --exclude=./dist --exclude=./logs --exclude=./.git \
    --exclude=./test-results -cf - . | tar -C "$tree" -xf -
  # A runtime fetched just now carries npm; the installed one is Node alone.
  PATH="$work/runtime/node-$node_version/bin:$panel/runtime/current/bin:$PATH" AAPANEL_RUNTIME_DIR=$work/runtime \
    bash "$tree/deploy/lib/build-release.sh" "$work/release" || die 'the release could not be built' 'تعذّر بناء الإصدار'
}

# Code lies in $panel/releases/<version>, owned by root and writable by nobody else; `current` points to it.
install_code() {
  local release=$project version target part
  if [[ ! -f $project/release.json ]]; then
    make_release
    release=$work/release
  fi
  local node=$panel/runtime/current/bin/node
  version=$("$node" -p 'JSON.parse(require("node:fs").readFileSync(process.argv[1], "utf8")).version' "$release/release.json")
  [[ $version =~ ^[0-9A-Za-z.+-]+$ ]] || die 'the release has no version' 'الإصدار بلا رقم'
  "$node" "$release/deploy/lib/verify-release.mjs" "$release" || die 'the release is damaged' 'ملفات الإصدار تالفة'
  mkdir -p "$panel/releases"
  target=$panel/releases/$version
  part=$(mktemp -d "$panel/releases/.part.XXXXXX")
  (cd "$release" && tar --exclude=./runtime --exclude=./node_modules -cf - .) | tar -C "$part" --no-same-owner -xf -
  chown -R root:root "$part"
  chmod -R u=rwX,go=rX "$part"
  if [[ -d $target ]]; then mv "$target" "$part.old"; fi
  mv "$part" "$target"
  rm -rf "$part.old"
  link "releases/$version" "$panel/current"
}

# Keeps the release before this one for a way back; older ones go, and runtimes that no release here starts with.
drop_old_releases() {
  local current folder kept=0
  current=$(readlink -f "$panel/current")
  while IFS= read -r folder; do
    [[ $folder == "$current" ]] && continue
    kept=$((kept + 1))
    ((kept <= 1)) || rm -rf "$folder"
  done < <(find "$panel/releases" -mindepth 1 -maxdepth 1 -type d ! -name '.*' -printf '%T@ %p\n' | sort -rn | cut -d' ' -f2-)
  find "$panel/runtime" -mindepth 1 -maxdepth 1 -name 'node-*' ! -name "node-$node_version" -exec rm -rf {} +
  find "$panel/releases" "$panel/runtime" -mindepth 1 -maxdepth 1 -name '.part.*' -exec rm -rf {} +
}

make_user_and_folders() {
  getent passwd "$account" >/dev/null ||
    useradd --system --user-group --home-dir "$data" --no-create-home --shell /usr/sbin/nologin \
      --comment 'aaPanel web process' "$account"
  install -d -o root -g "$account" -m 750 "$settings"
  install -d -o "$account" -g "$account" -m 750 "$data" "$logs"
  install -d -o root -g root -m 700 "$agent_state"
  # Settings and data of an earlier installation belong to root alone between uninstall and install.
  chown -R "root:$account" "$settings"
  chmod -R u=rwX,g=rX,o= "$settings"
  chown -R "$account:$account" "$data" "$logs"
  local folder
  for folder in /www /www/server /www/wwwroot; do [[ -d $folder ]] || install -d -m 755 "$folder"; done
  # The web process may go through and change nothing; it is there before its unit starts, whose sandbox opens it.
  install -d -o root -g "$account" -m 710 "$uploads"
  # Whoever writes a log gets to it; the users of sites do not see the list.
  [[ -d /www/wwwlogs ]] || install -d -m 711 /www/wwwlogs
  for folder in /www/backup /www/recycle_bin; do [[ -d $folder ]] || install -d -m 700 "$folder"; done
}

# The address people will most likely open: the one this machine uses to reach others.
own_address() {
  local address
  address=$(ip -4 route get 192.0.2.1 2>/dev/null | sed -n 's/.* src \([0-9.]*\).*/\1/p' | head -n 1)
  echo "${address:-127.0.0.1}"
}

# put KEY VALUE - sets one line of the settings file under construction, keeping everything else.
put() {
  sed -i "/^$1=/d" "$work/panel.env"
  printf '%s=%s\n' "$1" "$2" >>"$work/panel.env"
}

# put_missing KEY VALUE
put_missing() { grep -q "^$1=" "$work/panel.env" || put "$1" "$2"; }

write_settings() {
  local part=$settings_file.new is_new=''
  [[ -f $settings_file ]] || is_new=1
  if [[ -f $settings_file ]]; then
    cp "$settings_file" "$work/panel.env"
  else
    printf '%s\n' '# Settings of the panel. Every variable: aapanel config show. After a change: systemctl restart aapanel' \
      '# إعدادات اللوحة. بعد أي تعديل: systemctl restart aapanel' >"$work/panel.env"
  fi
  chmod 600 "$work/panel.env"
  put_missing ENVIRONMENT production
  # The secret is made here once and never leaves this file.
  put_missing SECRET_KEY "$(openssl rand -hex 32)"
  put_missing DATABASE_TYPE sqlite
  put_missing LOG_FILE_PATH "$logs/panel.log"
  put_missing SSL_CERT_PATH "$settings/tls/cert.pem"
  put_missing SSL_KEY_PATH "$settings/tls/key.pem"
  # Strangers must not even see that a panel is here. A panel that ran without it is left as its owner has it.
  if [[ -n $is_new && $entry_path != off ]]; then put ENTRY_PATH "${entry_path:-$(openssl rand -hex 10)}"; fi
  put_missing HOST 0.0.0.0
  put_missing PORT 5000
  [[ -z $host ]] || put HOST "$host"
  [[ -z $port ]] || put PORT "$port"
  put_missing PUBLIC_URL "https://$(own_address):$(sed -n 's/^PORT=//p' "$work/panel.env")"
  if [[ -n $public_url ]]; then
    put PUBLIC_URL "$public_url"
  elif [[ -n $port ]]; then
    put PUBLIC_URL "$(sed -n 's/^PUBLIC_URL=//p' "$work/panel.env" | sed -E "s/:[0-9]+\$/:$port/")"
  fi
  install -o root -g "$account" -m 640 "$work/panel.env" "$part"
  mv -T "$part" "$settings_file"
}

# A certificate of the panel's own, so that passwords never cross the network in the clear. Made again a month before it
# ends; one that somebody put there themselves is left alone because its path differs.
make_certificate() {
  local folder=$settings/tls names
  [[ $(setting SSL_CERT_PATH) == "$folder/cert.pem" ]] || return 0
  install -d -o root -g "$account" -m 750 "$folder"
  if [[ -f $folder/key.pem ]] && openssl x509 -checkend 2592000 -noout -in "$folder/cert.pem" >/dev/null 2>&1; then return 0; fi
  names="IP:127.0.0.1,IP:$(own_address),DNS:localhost"
  if [[ $(hostname) =~ ^[A-Za-z0-9.-]{1,64}$ ]]; then names+=",DNS:$(hostname)"; fi
  (
    umask 077
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 820 -subj '/CN=aaPanel' \
      -addext "subjectAltName=$names" -addext 'extendedKeyUsage=serverAuth' \
      -keyout "$work/key.pem" -out "$work/cert.pem" 2>"$work/openssl.log"
  ) || die 'openssl could not make a certificate' 'تعذّر إنشاء الشهادة'
  install -o root -g "$account" -m 640 "$work/key.pem" "$folder/key.pem"
  install -o root -g "$account" -m 640 "$work/cert.pem" "$folder/cert.pem"
}

install_units() {
  local unit
  for unit in "${units[@]}"; do install -m 644 "$panel/current/deploy/systemd/$unit" "$units_folder/$unit"; done
  install -D -m 644 "$panel/current/deploy/systemd/nftables.conf" "$units_folder/nftables.service.d/aapanel.conf"
  install -m 755 "$panel/current/deploy/aapanel" "$command_file"
  systemctl daemon-reload
  systemctl enable --quiet aapanel.service aapanel-agent.socket aapanel-nginx-guard.service aapanel-backup.timer \
    aapanel-cron.timer aapanel-logs.timer aapanel-ports.service
  # An agent that still runs is the old code; it ends its work first, the socket starts the new one.
  systemctl stop aapanel-agent.service 2>/dev/null || true
  systemctl restart aapanel-agent.socket aapanel-backup.timer aapanel-cron.timer aapanel-logs.timer
  # Applications of an earlier version run already.
  systemctl restart aapanel-ports.service || warn 'the ports of applications could not be closed to other sites' 'تعذّر إغلاق منافذ التطبيقات أمام المواقع الأخرى'
}

# A fact of `aapanel entry --json`: what was changed in the panel counts, not the settings file.
entry_fact() { "$command_file" entry --json </dev/null | sed -n "s/^ *\"$1\": \"\{0,1\}\([^\",]*\)\"\{0,1\},\{0,1\}\$/\1/p" | head -n 1; }

# --port of this call wins over a port that was set in the panel before.
keep_port() {
  [[ -n $port && $(entry_fact port) != "$port" ]] || return 0
  "$command_file" port "$port" </dev/null || die 'the port could not be set' 'تعذّر ضبط المنفذ'
}

start_panel() {
  local acting
  acting=$(entry_fact port)
  systemctl reset-failed aapanel.service 2>/dev/null || true
  systemctl restart aapanel.service
  if ! "$panel/runtime/current/bin/node" "$panel/current/deploy/lib/wait-ready.mjs" \
    "https://127.0.0.1:${acting:-$(setting PORT)}/health/ready" 30; then
    journalctl -u aapanel.service -n 30 --no-pager >&2 || true
    die 'the panel did not become ready; its last log lines stand above' 'لم تصبح اللوحة جاهزة؛ آخر سجلاتها في الأعلى'
  fi
}

print_result() {
  echo
  echo '  aaPanel is running.    تعمل اللوحة الآن.'
  echo
  "$command_file" entry </dev/null | sed 's/^/  /'
  echo
  echo '  The address holds a secret part: without it everybody else sees 404. Again later: aapanel entry'
  echo '  في العنوان جزء سري، ومن لا يعرفه لا يرى إلا 404. لعرضه لاحقًا: aapanel entry'
  echo '  The certificate is the panel'"'"'s own: the browser warns once; compare the SHA-256 above.'
  echo '  الشهادة من إنشاء اللوحة نفسها، فيحذّر المتصفح أول مرة؛ قارنها بالبصمة أعلاه.'
  if has ufw && ufw status 2>/dev/null | grep -q '^Status: active'; then
    warn "the firewall is active; open the port with: ufw allow $(entry_fact port)/tcp" 'جدار الحماية مفعّل؛ افتح المنفذ بهذا الأمر'
  fi
  echo
  "$command_file" link </dev/null
}
