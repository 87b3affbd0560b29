import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "cdktf";
import { planManifests } from "../../modules/app/plan";
import { validateManifests } from "../../modules/app/validate";
import { ModelDeployment, SharedFoundation } from "../../modules/deployment/model-deployment";
import { ManifestError } from "../../modules/issues/issue";
import type { ManifestInput } from "../../modules/manifest/schema";
import { definePolicy } from "../../modules/policy/policy";
import { type ManyOptions, synthesizeMany } from "../../modules/synthesis/many";
import { targets } from "../../targets";
import { describeWithTerraform } from "../offline/support";
import { baseManifest } from "../support/synth";

const SHARED = "risk-models-default-foundation";

const asYaml = (manifest: object) => JSON.stringify(manifest, null, 2);

let folder: string;
let manifests: string;
let outdir: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "shared-"));
  manifests = join(folder, "models");
  outdir = join(folder, "out");
  mkdirSync(manifests);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

type Resources = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
interface Document {
  readonly resource: Resources;
  readonly output?: Readonly<Record<string, unknown>>;
  readonly data?: { readonly terraform_remote_state: Readonly<Record<string, { readonly config: unknown }>> };
  readonly provider: {
    readonly aws: readonly { readonly default_tags: readonly { readonly tags: unknown }[] }[];
  };
}

const write = (name: string, target: string, more: Readonly<Record<string, unknown>> = {}) =>
  writeFileSync(
    join(manifests, `${name}.yaml`),
    asYaml(baseManifest({ name, target, foundation: "risk-models", ...more })),
  );
const options = (more: Partial<ManyOptions> = {}): ManyOptions => ({
  manifests: [manifests],
  targets: null,
  environment: null,
  outdir,
  ...more,
});
const document = (stack: string, out = outdir) =>
  JSON.parse(readFileSync(join(out, "stacks", stack, "cdk.tf.json"), "utf8")) as Document;
const text = (stack: string, out = outdir) => readFileSync(join(out, "stacks", stack, "cdk.tf.json"), "utf8");
const written = (stack: string) =>
  statSync(join(outdir, "stacks", stack, "cdk.tf.json"), { bigint: true }).mtimeNs;
const stacks = (out = outdir) =>
  readdirSync(join(out, "stacks"))
    .filter((stack) => readdirSync(join(out, "stacks", stack)).includes("cdk.tf.json"))
    .sort();
const count = ({ resource }: Document, type: string) => Object.keys(resource[type] ?? {}).length;

/** A load balancer, a function, and a model that is built: each needs something else. */
function writeThree(): void {
  mkdirSync(join(manifests, "server"));
  writeFileSync(join(manifests, "server", "Dockerfile"), "FROM scratch\n");
  write("alpha", "ecs-fargate", { tags: { team: "risk", model: "alpha" } });
  write("beta", "lambda", { tags: { team: "risk", model: "beta" } });
  write("gamma", "ecs-fargate", { tags: { team: "risk" }, model: { build: { context: "./server" } } });
}

