import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { devNull, tmpdir } from "node:os";
import { join } from "node:path";
import { resolveCase, resourcesOf, writeStacks, type StackDocument } from "../modules/conformance";
import { runTerraform, Stage, startOfflineProviders, type OfflineSession } from "../modules/offline";
import { installedProviders } from "../modules/offline/provider-packages";
import type { Block, CtyType, Nesting } from "../modules/offline/schema";
import { SchemaReader } from "../modules/offline/schema-reader";
import { run } from "../modules/process/run";
import { FOUNDATION } from "../modules/stack/names";
import { targets } from "../targets";
import { CACHE, describeWithTerraform } from "./offline/support";
import { EXAMPLES } from "./support/examples";

/** Downloads three providers, hundreds of megabytes. */
const TIMEOUT_MS = 20 * 60_000;

const REGISTRY = "https://registry.terraform.io/.well-known/terraform.json";

/** `describe`, or `describe.skip` where the Terraform registry does not answer within three seconds. */
const describeWithRegistry =
  spawnSync("curl", ["--silent", "--fail", "--max-time", "3", "--output", devNull, REGISTRY]).status === 0
    ? describe
    : describe.skip;

/** The example that stands for each target: the one with the most around it. */
const EXAMPLE_OF: Readonly<Record<string, string>> = {
  "sagemaker-realtime": "sentiment",
  lambda: "sentiment",
  "ecs-fargate": "sentiment",
  eks: "onnx",
  "sagemaker-batch": "sentiment",
  docker: "onnx",
};

/** The Docker provider asks its daemon for a sign of life before it plans anything. */
const NEEDS_A_DAEMON = ["docker"];

/**
 * What lets the providers plan without an account and without a cluster. An override file replaces attributes one by
 * one; null takes one away. The Kubernetes provider would refuse a made-up certificate, and calls no cluster to plan
 * resources whose schema it knows.
 * @see https://developer.hashicorp.com/terraform/language/files/override (read 2026-11)
 */
const WITHOUT_CREDENTIALS: Readonly<Record<string, object>> = {
  aws: {
    access_key: "mock",
    secret_key: "mock",
    allowed_account_ids: null,
    skip_credentials_validation: true,
    skip_metadata_api_check: true,
    skip_region_validation: true,
    skip_requesting_account_id: true,
  },
  kubernetes: { host: "https://kubernetes.invalid", token: "mock", cluster_ca_certificate: null },
};

/** A synthesized stack as a real provider can plan it: its backend dropped, and what it reads made up. */
interface Prepared {
  readonly stack: StackDocument;
  readonly dir: string;
}

async function prepare(session: OfflineSession, kind: string, folder: string): Promise<readonly Prepared[]> {
  const example = EXAMPLES.find(({ name }) => name === EXAMPLE_OF[kind]);
  if (example === undefined) throw new Error(`no example for ${kind}`);
  const out = join(folder, "out");
  const resolution = resolveCase({
    registry: targets,
    target: kind,
    environment: null,
    manifest: example.file,
  });
  const stacks = writeStacks(resolution, out);
  // What the target's stack reads is applied in one place, and the foundation planned as a new one in another.
  const applied = new Stage(session, join(folder, "applied"));
  const fresh = new Stage(session, join(folder, "fresh"));
  return Promise.all(
    stacks.map(async (stack) => {
      const stage = stack.name.endsWith(`-${FOUNDATION}`) ? fresh : applied;
      return { stack, dir: await stage.add(join(out, "stacks", stack.name)) };
    }),
  );
}

/** Overrides the settings of the providers that a stack configures. */
function dropCredentials({ stack, dir }: Prepared): void {
  const configured = Object.keys(stack.document.provider ?? {});
  const provider = Object.fromEntries(
    Object.entries(WITHOUT_CREDENTIALS).filter(([name]) => configured.includes(name)),
  );
  writeFileSync(join(dir, "override.tf.json"), JSON.stringify({ provider }));
}

