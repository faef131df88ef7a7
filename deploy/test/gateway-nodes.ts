/** When NGINX avoids a node: one that sockets go to is never counted out, since a socket does not end. */
export function failuresOf(service: string): string {
  return service === "chat" || service === "notifications" ? "max_fails=0" : "max_fails=1 fail_timeout=2s";
}