describe("models that share a foundation", () => {
  test("have one key, topic, log bucket and network, of what all of them need", async () => {
    writeThree();
    const { stacks: made, leftAlone } = await synthesizeMany(options());
    expect(leftAlone).toEqual([]);
    expect(made.map(({ stack }) => stack).sort()).toEqual([
      "alpha-default-ecs-fargate",
      "beta-default-lambda",
      "gamma-default-ecs-fargate",
      "gamma-default-foundation",
      SHARED,
    ]);
    const shared = document(SHARED);
    for (const type of ["aws_kms_key", "aws_sns_topic", "aws_s3_bucket", "aws_vpc"])
      expect([type, count(shared, type)]).toEqual([type, 1]);
    expect(count(shared, "aws_ecr_repository")).toBe(0);
    expect(Object.keys(shared.output ?? {}).sort()).toEqual([
      "access_log_bucket_name",
      "account_id",
      "key_arn",
      "private_subnet_ids",
      "topic_arn",
      "vpc_id",
    ]);
    expect(shared.provider.aws[0]?.default_tags[0]?.tags).toEqual({
      team: "risk",
      "modelport:foundation": "risk-models",
      "modelport:environment": "default",
      "modelport:component": "foundation",
    });
  });

  test("keep what is their own beside it: the registry of an image that is built", async () => {
    writeThree();
    await synthesizeMany(options());
    const own = document("gamma-default-foundation");
    expect(Object.keys(own.resource).sort()).toEqual([
      "aws_ecr_lifecycle_policy",
      "aws_ecr_repository",
      "aws_ecr_repository_policy",
    ]);
    expect(own.resource.aws_ecr_repository?.registry?.encryption_configuration).toEqual([
      {
        encryption_type: "KMS",
        kms_key: "${data.terraform_remote_state.shared-foundation.outputs.key_arn}",
      },
    ]);
    const { data } = document("gamma-default-ecs-fargate");
    expect(data?.terraform_remote_state).toEqual({
      foundation: {
        backend: "local",
        config: { path: "../../../terraform.gamma-default-foundation.tfstate" },
      },
      "shared-foundation": { backend: "local", config: { path: `../../../terraform.${SHARED}.tfstate` } },
    });
  });

  test("are told apart by the account, where their names cannot be", async () => {
    writeThree();
    await synthesizeMany(options());
    const shared = text(SHARED);
    expect(shared).toContain(':log-group:*\\"');
    expect(shared).toContain(':alarm:*\\"');
    expect(shared).not.toContain("risk-models-default-*");
    // Alone, a model's key is for the model only.
    write("delta", "lambda", { foundation: undefined });
    await synthesizeMany(
      options({ manifests: [join(manifests, "delta.yaml")], outdir: join(folder, "alone") }),
    );
    expect(text("delta-default-foundation", join(folder, "alone"))).toContain(":alarm:delta-default-*");
  });

  test("never own one object in the shared bucket", async () => {
    mkdirSync(join(manifests, "weights"));
    writeFileSync(join(manifests, "weights", "model.json"), "{}");
    const image = (baseManifest().model as { readonly image: string }).image;
    for (const name of ["alpha", "beta"])
      write(name, "sagemaker-realtime", {
        model: { image, artifact: "./weights" },
      });
    await synthesizeMany(options());
    const keys = ["alpha", "beta"].map((name) => {
      const { aws_s3_object: objects } = document(`${name}-default-sagemaker-realtime`).resource;
      return Object.values(objects ?? {}).map(({ key }) => String(key));
    });
    expect(keys.map(([key]) => key?.split("/")[0])).toEqual(["alpha-default", "beta-default"]);
    expect(count(document(SHARED), "aws_s3_bucket")).toBe(2);
    // The role reads below its own name only.
    expect(text("alpha-default-sagemaker-realtime")).not.toContain("beta-default");
  });

  test("one alone leaves it as it is, and its own stacks are the same", async () => {
    writeThree();
    await synthesizeMany(options());
    const alone = join(folder, "alone");
    const result = await synthesizeMany(
      options({ manifests: [join(manifests, "alpha.yaml")], outdir: alone }),
    );
    expect(result.leftAlone).toEqual([SHARED]);
    expect(stacks(alone)).toEqual(["alpha-default-ecs-fargate"]);
    expect(text("alpha-default-ecs-fargate", alone)).toBe(text("alpha-default-ecs-fargate"));
  });

  test("it follows its models, and stays untouched where none of them changes it", async () => {
    writeThree();
    await synthesizeMany(options());
    const first = { shared: written(SHARED), alpha: written("alpha-default-ecs-fargate") };
    await synthesizeMany(options());
    expect(written(SHARED)).toBe(first.shared);
    // Of no matter to the foundation.
    write("beta", "lambda", { tags: { team: "risk", model: "beta" }, description: "Scores" });
    await synthesizeMany(options());
    expect(written(SHARED)).toBe(first.shared);
    // Without a load balancer nobody needs a network or logs of one.
    rmSync(join(manifests, "alpha.yaml"));
    rmSync(join(manifests, "gamma.yaml"));
    await synthesizeMany(options());
    expect(written(SHARED)).not.toBe(first.shared);
    expect([count(document(SHARED), "aws_vpc"), count(document(SHARED), "aws_kms_key")]).toEqual([0, 1]);
    expect(stacks()).toEqual(["beta-default-lambda", SHARED]);
  });

  test("it is the same whoever makes it: many processes, or cdktf's app", async () => {
    for (let index = 0; index < 61; index += 1)
      write(`model-${index}`, index % 2 === 0 ? "lambda" : "ecs-fargate");
    await synthesizeMany(options());
    const apart = text(SHARED);
    rmSync(outdir, { recursive: true });
    await synthesizeMany(options({ manifests: [join(manifests, "model-{0,1}.yaml")] }));
    expect(text(SHARED)).toBe(apart);
  });

  test("each environment has its own", async () => {
    const environments = { test: {}, prod: { foundation: "risk-prod" } };
    for (const name of ["alpha", "beta"]) write(name, "lambda", { environments });
    await synthesizeMany(options({ allEnvironments: true }));
    expect(stacks().filter((stack) => stack.endsWith("-foundation"))).toEqual([
      "risk-models-test-foundation",
      "risk-prod-prod-foundation",
    ]);
  });

  test("policies look at what they share, and a member's suppression holds for it", async () => {
    const policies = [
      definePolicy({
        code: "ACME_NO_FLOW_LOGS",
        title: "No network is logged",
        reason: "For this test",
        source: "none",
        asOf: "2026-11-23",
        severity: "error",
        resourceTypes: ["aws_flow_log"],
        *checkStack(stack) {
          for (const { address } of stack.resources("aws_flow_log")) yield { address, message: "is logged" };
        },
      }),
    ];
    write("alpha", "ecs-fargate");
    write("beta", "ecs-fargate");
    await expect(synthesizeMany(options({ policies }))).rejects.toThrow(
      new RegExp(`${SHARED} aws_flow_log.flow-log: is logged \\[ACME_NO_FLOW_LOGS\\]`),
    );
    expect(existsSync(outdir)).toBe(false);
    const suppress = [{ code: "ACME_NO_FLOW_LOGS", reason: "the audit of this year wants them" }];
    write("beta", "ecs-fargate", { policies: { suppress } });
    const { suppressed } = await synthesizeMany(options({ policies }));
    expect(suppressed.map(({ stack, code }) => [stack, code])).toEqual([[SHARED, "ACME_NO_FLOW_LOGS"]]);
  });
});

