import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { installNginx, type World } from './world.ts';

/*
 * For tests: a package manager that behaves like APT and dpkg towards its caller, below the prefix of a world. It
 * installs the real nginx of this machine. Files in `apt/` steer it: `slow` (seconds that dpkg takes), `no-network`, `lost-network`,
 * `stale` (the lists, until they are read), `unknown`, `needed-by`.
 */

const aptGet = `#!/bin/sh
root=$(cd "$(dirname "$0")/../.." && pwd)
apt=$root/apt
echo "apt-get $*" >>"$apt/calls"
status() { echo "$1" >&3 2>/dev/null; }
case " $* " in
  *" --simulate "*" install "*)
    [ -e "$apt/unknown" ] && { echo "E: Unable to locate package nginx" >&2; exit 100; }
    [ -e "$apt/installed" ] || printf 'Inst nginx-common (1.22.1-9 Debian:12/stable [all])\\nInst nginx (1.22.1-9 Debian:12/stable [amd64])\\nInst zlib1g [1.0] (1.1 Debian:12 [amd64])\\nConf nginx (1.22.1-9)\\n'
    exit 0 ;;
  *" --simulate remove "*)
    printf 'Remv nginx [1]\\nRemv nginx-common [1]\\n'
    [ -e "$apt/needed-by" ] && printf 'Remv somebodys-tool [1]\\n'
    exit 0 ;;
  *" update "*)
    [ -e "$apt/no-network" ] && { echo "Err:1 http://deb.debian.org/debian stable InRelease"; exit 100; }
    rm -f "$apt/stale"
    echo "Hit:1 http://deb.debian.org/debian stable InRelease"; status "dlstatus:1:50.0:Retrieving"; echo "Reading package lists..."; exit 0 ;;
  *" --download-only "*)
    trap 'echo "download stopped"; exit 130' INT
    status "dlstatus:1:20.5:Retrieving file 1"
    [ -e "$apt/lost-network" ] && { echo "E: Failed to fetch http://deb.debian.org/nginx.deb  Connection timed out"; exit 100; }
    [ -e "$apt/stale" ] && { echo "E: Failed to fetch http://deb.debian.org/nginx.deb  404  Not Found"; exit 100; }
    [ -e "$apt/slow-download" ] && { sleep 30 & wait $!; }
    echo "Get:1 http://deb.debian.org nginx"; status "dlstatus:2:90:Retrieving"; exit 0 ;;
  *" install "*)
    echo "half" >"$apt/dpkg-half"
    status "pmstatus:nginx-common:20.0:Unpacking"; echo "Unpacking nginx ..."
    [ -e "$apt/slow" ] && sleep "$(cat "$apt/slow")"
    [ -e "$apt/broken" ] && { echo "E: Sub-process /usr/bin/dpkg returned an error code (1)"; exit 100; }
    mv "$apt/deb/nginx" "$root/etc/nginx"; mv "$apt/deb/program" "$root/usr/sbin/nginx"
    status "pmstatus:nginx:80.0:Setting up"; echo "Setting up nginx (1.22.1-9) ..."
    rm -f "$apt/dpkg-half"; touch "$apt/installed"; exit 0 ;;
  *" remove "*)
    echo "Removing nginx ..."; mv "$root/usr/sbin/nginx" "$apt/deb/program"; rm -f "$apt/installed"; exit 0 ;;
esac
exit 1
`;

const dpkgQuery = `#!/bin/sh
root=$(cd "$(dirname "$0")/../.." && pwd)
state=not-installed
[ -e "$root/apt/installed" ] && state=installed
printf '%s nginx\\n%s nginx-common\\n' $state $state
`;

const dpkg = `#!/bin/sh
root=$(cd "$(dirname "$0")/../.." && pwd)
echo "dpkg $*" >>"$root/apt/calls"
`;

export type FakeApt = {
  /** Puts a steering file in place, or takes it away with null. */
  steer(name: string, text?: string | null): void;
  /** Every call so far, one per line. */
  calls(): string;
  /** dpkg was interrupted half way. */
  isHalf(): boolean;
};

export function installFakeApt(world: World): FakeApt {
  const folder = `${world.prefix}/apt`;
  mkdirSync(`${folder}/deb`, { recursive: true });
  mkdirSync(`${world.prefix}/usr/bin`, { recursive: true });
  for (const [name, text] of [
    ['apt-get', aptGet],
    ['dpkg-query', dpkgQuery],
    ['dpkg', dpkg],
  ] as const) {
    writeFileSync(`${world.prefix}/usr/bin/${name}`, text);
    chmodSync(`${world.prefix}/usr/bin/${name}`, 0o755);
  }
  installNginx(world);
  renameSync(`${world.prefix}/etc/nginx`, `${folder}/deb/nginx`);
  renameSync(`${world.prefix}/usr/sbin/nginx`, `${folder}/deb/program`);
  return {
    steer(name, text = '') {
      if (text === null) rmSync(`${folder}/${name}`, { force: true });
      else writeFileSync(`${folder}/${name}`, text);
    },
    calls: () => (existsSync(`${folder}/calls`) ? readFileSync(`${folder}/calls`, 'utf8') : ''),
    isHalf: () => existsSync(`${folder}/dpkg-half`),
  };
}
