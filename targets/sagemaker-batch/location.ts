/** A place in S3: a bucket and the start of keys. */
export interface Location {
  readonly bucket: string;
  /** Empty for the whole bucket. */
  readonly prefix: string;
}

/** Takes `s3://bucket/prefix` apart. */
export function parseLocation(uri: string): Location {
  const rest = uri.slice("s3://".length);
  const slash = rest.indexOf("/");
  return slash < 0
    ? { bucket: rest, prefix: "" }
    : { bucket: rest.slice(0, slash), prefix: rest.slice(slash + 1) };
}

/** Where results go is always a folder. */
export function parseFolder(uri: string): Location {
  const { bucket, prefix } = parseLocation(uri);
  return { bucket, prefix: prefix === "" || prefix.endsWith("/") ? prefix : `${prefix}/` };
}

export function formatLocation({ bucket, prefix }: Location): string {
  return `s3://${bucket}/${prefix}`;
}

/** Whether all that lies in one place lies in another. */
export function contains(outer: Location, inner: Location): boolean {
  return outer.bucket === inner.bucket && inner.prefix.startsWith(outer.prefix);
}
