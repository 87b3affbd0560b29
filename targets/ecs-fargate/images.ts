import { parseImageReference } from "../../modules/aws/image-reference";

/**
 * Downloads the artifact. The image has no `tar` (https://github.com/aws/aws-cli/issues/5106), so another one unpacks.
 */
export const DOWNLOAD_IMAGE =
  "public.ecr.aws/aws-cli/aws-cli:2.37.0@sha256:337494c2047176fe9abcf45a5d1eaf1c2c62cae40953284fb1143b5c6170f065";

/** Unpacks the artifact: `tar`, `gzip` and `chmod` in two megabytes. */
export const UNPACK_IMAGE =
  "public.ecr.aws/docker/library/busybox:1.37.0@sha256:9db7b59979c38555a39def84a31fb98b5296952f9e3afd4f6f11f05b07adfab0";

/** Whether an image is in a private ECR registry of a region, which endpoints of a network without internet reach. */
export function isInRegionalEcr(image: string, region: string): boolean {
  const parsed = parseImageReference(image);
  return parsed.ok && parsed.image.ecr?.region === region;
}

/** ARN of an image's ECR repository; null for another registry. */
export function repositoryArn(image: string, partition: string): string | null {
  const parsed = parseImageReference(image);
  if (!parsed.ok || parsed.image.ecr === undefined) return null;
  const { ecr, repository } = parsed.image;
  return `arn:${partition}:ecr:${ecr.region}:${ecr.account}:repository/${repository}`;
}

/** How an artifact gets into the model's folder. */
export type Delivery =
  /** An archive: downloaded, then unpacked. */
  | "archive"
  /** A prefix: everything below it. */
  | "prefix"
  /** Any other object: as it is. */
  | "object";

export function deliveryOf(uri: string): Delivery {
  if (/\.(?:tar\.gz|tgz)$/.test(uri)) return "archive";
  return uri.endsWith("/") || /^s3:\/\/[^/]+$/.test(uri) ? "prefix" : "object";
}
