import fc from "fast-check";
import { isEcrImage, parseImageReference, type ImageReference } from "../../modules/aws/image-reference";

const hex = "0123456789abcdef".repeat(4);
const digest = `sha256:${hex}`;
const ecr = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";

function image(text: string): ImageReference {
  const parsed = parseImageReference(text);
  if (!parsed.ok) throw new Error(`${text} ${parsed.reason}`);
  return parsed.image;
}

function reason(text: string): string {
  const parsed = parseImageReference(text);
  if (parsed.ok) throw new Error(`${text} was taken for ${JSON.stringify(parsed.image)}`);
  return parsed.reason;
}

describe("parseImageReference", () => {
  test("ECR by digest", () => {
    expect(image(`${ecr}/fraud@${digest}`)).toStrictEqual({
      registry: ecr,
      repository: "fraud",
      digest,
      ecr: { account: "123456789012", region: "eu-west-1", dnsSuffix: "amazonaws.com" },
    });
  });

  test("ECR by tag and digest, with a path", () => {
    expect(image(`${ecr}/team-a/models/fraud:1.4.2_rc-1@${digest}`)).toStrictEqual({
      registry: ecr,
      repository: "team-a/models/fraud",
      tag: "1.4.2_rc-1",
      digest,
      ecr: { account: "123456789012", region: "eu-west-1", dnsSuffix: "amazonaws.com" },
    });
  });

  test.each([
    ["123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/a", "cn-north-1", "amazonaws.com.cn"],
    ["123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com/a", "us-gov-west-1", "amazonaws.com"],
    ["123456789012.dkr.ecr.ap-southeast-7.amazonaws.com/a", "ap-southeast-7", "amazonaws.com"],
    ["123456789012.dkr-ecr.eu-west-1.on.aws/a", "eu-west-1", "on.aws"],
  ])("%s is in %s", (text, region, dnsSuffix) => {
    expect(image(text).ecr).toStrictEqual({ account: "123456789012", region, dnsSuffix });
    expect(isEcrImage(text)).toBe(true);
  });

  test.each([
    ["nginx", { registry: "docker.io", repository: "library/nginx" }],
    ["nginx:1.27", { registry: "docker.io", repository: "library/nginx", tag: "1.27" }],
    ["docker.io/nginx", { registry: "docker.io", repository: "library/nginx" }],
    ["index.docker.io/library/nginx", { registry: "docker.io", repository: "library/nginx" }],
    ["vllm/vllm-openai:v0.9.0", { registry: "docker.io", repository: "vllm/vllm-openai", tag: "v0.9.0" }],
    ["a__b/c_d.e--f", { registry: "docker.io", repository: "a__b/c_d.e--f" }],
    ["ghcr.io/org/app/sub:sha-1", { registry: "ghcr.io", repository: "org/app/sub", tag: "sha-1" }],
    [
      "public.ecr.aws/aws-cli/aws-cli:2.31.0",
      { registry: "public.ecr.aws", repository: "aws-cli/aws-cli", tag: "2.31.0" },
    ],
    [
      "nvcr.io/nvidia/tritonserver:25.09-py3",
      { registry: "nvcr.io", repository: "nvidia/tritonserver", tag: "25.09-py3" },
    ],
    ["localhost/app", { registry: "localhost", repository: "app" }],
    ["localhost:5000/app:dev", { registry: "localhost:5000", repository: "app", tag: "dev" }],
    ["registry:5000/app", { registry: "registry:5000", repository: "app" }],
    ["10.0.0.1:65535/app", { registry: "10.0.0.1:65535", repository: "app" }],
    ["123456789012/app", { registry: "docker.io", repository: "123456789012/app" }],
    [`nginx@${digest}`, { registry: "docker.io", repository: "library/nginx", digest }],
  ])("%s", (text, expected) => {
    expect(image(text)).toStrictEqual(expected);
    expect(isEcrImage(text)).toBe(false);
  });

  test.each([
    ["", "is empty"],
    [" nginx", 'contains " "'],
    ["nginx ", 'contains " "'],
    ["nginx\n", 'contains "\\n"'],
    ["nginx\u0000", 'contains "\\u0000"'],
    ["nginx:１", "contains"],
    ["ngіnx", "contains"],
    ["💥", "contains"],
    ["${TfToken[TOKEN.0]}", 'contains "$"'],
    ["%{ if true }", 'contains "%"'],
    ["https://ghcr.io/org/app", "no valid port"],
    ["nginx;id", 'contains ";"'],
    ["nginx:1:2", "needs a tag"],
    ["nginx:", "needs a tag"],
    ["nginx:-1", "needs a tag"],
    ["nginx:.1", "needs a tag"],
    [`nginx:${"a".repeat(129)}`, "needs a tag of 1 to 128"],
    ["nginx@", "sha256"],
    ["nginx@sha256:abc", "sha256"],
    [`nginx@sha256:${hex.toUpperCase()}`, "sha256"],
    [`nginx@sha512:${hex}${hex}`, "sha256"],
    [`nginx@${digest}0`, "sha256"],
    [`nginx@${digest}@${digest}`, 'more than one "@"'],
    [`@${digest}`, "in its repository"],
    [":1", "in its repository"],
    ["/nginx", "in its repository"],
    ["nginx/", "in its repository"],
    ["a//b", "in its repository"],
    ["../nginx", "registry"],
    ["a/../b", "in its repository"],
    ["a/.b", "in its repository"],
    ["a/b_", "in its repository"],
    ["a/b___c", "in its repository"],
    ["a/b..c", "in its repository"],
    ["Nginx", "in its repository"],
    ["ghcr.io/Org/app", "in its repository"],
    ["GHCR.io/org/app", "lower case"],
    ["ghcr.io", undefined],
    ["ghcr.io/", "in its repository"],
    ["ghcr.io:/app", "no valid port"],
    ["ghcr.io:0/app", "no valid port"],
    ["ghcr.io:65536/app", "no valid port"],
    ["ghcr.io:5x/app", "no valid port"],
    ["ghcr.io:1:2/app", "more than one port"],
    ["-ghcr.io/app", "host name"],
    ["ghcr..io/app", "host name"],
    [`${"a".repeat(64)}.io/app`, "host name"],
    [hex, "image id"],
    ["a".repeat(256), "longer than 255"],
    ["a".repeat(10_000_000), "longer than"],
  ])("%.60j: %s", (text, part) => {
    if (part === undefined) expect(image(text).repository).toBe("library/ghcr.io");
    else expect(reason(text)).toContain(part);
  });

  test.each([
    "12345678901.dkr.ecr.eu-west-1.amazonaws.com/a",
    "1234567890123.dkr.ecr.eu-west-1.amazonaws.com/a",
    "123456789012.dkr.ecr.eu-west-1.amazonaws.com.evil.com/a",
    "123456789012.dkr.ecr.eu-west-1.amazonaws.com:443/a",
    "123456789012.dkr.ecr.eu-west-1.amazonaws.com.cn/a",
    "123456789012.dkr.ecr.cn-north-1.amazonaws.com/a",
    "123456789012.dkr.ecr.amazonaws.com/a",
    "123456789012.dkr.ecr.euwest1.amazonaws.com/a",
    "evil.123456789012.dkr.ecr.eu-west-1.amazonaws.com/a",
    "123456789012.dkr-ecr.cn-north-1.on.aws/a",
  ])("%s only resembles ECR", (text) => {
    expect(reason(text)).toContain("is not <12-digit account>.dkr.ecr.<region>.amazonaws.com");
    expect(isEcrImage(text)).toBe(false);
  });

  test("hostile lengths take no time", () => {
    const started = performance.now();
    for (const text of [
      `${"a-".repeat(127)}!`,
      `${"a_".repeat(120)}.`,
      `a/${"-".repeat(250)}`,
      `${"a.".repeat(120)}/b`,
    ])
      parseImageReference(text);
    expect(performance.now() - started).toBeLessThan(200);
  });

  test("whatever is accepted can be written back and is read the same", () => {
    const part = fc.stringMatching(/^[a-z0-9]{1,8}([._-][a-z0-9]{1,8})?$/);
    const host = fc.option(fc.constantFrom("ghcr.io", "localhost:5000", ecr, "public.ecr.aws"), {
      nil: undefined,
    });
    const tag = fc.option(fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,20}$/), { nil: undefined });
    fc.assert(
      fc.property(host, part, part, tag, fc.boolean(), (registry, first, second, label, pinned) => {
        // A first part with a dot is a host by the grammar; here only `host` makes one.
        const name = [...(registry === undefined ? [] : [registry]), first.replaceAll(".", "-"), second].join(
          "/",
        );
        const text = `${name}${label === undefined ? "" : `:${label}`}${pinned ? `@${digest}` : ""}`;
        const read = image(text);
        const written = `${read.registry}/${read.repository}${read.tag === undefined ? "" : `:${read.tag}`}${read.digest === undefined ? "" : `@${read.digest}`}`;
        expect(written).toBe(registry === undefined ? `docker.io/${text}` : text);
        expect(image(written)).toStrictEqual(read);
      }),
    );
  });

  test("never throws, whatever the text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 80 }), (text) => {
        const parsed = parseImageReference(text);
        if (!parsed.ok) expect(parsed.reason).not.toBe("");
      }),
    );
  });
});
