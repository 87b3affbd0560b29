/** A private Amazon ECR registry, as its host name states it. */
export interface EcrRegistry {
  /** The owner's account, 12 digits. */
  readonly account: string;
  readonly region: string;
  /** `amazonaws.com`, in China `amazonaws.com.cn`; `on.aws` for the dual-stack host. */
  readonly dnsSuffix: string;
}

/** A container image reference, taken apart. */
export interface ImageReference {
  /** The registry's host, with its port if it has one; `docker.io` where the reference names none. */
  readonly registry: string;
  /** The repository within the registry; Docker Hub's own images are `library/<name>`. */
  readonly repository: string;
  readonly tag?: string;
  /** `sha256:` and 64 hexadecimal digits. */
  readonly digest?: string;
  /** Present exactly where the registry is a private Amazon ECR registry. */
  readonly ecr?: EcrRegistry;
}

/** An image reference, or why the text is none, in words that fit after the value in an error message. */
export type ParsedImageReference =
  { readonly ok: true; readonly image: ImageReference } | { readonly ok: false; readonly reason: string };

const maxNameLength = 255;
const maxTagLength = 128;
const digestLength = "sha256:".length + 64;
const maxLength = maxNameLength + 1 + maxTagLength + 1 + digestLength;

// Each alternative starts with a character that the one before it cannot contain, so that no input backtracks.
const component = /^[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*$/;
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/;
const digestPattern = /^sha256:[0-9a-f]{64}$/;
const hostLabel = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;
const ecrHost =
  /^([0-9]{12})\.(?:dkr\.ecr(?:-fips)?\.([a-z]{2}(?:-[a-z]+)+-[0-9])\.(amazonaws\.com(?:\.cn)?)|dkr-ecr\.([a-z]{2}(?:-[a-z]+)+-[0-9])\.(on\.aws))$/;
const ecrLookalike = /\.dkr[.-]ecr(?:-fips)?\./;

function fail(reason: string): ParsedImageReference {
  return { ok: false, reason };
}

/** Why a host is not a registry's host, or `undefined` where it is. */
function hostFault(host: string): string | undefined {
  const [name = "", port, ...rest] = host.split(":");
  if (rest.length > 0) return `registry "${host}" has more than one port`;
  if (port !== undefined && !(/^[1-9][0-9]{0,4}$/.test(port) && Number(port) <= 65535))
    return `registry "${host}" has no valid port after the colon`;
  if (name.length > 253 || !name.split(".").every((label) => label.length <= 63 && hostLabel.test(label)))
    return `registry "${host}" is not a host name in lower case`;
  return undefined;
}

function parseEcrHost(host: string): EcrRegistry | undefined {
  const match = ecrHost.exec(host);
  const account = match?.[1];
  const region = match?.[2] ?? match?.[4];
  const dnsSuffix = match?.[3] ?? match?.[5];
  if (account === undefined || region === undefined || dnsSuffix === undefined) return undefined;
  const inChina = region.startsWith("cn-");
  return inChina === (dnsSuffix === "amazonaws.com.cn") ? { account, region, dnsSuffix } : undefined;
}

/**
 * Takes a container image reference of any registry apart: `[registry/]repository[:tag][@sha256:digest]`.
 *
 * Strict: nothing is trimmed, lower-cased or guessed. A first part without a dot, a port or the name `localhost` belongs
 * to the repository, as everywhere in the container world; a host that resembles an ECR registry without being one is
 * refused rather than taken for some other registry.
 * @see https://github.com/distribution/reference/blob/main/reference.go (the grammar, read 2026-11-23)
 */
export function parseImageReference(text: string): ParsedImageReference {
  if (text === "") return fail("is empty");
  if (text.length > maxLength) return fail(`is longer than ${maxLength} characters`);
  const foreign = /[^A-Za-z0-9._\-/:@]/u.exec(text)?.[0];
  if (foreign !== undefined)
    return fail(`contains ${JSON.stringify(foreign)}, which no image reference may contain`);

  const [named = "", digest, ...moreDigests] = text.split("@");
  if (moreDigests.length > 0) return fail('has more than one "@"');
  if (digest !== undefined && !digestPattern.test(digest))
    return fail('needs "sha256:" and 64 digits of 0-9 and a-f after the "@"');

  const lastSlash = named.lastIndexOf("/");
  const colon = named.indexOf(":", lastSlash + 1);
  const name = colon === -1 ? named : named.slice(0, colon);
  const tag = colon === -1 ? undefined : named.slice(colon + 1);
  if (tag !== undefined && !(tagPattern.test(tag) && tag.length <= maxTagLength))
    return fail(
      `needs a tag of 1 to ${maxTagLength} letters, digits, ".", "_" or "-" after the ":", starting with a letter, a digit or "_"`,
    );
  if (name.length > maxNameLength) return fail(`has a name longer than ${maxNameLength} characters`);

  const parts = name.split("/");
  const first = parts[0] ?? "";
  const hasHost = parts.length > 1 && (/[.:]/.test(first) || first === "localhost");
  const host = hasHost ? first : "docker.io";
  const path = hasHost ? parts.slice(1) : parts;
  const fault = hostFault(host);
  if (fault !== undefined) return fail(fault);
  const bad = path.find((part) => !component.test(part));
  if (bad !== undefined)
    return fail(
      `has "${bad}" in its repository: each part between slashes is lower-case letters and digits, joined by ".", "_", "__" or "-"`,
    );

  const ecr = parseEcrHost(host);
  if (ecr === undefined && ecrLookalike.test(host))
    return fail(`registry "${host}" is not <12-digit account>.dkr.ecr.<region>.amazonaws.com`);

  const registry = host === "index.docker.io" ? "docker.io" : host;
  const official = registry === "docker.io" && path.length === 1;
  const repository = official ? `library/${path.join("/")}` : path.join("/");
  // Docker reads 64 hexadecimal digits as an image's id, never as a repository.
  if (!hasHost && /^[0-9a-f]{64}$/.test(name)) return fail("is an image id, not a reference to a registry");

  return {
    ok: true,
    image: {
      registry,
      repository,
      ...(tag === undefined ? {} : { tag }),
      ...(digest === undefined ? {} : { digest }),
      ...(ecr === undefined ? {} : { ecr }),
    },
  };
}

/** Whether the text is a well-formed reference to an image in a private Amazon ECR registry. */
export function isEcrImage(text: string): boolean {
  const parsed = parseImageReference(text);
  return parsed.ok && parsed.image.ecr !== undefined;
}
