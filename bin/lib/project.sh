# shellcheck shell=bash
# What bin/start and bin/test do with the tree itself: npm packages and the browser build. Sourced after common.sh.
project=${project:?set by the script that sources this file}

# Brings npm packages when the installed ones are not those of the lock file.
bring_packages() {
  if node "$project/bin/lib/packages-match.mjs" "$project"; then return 0; fi
  say 'bringing npm packages' 'جلب حِزم npm'
  (cd "$project" && npm_ci)
}

# One line that changes with any source of the browser build.
web_fingerprint() {
  (
    cd "$project" || exit 1
    { find web shared -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum; sha256sum package-lock.json tsconfig.json; } |
      sha256sum | cut -d' ' -f1
  )
}

# Builds dist/web unless it was built from exactly these sources. AAPANEL_SKIP_BUILD=1 takes what is there.
bring_web() {
  local fingerprint stamp=$project/dist/.web-fingerprint
  [[ ${AAPANEL_SKIP_BUILD:-} == 1 && -f $project/dist/web/index.html ]] && return 0
  fingerprint=$(web_fingerprint)
  if [[ -f $project/dist/web/index.html && -f $stamp && $(<"$stamp") == "$fingerprint" ]]; then return 0; fi
  say 'building the browser part' 'بناء واجهة المتصفح'
  rm -f "$stamp"
  (cd "$project" && npm run --silent build </dev/null) || return 1
  printf '%s\n' "$fingerprint" >"$stamp"
}
