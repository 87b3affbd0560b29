/** An exception that a manifest makes to a policy. */
export interface Suppression {
  /** The policy's code. */
  readonly code: string;
  /** The resource, `*` standing for any text: `aws_s3_bucket.logs`, `aws_s3_bucket.*`; null for whatever breaks it. */
  readonly address: string | null;
  /** Why it stands. */
  readonly reason: string;
}

/** Whether a suppression is meant for what a policy found. */
export function suppresses(
  { code, address }: Suppression,
  found: { readonly code: string; readonly address: string },
): boolean {
  return code === found.code && (address === null || matches(address, found.address));
}

/** Whether a text is what a pattern describes, in which only `*` is special. */
export function matches(pattern: string, text: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  const last = rest.pop();
  if (last === undefined) return pattern === text;
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length)
    return false;
  const end = text.length - last.length;
  let from = first.length;
  for (const part of rest) {
    const at = text.indexOf(part, from);
    if (at < 0 || at + part.length > end) return false;
    from = at + part.length;
  }
  return true;
}