/** Arguments of a plan for a stack whose image is built outside of Terraform. */
function variablesOf({ document }: StackDocument): readonly string[] {
  return "variable" in document ? [`-var=image_digest=sha256:${"1".repeat(64)}`] : [];
}

/** A block of `terraform providers schema -json`. Flags that are absent are false. */
interface PublishedBlock {
  readonly attributes?: Readonly<Record<string, PublishedAttribute>>;
  readonly block_types?: Readonly<
    Record<string, { readonly nesting_mode: string; readonly block: PublishedBlock }>
  >;
}

interface PublishedAttribute {
  readonly type?: CtyType;
  readonly nested_type?: {
    readonly attributes: Readonly<Record<string, PublishedAttribute>>;
    readonly nesting_mode: Nesting;
  };
  readonly required?: boolean;
  readonly optional?: boolean;
  readonly computed?: boolean;
}

interface PublishedSchemas {
  readonly provider_schemas: Readonly<
    Record<
      string,
      { readonly resource_schemas?: Readonly<Record<string, { readonly block: PublishedBlock }>> }
    >
  >;
}

/** How the schema that was derived for each type differs from the one that its provider publishes. */
function schemaDifferences(types: readonly string[], published: PublishedSchemas): readonly string[] {
  return types.flatMap((type) => {
    const provider = installedProviders().find(({ prefix }) => type.startsWith(`${prefix}_`));
    const ours = provider && new SchemaReader(provider, CACHE).read("resource", type);
    const theirs = published.provider_schemas[provider?.address ?? ""]?.resource_schemas?.[type];
    if (ours === undefined || theirs === undefined)
      return [`${type}: ${ours === undefined ? "not derived" : "not published"}`];
    return blockDifferences(type, shapeOf(ours), publishedShape(theirs.block));
  });
}

/** What both sides say of a block; bounds, sensitivity and write-only attributes cannot be derived. */
interface Shape {
  readonly attributes: ReadonlyMap<string, string>;
  readonly blocks: ReadonlyMap<string, { readonly nesting: string; readonly shape: Shape }>;
}

function shapeOf({ attributes, blocks }: Block): Shape {
  return {
    attributes: new Map(
      attributes.map(({ name, type, ...flags }) => [name, describeAttribute(type, flags)] as const),
    ),
    blocks: new Map(blocks.map(({ name, nesting, block }) => [name, { nesting, shape: shapeOf(block) }])),
  };
}

function publishedShape({ attributes = {}, block_types: blocks = {} }: PublishedBlock): Shape {
  return {
    attributes: new Map(
      Object.entries(attributes).map(([name, attribute]) => [
        name,
        describeAttribute(publishedType(attribute), attribute),
      ]),
    ),
    blocks: new Map(
      Object.entries(blocks).map(([name, { nesting_mode: nesting, block }]) => [
        name,
        { nesting, shape: publishedShape(block) },
      ]),
    ),
  };
}

function publishedType({ type, nested_type: nested }: PublishedAttribute): CtyType {
  if (nested === undefined) return type ?? "dynamic";
  const fields = Object.entries(nested.attributes).map(
    ([name, attribute]) => [name, publishedType(attribute)] as const,
  );
  const object: CtyType = ["object", Object.fromEntries(fields)];
  return nested.nesting_mode === "single" ? object : [nested.nesting_mode, object];
}

function describeAttribute(
  type: CtyType,
  flags: Pick<PublishedAttribute, "required" | "optional" | "computed">,
) {
  const set = (["required", "optional", "computed"] as const).filter((flag) => flags[flag] === true);
  return `${set.join(" and ")} ${typeText(type)}`;
}

function typeText(type: CtyType): string {
  if (typeof type === "string") return type;
  if (type[0] !== "object") return `${type[0]}(${typeText(type[1])})`;
  const fields = Object.entries(type[1]).map(([name, field]) => `${name}: ${typeText(field)}`);
  return `{ ${fields.sort().join(", ")} }`;
}

