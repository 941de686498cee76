import type { serviceGuards } from '#shared/services.ts';

type Guard = (typeof serviceGuards)[number];

/** Services without which nobody reaches the machine any more, or which everything else stands on. */
const essential = [
  /^sshd?(?:@.*)?$/,
  /^systemd-.*$/,
  /^dbus(?:-broker)?$/,
  /^networking$/,
  /^NetworkManager$/,
  /^ifup@.*$/,
  /^dhcpcd$/,
  /^cloud-(?:init|config|final|init-local)$/,
  /^(?:nftables|firewalld|ufw|netfilter-persistent)$/,
  /^(?:serial-|container-)?getty@.*$/,
  /^console-getty$/,
  /^polkit$/,
  /^user@.*$/,
] as const;

/** Who answers for a service, by its name. */
export function guardOf(unit: string): Guard {
  const name = unit.slice(0, -'.service'.length);
  if (/^aapanel-(?:app-|php\d)/.test(name)) return 'site';
  if (/^aapanel(?:-.*)?$/.test(name)) return 'panel';
  return essential.some((pattern) => pattern.test(name)) ? 'essential' : 'none';
}
