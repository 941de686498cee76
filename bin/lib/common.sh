# shellcheck shell=bash
# Shared by bin/start, bin/test and deploy/install.sh: messages, distribution packages, the private Node runtime.
# Sourced, never run. Expects `set -euo pipefail` and $project (absolute path of the tree).
project=${project:?set by the script that sources this file}

node_version=26.10.0
# Oldest Node found on PATH that is good enough (`engines` of package.json).
node_minimum_major=24
node_minimum_minor=15

# A corporate or self-signed authority trusted by the machine must be trusted by Node too.
if [[ -z ${NODE_EXTRA_CA_CERTS:-} && -r /etc/ssl/certs/ca-certificates.crt ]]; then
  export NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
fi

# say ENGLISH ARABIC - one short progress line in both languages.
say() { printf '• %s · %s\n' "$1" "$2"; }
warn() { printf '! %s · %s\n' "$1" "$2" >&2; }
die() {
  printf '✗ %s · %s\n' "$1" "$2" >&2
  exit 1
}

is_root() { [[ $(id -u) -eq 0 ]]; }
has() { command -v "$1" >/dev/null 2>&1; }

# True when the Debian package is installed.
is_installed() {
  [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

apt_is_fresh=''
apt_update() {
  # A broken third-party source must not stop us: the install that follows tells whether ours are there.
  DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 update -qq </dev/null ||
    warn 'apt-get update failed; going on with the known lists' 'فشل تحديث القوائم؛ نتابع بالقوائم المتوفرة'
  apt_is_fresh=1
}

# need_packages PACKAGE... - installs what is missing from the distribution. As an ordinary user only says what is missing.
need_packages() {
  local missing=() package
  for package in "$@"; do is_installed "$package" || missing+=("$package"); done
  ((${#missing[@]})) || return 0
  if ! is_root || ! has apt-get; then
    warn "missing packages, please install them: ${missing[*]}" "حِزم ناقصة، ثبّتها أولًا: ${missing[*]}"
    return 1
  fi
  say "installing from the distribution: ${missing[*]}" 'تثبيت من مستودعات التوزيعة'
  [[ -n $apt_is_fresh ]] || apt_update
  apt_quietly install --no-install-recommends "${missing[@]}"
}

# apt_quietly ARGUMENT... - apt-get without questions; its output is shown only when it fails.
apt_quietly() {
  local log result=0
  log=$(mktemp)
  DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l apt-get -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 -y -qq "$@" \
    </dev/null >"$log" 2>&1 || result=$?
  ((result == 0)) || tail -n 15 "$log" >&2
  rm -f "$log"
  return "$result"
}

# node_is_good FILE - true when this Node runs and is new enough.
node_is_good() {
  local version major minor
  version=$("$1" --version 2>/dev/null) || return 1
  IFS=. read -r major minor _ <<<"${version#v}"
  ((major > node_minimum_major || (major == node_minimum_major && minor >= node_minimum_minor)))
}

# The name of this machine's processor in Node's packages.
node_processor() {
  case $(uname -m) in
    x86_64 | amd64) echo x64 ;;
    aarch64 | arm64) echo arm64 ;;
    *) die "no Node build for $(uname -m)" "لا توجد نسخة Node لهذا المعالج" ;;
  esac
}

# Downloads Node's own archive and checks it against its list of checksums. Any failure means: try the next source.
fetch_node_archive() { # PART
  local mirror=${AAPANEL_NODE_MIRROR:-https://nodejs.org/dist} name part=$1
  has curl && has tar && has sha256sum || return 1
  name=node-v$node_version-linux-$(node_processor).tar.gz
  curl -fsSL --connect-timeout 5 --max-time 30 -o "$part/SHASUMS256.txt" "$mirror/v$node_version/SHASUMS256.txt" 2>/dev/null || return 1
  curl -fsSL --connect-timeout 5 --max-time 600 -o "$part/$name" "$mirror/v$node_version/$name" 2>/dev/null || return 1
  (cd "$part" && grep "  $name\$" SHASUMS256.txt | sha256sum --check --status) ||
    { warn 'the downloaded Node has a wrong checksum' 'المجموع الاختباري لملف Node غير مطابق'; return 1; }
  tar -xzf "$part/$name" -C "$part" --strip-components=1 || return 1
  rm -f "$part/$name" "$part/SHASUMS256.txt"
}

# npm_ci [OPTION...] - what the lock file of this folder names. What was fetched before the network broke off is kept by
# npm, so that a second try only brings the rest.
npm_ci() {
  local options=(--ignore-scripts --no-audit --no-fund --loglevel=error --fetch-timeout=120000 --fetch-retries=4)
  npm ci "${options[@]}" "$@" </dev/null && return
  warn 'a package could not be brought; trying once more' 'تعذّر جلب حزمة؛ نحاول مرة أخرى'
  npm ci "${options[@]}" "$@" </dev/null
}

# The npm registry that this machine is set up for: a variable, the file of the person, that of the machine, or npm's own.
npm_registry() {
  local file registry=${npm_config_registry:-${NPM_CONFIG_REGISTRY:-}}
  for file in "${NPM_CONFIG_USERCONFIG:-${HOME:-/root}/.npmrc}" /etc/npmrc; do
    [[ -z $registry && -r $file ]] || continue
    registry=$(sed -n 's/^[[:space:]]*registry[[:space:]]*=[[:space:]]*//p' "$file" | tail -n 1)
  done
  registry=${registry:-https://registry.npmjs.org}
  printf '%s\n' "${registry%/}"
}

# download ADDRESS FILE - apt brings its own downloader, so that a bare machine needs no package more. Names that do not
# resolve for a minute are waited for (curl waits 1, 2, 4, 8 and 16 s between its tries).
download() {
  if has curl; then
    curl -fsSL --connect-timeout 10 --max-time 600 --retry 5 -o "$2" "$1" </dev/null
  else
    ! is_root || need_packages ca-certificates || return 1
    /usr/lib/apt/apt-helper -qq -o APT::Sandbox::User=root -o Acquire::Retries=5 download-file "$1" "$2" </dev/null >/dev/null
  fi
}

# pinned NAME FIELD - what the lock file of bin/lib/node-runtime says of a package.
pinned() {
  awk -v name="\"node_modules/$1\":" -v field="\"$2\":" \
    '$1 == name { is_it = 1 } is_it && $1 == field { gsub(/[",]/, "", $2); print $2; exit }' \
    "$project/bin/lib/node-runtime/package-lock.json"
}

# fetch_pinned NAME FOLDER - puts a pinned package there, if its bytes are those that the lock file names. Without npm: a
# bare machine has none, and that of the distribution comes with hundreds of packages.
fetch_pinned() {
  local name=$1 folder=$2 archive=$2/package.tgz sum
  sum=$(pinned "$name" integrity)
  [[ $sum == sha512-* ]] || return 1
  mkdir -p "$folder"
  download "$(npm_registry)/$name/-/$name-$(pinned "$name" version).tgz" "$archive" || return 1
  sum=$(base64 -d <<<"${sum#sha512-}" | od -An -v -tx1 | tr -d ' \n')
  if ! sha512sum --check --status <<<"$sum  $archive"; then
    warn "$name has a wrong checksum" 'المجموع الاختباري للحزمة غير مطابق'
    return 1
  fi
  tar -xzf "$archive" -C "$folder" --no-same-owner --strip-components=1 || return 1
  rm -f "$archive"
}

# Takes Node and a recent npm as npm packages.
fetch_node_packages() { # PART
  local part=$1
  # What an interrupted download left.
  rm -rf "${part:?}"/*
  fetch_pinned "node-linux-$(node_processor)" "$part" || return 1
  fetch_pinned npm "$part/lib/node_modules/npm" || return 1
  chmod 755 "$part/bin/node"
  ln -sf ../lib/node_modules/npm/bin/npm-cli.js "$part/bin/npm"
  ln -sf ../lib/node_modules/npm/bin/npx-cli.js "$part/bin/npx"
  # Headers and man pages: nothing here is compiled.
  rm -rf "$part/include" "$part/share" "$part/CHANGELOG.md"
}

# bring_runtime FOLDER [packages-only] - puts the private runtime into FOLDER/node-<version> (bin/node) unless it is
# there. Swapped in whole, so that a broken download never looks like a runtime. Prints nothing when it is there.
bring_runtime() {
  local folder=$1 mode=${2:-} runtime part
  runtime=$folder/node-$node_version
  [[ -x $runtime/bin/node && $("$runtime/bin/node" --version 2>/dev/null) == "v$node_version" ]] && return 0
  mkdir -p "$folder"
  # Node 26 is linked against libatomic, which a bare Debian does not carry.
  if ! ldconfig -p 2>/dev/null | grep -q 'libatomic\.so\.1'; then need_packages libatomic1 || return 1; fi
  say "bringing Node $node_version (private, the system's own stays)" 'جلب Node خاص باللوحة دون المساس بنسخة النظام'
  part=$(mktemp -d "$folder/.node-part.XXXXXX")
  if ! { [[ $mode != packages-only ]] && fetch_node_archive "$part"; } && ! fetch_node_packages "$part"; then
    rm -rf "$part"
    die 'could not bring Node: neither its own site nor the npm registry gave it' 'تعذّر جلب Node من موقعه الرسمي ومن سجل npm'
  fi
  if [[ $("$part/bin/node" --version 2>&1) != "v$node_version" ]]; then
    "$part/bin/node" --version >&2 || true
    rm -rf "$part"
    die 'the Node just brought does not run here' 'نسخة Node التي جُلبت لا تعمل على هذا الجهاز'
  fi
  chmod 755 "$part"
  rm -rf "$runtime"
  mv "$part" "$runtime"
}

# True when the npm on PATH runs under the Node on PATH and knows today's lock files.
npm_is_good() {
  local version
  version=$(npm --version 2>/dev/null) || return 1
  ((${version%%.*} >= 10))
}

# use_node - puts a good Node first on PATH (the machine's own when new enough, else the private runtime) and makes sure
# that `npm` works with it.
use_node() {
  local folder=${AAPANEL_RUNTIME_DIR:-${HOME:-/root}/.cache/aapanel} stage
  if ! { has node && node_is_good node; }; then
    mkdir -p "$folder"
    exec {runtime_lock}>"$folder/.lock"
    flock "$runtime_lock" || true
    bring_runtime "$folder"
    exec {runtime_lock}>&-
    export PATH="$folder/node-$node_version/bin:$PATH"
  fi
  npm_is_good && return 0
  if [[ ! -x $folder/npm/bin/npm ]]; then
    say 'bringing a recent npm' 'جلب نسخة حديثة من npm'
    mkdir -p "$folder"
    stage=$(mktemp -d "$folder/.npm-part.XXXXXX")
    fetch_pinned npm "$stage/node_modules/npm" || die 'npm could not be brought' 'تعذّر جلب npm'
    mkdir "$stage/bin"
    ln -s ../node_modules/npm/bin/npm-cli.js "$stage/bin/npm"
    ln -s ../node_modules/npm/bin/npx-cli.js "$stage/bin/npx"
    rm -rf "$folder/npm"
    mv "$stage" "$folder/npm"
  fi
  export PATH="$folder/npm/bin:$PATH"
  npm_is_good || die 'npm does not work' 'البرنامج npm لا يعمل'
}
