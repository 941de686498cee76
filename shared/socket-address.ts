/*
 * Unix sockets of applications, as people give them: `unix:/run/app.sock`. A door of the machine itself is none of them: who
 * may open those counts for nginx's own user too, and a site's owner may not use its rights.
 */

/** Only where services and their owners put sockets; a path of Linux holds 107 bytes. */
const place = /^unix:(\/(?:run|srv|opt)(?:\/[A-Za-z0-9_@+-][A-Za-z0-9_.@+-]*){1,8})$/;

/** Doors to the machine, to other sites, or to the panel. */
const closed =
  /^\/run\/(?:aapanel|buildkit|containerd|crio|dbus|docker|libvirt|lxd|mysqld|php|podman|postgresql|snapd|systemd|udev|user)/;

/** The path of the socket; undefined when it is no place for an application's socket. */
export function readSocketAddress(text: string): string | undefined {
  const path = place.exec(text.replace(/^unix:\/var\/run\//, 'unix:/run/'))?.[1];
  return path === undefined || path.length > 100 || closed.test(path) ? undefined : path;
}

/** Whether a socket is meant, and be it a wrong one. */
export function isSocketMeant(text: string): boolean {
  return /^(?:[a-z]+:\/*)?unix:/i.test(text);
}
