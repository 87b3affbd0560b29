/**
 * Asks the server for its health from inside the container, with whatever the image has: curl, wget or Python. Proxies
 * of the environment are left aside, since the server is on the same loopback address. Port and path are of characters
 * that the shell leaves alone (see the manifest's schema), and are quoted all the same.
 */
export function healthCommand(port: number, path: string): readonly [string, string] {
  const url = `http://127.0.0.1:${port}${path}`;
  return [
    "CMD-SHELL",
    [
      "unset http_proxy HTTP_PROXY all_proxy ALL_PROXY",
      `if command -v curl >/dev/null; then exec curl -fsS -m ${ANSWER_SECONDS} -o /dev/null '${url}'; fi`,
      `if command -v wget >/dev/null; then exec wget -q -T ${ANSWER_SECONDS} -O /dev/null '${url}'; fi`,
      `if command -v python3 >/dev/null; then exec python3 -c "import urllib.request as r; r.urlopen('${url}', timeout=${ANSWER_SECONDS})"; fi`,
      "echo 'no curl, wget or python3 in the image: set targets.docker.healthcheck to false' >&2",
      "exit 1",
    ].join("; "),
  ];
}

/** How long the server has for its answer. */
export const ANSWER_SECONDS = 5;

/** Time between two questions, and how many may fail before the container counts as unhealthy. */
export const HEALTH = { intervalSeconds: 5, timeoutSeconds: ANSWER_SECONDS + 5, retries: 3 } as const;

/**
 * A duration as Go writes it, `1m30s`: the provider reads it back in this form, and any other would show as a change
 * at every plan.
 */
export function goDuration(seconds: number): string {
  const whole = Math.ceil(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  if (hours > 0) return `${hours}h${minutes}m${rest}s`;
  return minutes > 0 ? `${minutes}m${rest}s` : `${rest}s`;
}