describe("what does not fit together is refused, and nothing is written", () => {
  const refused = async (more: Partial<ManyOptions> = {}) => {
    try {
      await synthesizeMany(options(more));
    } catch (error) {
      if (error instanceof ManifestError) return error.issues.filter(({ severity }) => severity === "error");
      throw error;
    }
    return [];
  };

  test("different networks, with the place in the second manifest", async () => {
    write("alpha", "ecs-fargate");
    write("beta", "ecs-fargate", { network: { cidr: "10.9.0.0/16" } });
    const [issue, ...others] = await refused();
    expect(others).toEqual([]);
    expect(issue).toMatchObject({
      file: join(manifests, "beta.yaml"),
      path: "network.cidr",
      code: "FOUNDATION_MISMATCH",
      message: `is "10.9.0.0/16", but alpha (${join(manifests, "alpha.yaml")}) shares the foundation "risk-models" and has "10.0.0.0/16"`,
    });
    expect(issue?.line).toBeGreaterThan(1);
    const { issues } = validateManifests([manifests], {
      environment: null,
      targets: null,
      registry: targets,
    });
    expect(issues.filter(({ code }) => code === "FOUNDATION_MISMATCH")).toEqual([issue]);
    expect(existsSync(outdir)).toBe(false);
  });

  test("also where only one of them has changed since", async () => {
    write("alpha", "ecs-fargate");
    write("beta", "ecs-fargate");
    await synthesizeMany(options());
    const before = text("beta-default-ecs-fargate");
    write("beta", "ecs-fargate", {
      network: { cidr: "10.9.0.0/16" },
    });
    const issues = await refused();
    expect(issues.map(({ code, path }) => [code, path])).toContainEqual([
      "FOUNDATION_MISMATCH",
      "network.cidr",
    ]);
    expect(text("beta-default-ecs-fargate")).toBe(before);
  });

  test("a model of the foundation's name that has one of its own", async () => {
    write("alpha", "lambda");
    write("risk-models", "lambda", { foundation: undefined });
    expect((await refused()).map(({ code }) => code)).toEqual(["DUPLICATE_STACK"]);
  });
});

describe("in a program", () => {
  const model = (app: App, name: string, more: Readonly<Record<string, unknown>> = {}) =>
    new ModelDeployment(app, name, {
      manifest: baseManifest({
        name,
        target: "lambda",
        foundation: "risk-models",
        ...more,
      }) as unknown as ManifestInput,
    });

  test("it is made of the models that are given, and applied before them", () => {
    const app = new App({ outdir });
    const models = [model(app, "alpha"), model(app, "beta")];
    const { stack } = new SharedFoundation(app, "foundation", { models });
    expect(stack?.node.id).toBe(SHARED);
    for (const { stacks: own } of models)
      expect(own.map(({ dependencies }) => dependencies.map(({ node }) => node.id))).toEqual([[SHARED]]);
    app.synth();
    expect(count(document(SHARED), "aws_kms_key")).toBe(1);
  });

  test("models of several foundations are refused", () => {
    const app = new App({ outdir });
    const models = [model(app, "alpha"), model(app, "beta", { foundation: "other" })];
    expect(() => new SharedFoundation(app, "foundation", { models })).toThrow(/several foundations/);
  });
});

describeWithTerraform("with Terraform", () => {
  const plan = (patterns: readonly string[]) =>
    planManifests({
      ...options({ manifests: patterns }),
      offline: true,
      base: null,
      allow: [],
      withText: false,
    });

  test("all of it plans, the foundation first, with a cluster of its own in the shared network", async () => {
    writeThree();
    write("delta", "eks");
    const { stacks: planned, notes } = await plan([manifests]);
    expect(planned.map(({ stack, error }) => [stack, error])).toEqual(
      planned.map(({ stack }) => [stack, null]),
    );
    expect(planned.map(({ stack }) => stack)).toContain(SHARED);
    expect(planned.every(({ create }) => create > 0)).toBe(true);
    expect(notes.join("\n")).not.toContain("alone");
  }, 180_000);

  test("one alone is planned on what it would have, and the report says so", async () => {
    writeThree();
    const { notes } = await plan([join(manifests, "alpha.yaml")]);
    expect(notes).toContain(
      `${SHARED} is planned as if this manifest were alone in it; other models share it`,
    );
  }, 120_000);
});