function blockDifferences(at: string, ours: Shape, theirs: Shape): readonly string[] {
  const names = (which: "attributes" | "blocks") =>
    [...new Set([...ours[which].keys(), ...theirs[which].keys()])].sort();
  return [
    ...names("attributes").flatMap((name) =>
      difference(`${at}.${name}`, ours.attributes.get(name), theirs.attributes.get(name)),
    ),
    ...names("blocks").flatMap((name) => {
      const [own, other] = [ours.blocks.get(name), theirs.blocks.get(name)];
      const text = (block: typeof own) => block && `${block.nesting} block`;
      return [
        ...difference(`${at}.${name}`, text(own), text(other)),
        ...(own && other ? blockDifferences(`${at}.${name}`, own.shape, other.shape) : []),
      ];
    }),
  ];
}

function difference(at: string, own: string | undefined, other: string | undefined): readonly string[] {
  return own === other ? [] : [`${at}: derived ${own ?? "nothing"}, published ${other ?? "nothing"}`];
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "real-providers-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("an example stands for every target", () => {
  expect(Object.keys(EXAMPLE_OF)).toEqual(targets.map(({ kind }) => kind));
});

describeWithTerraform("how the real providers are asked, tried offline", () => {
  let session: OfflineSession;
  beforeAll(async () => {
    session = await startOfflineProviders({ cacheDir: CACHE });
  });
  afterAll(() => session.dispose());

  async function terraform(dir: string, ...args: string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await runTerraform(session, dir, args);
    if (exitCode !== 0) throw new Error(`terraform ${args.join(" ")}:\n${stderr}`);
    return stdout;
  }

  test("an override takes credentials and cluster out of what the stacks configure, and nothing else", async () => {
    const settings: unknown[] = [];
    for (const prepared of await prepare(session, "eks", join(folder, "override"))) {
      dropCredentials(prepared);
      await terraform(prepared.dir, "plan", "-out=plan.bin", ...variablesOf(prepared.stack));
      const { configuration } = JSON.parse(await terraform(prepared.dir, "show", "-json", "plan.bin")) as {
        readonly configuration: {
          readonly provider_config: Readonly<
            Record<string, { readonly expressions?: Readonly<Record<string, unknown>> }>
          >;
        };
      };
      settings.push(
        Object.fromEntries(
          Object.entries(configuration.provider_config)
            .filter(([, { expressions }]) => expressions !== undefined)
            .map(([name, { expressions }]) => [name, expressions]),
        ),
      );
    }
    const constant = (value: unknown) => ({ constant_value: value });
    const aws = {
      region: constant("eu-west-1"),
      access_key: constant("mock"),
      secret_key: constant("mock"),
      skip_credentials_validation: constant(true),
      skip_metadata_api_check: constant(true),
      skip_region_validation: constant(true),
      skip_requesting_account_id: constant(true),
      allowed_account_ids: constant(null),
      default_tags: [{ tags: expect.anything() as unknown }],
    };
    expect(settings).toEqual([
      {
        aws,
        kubernetes: {
          host: constant("https://kubernetes.invalid"),
          token: constant("mock"),
          cluster_ca_certificate: constant(null),
          exec: [expect.anything()],
        },
      },
      { aws },
    ]);
  });

  test("every difference between a derived schema and a published one is told", async () => {
    const prepared = await prepare(session, "lambda", join(folder, "schemas"));
    const types = [...new Set(prepared.flatMap(({ stack }) => resourcesOf(stack)).map(({ type }) => type))];
    for (const { dir } of prepared) await session.announce(dir);
    const text = await terraform(prepared[0]?.dir ?? "", "providers", "schema", "-json");
    const read = () => JSON.parse(text) as PublishedSchemas;
    expect(schemaDifferences(types, read())).toEqual([]);

    // What a newer provider could have changed.
    const changed = read();
    const resources = changed.provider_schemas["registry.terraform.io/hashicorp/aws"]?.resource_schemas ?? {};
    const { attributes = {}, block_types: blocks = {} } = resources.aws_lambda_function?.block ?? {};
    Object.assign(attributes, {
      role: { type: "string", optional: true, computed: true },
      layers: { type: ["set", "string"], optional: true },
      brand_new: {
        nested_type: { nesting_mode: "list", attributes: { size: { type: "number" } } },
        optional: true,
      },
    });
    Object.assign(blocks, { image_config: { ...blocks.image_config, nesting_mode: "single" } });
    delete (blocks.vpc_config?.block.attributes as Record<string, unknown> | undefined)?.subnet_ids;
    expect(schemaDifferences([...types, "aws_no_such_thing"], changed)).toEqual([
      "aws_lambda_function.brand_new: derived nothing, published optional list({ size: number })",
      "aws_lambda_function.layers: derived optional list(string), published optional set(string)",
      "aws_lambda_function.role: derived required string, published optional and computed string",
      "aws_lambda_function.image_config: derived list block, published single block",
      "aws_lambda_function.vpc_config.subnet_ids: derived required set(string), published nothing",
      "aws_no_such_thing: not derived",
    ]);
  });

  describeWithRegistry("with the providers of the Terraform registry", () => {
    let cache: string;
    beforeAll(() => {
      cache = join(folder, "plugins");
      mkdirSync(cache);
    });

    /** Terraform without the stand-ins, and without whatever accounts and clusters this machine knows. */
    async function real(dir: string, ...args: string[]): Promise<string> {
      const { exitCode, stdout, stderr } = await run("terraform", args, {
        cwd: dir,
        env: {
          ...Object.fromEntries(
            Object.entries(process.env).filter(([name]) => !/^(?:AWS|DOCKER|KUBE|TF)_/.test(name)),
          ),
          HOME: folder,
          AWS_EC2_METADATA_DISABLED: "true",
          CHECKPOINT_DISABLE: "1",
          TF_IN_AUTOMATION: "1",
          TF_INPUT: "0",
          TF_PLUGIN_CACHE_DIR: cache,
          // Without a lock file Terraform would download again what lies in the cache.
          TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE: "true",
        },
      });
      if (exitCode !== 0) throw new Error(`terraform ${args.join(" ")}:\n${stderr}`);
      return stdout;
    }

    test.each(targets.map(({ kind }) => kind))(
      "%s is valid, and planned without credentials",
      async (kind) => {
        for (const prepared of await prepare(session, kind, join(folder, kind))) {
          const { stack, dir } = prepared;
          await real(dir, "init", "-no-color");
          const { diagnostics } = JSON.parse(await real(dir, "validate", "-json")) as {
            readonly diagnostics: readonly unknown[];
          };
          expect(diagnostics).toEqual([]);
          if (NEEDS_A_DAEMON.includes(kind)) continue;
          dropCredentials(prepared);
          const plan = await real(dir, "plan", "-no-color", ...variablesOf(stack));
          expect(plan).toContain(`Plan: ${resourcesOf(stack).length} to add, 0 to change, 0 to destroy.`);
        }
      },
      TIMEOUT_MS,
    );

    test(
      "publish the schemas that were derived for the types in use",
      async () => {
        const used = targets.map(async ({ kind }) => prepare(session, kind, join(folder, `types-${kind}`)));
        const stacks = (await Promise.all(used)).flat();
        const types = new Set(stacks.flatMap(({ stack }) => resourcesOf(stack)).map(({ type }) => type));
        const dir = join(folder, "all");
        mkdirSync(dir);
        const required_providers = Object.fromEntries(
          installedProviders().map(({ prefix, address, version }) => [prefix, { source: address, version }]),
        );
        writeFileSync(join(dir, "main.tf.json"), JSON.stringify({ terraform: { required_providers } }));
        await real(dir, "init", "-no-color");
        const published = JSON.parse(await real(dir, "providers", "schema", "-json")) as PublishedSchemas;
        expect(schemaDifferences([...types].sort(), published)).toEqual([]);
      },
      TIMEOUT_MS,
    );
  });
});
