import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  resolveCase,
  resourcesOf,
  synthesizeStacks,
  writeStacks,
  type JsonObject,
  type Resource,
  type StackDocument,
} from "../modules/conformance";
import { NAME_RULES } from "../modules/conformance/names";
import { formatIssue } from "../modules/issues/issue";
import type { Data } from "../modules/manifest/data";
import { runTerraform, Stage, startOfflineProviders, type OfflineSession } from "../modules/offline";
import type { Resolution } from "../modules/plan/resolve";
import { FOUNDATION } from "../modules/stack/names";
import { targets } from "../targets";
import { CACHE, describeWithTerraform } from "./offline/support";
import { REPLACED } from "./support/replaced";
import { baseManifest } from "./support/synth";

type Manifest = Readonly<Record<string, unknown>>;

const ACCOUNT = "123456789012";
const IMAGE = `${ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/fraud`;
const digest = (digit: string) => `sha256:${digit.repeat(64)}`;

const tracking = (metric: string, target: number) => ({ type: "target-tracking", metric, target });
const scaled = (metric: string, target: number) => ({
  min: 1,
  max: 4,
  policies: [tracking(metric, target), { type: "scheduled", cron: "0 8 ? * MON-FRI *", min: 2 }],
});

const network = {
  vpcId: "vpc-0a1b2c3d4e5f60718",
  subnetIds: ["subnet-0a1b2c3d4e5f60718", "subnet-0b1c2d3e4f5061728"],
};

/** How a model runs on each target, with as much around it as the target takes. */
const SETTINGS: Readonly<Record<string, { readonly target: string; readonly manifest: Manifest }>> = {
  "sagemaker-realtime": {
    target: "sagemaker-realtime",
    manifest: {
      scaling: scaled("cpu", 60),
      rollout: { strategy: "canary" },
      observability: { dataCapture: 10 },
    },
  },
  "sagemaker-realtime (variants)": {
    target: "sagemaker-realtime",
    manifest: {
      scaling: scaled("cpu", 60),
      rollout: { strategy: "linear", step: 50 },
      targets: {
        "sagemaker-realtime": {
          instanceType: "ml.m5.xlarge",
          variants: [
            { name: "candidate", percent: 20, environment: { MODE: "fast" }, scaling: { min: 1, max: 2 } },
            { name: "big", percent: 0, instanceType: "ml.m5.2xlarge" },
          ],
        },
      },
    },
  },
  "sagemaker-realtime (shadow)": {
    target: "sagemaker-realtime",
    manifest: {
      observability: { dataCapture: 10 },
      targets: { "sagemaker-realtime": { shadow: { percent: 50, environment: { MODE: "fast" } } } },
    },
  },
  "sagemaker-realtime (serverless)": {
    target: "sagemaker-realtime",
    manifest: {
      scaling: { min: 1, max: 4, policies: [tracking("provisioned-concurrency-utilization", 70)] },
      targets: { "sagemaker-realtime": { mode: "serverless", provisionedConcurrency: 2 } },
    },
  },
  "sagemaker-realtime (async)": {
    target: "sagemaker-realtime",
    manifest: {
      scaling: { min: 0, max: 4, policies: [tracking("concurrency", 2)] },
      targets: { "sagemaker-realtime": { mode: "async" } },
    },
  },
  lambda: {
    target: "lambda",
    manifest: {
      scaling: scaled("provisioned-concurrency-utilization", 70),
      network,
      targets: { lambda: { functionUrl: true } },
    },
  },
  "lambda (canary)": {
    target: "lambda",
    manifest: {
      rollout: { strategy: "canary", step: 20 },
      targets: { lambda: { provisionedConcurrency: 2 } },
    },
  },
  "ecs-fargate": {
    target: "ecs-fargate",
    manifest: {
      scaling: scaled("cpu", 60),
      network,
      targets: { "ecs-fargate": { spot: 50 } },
    },
  },
  "ecs-fargate (canary)": {
    target: "ecs-fargate",
    manifest: {
      scaling: scaled("invocations-per-instance", 600),
      rollout: { strategy: "canary" },
      network,
    },
  },
  eks: {
    target: "eks",
    manifest: {
      scaling: { min: 1, max: 4, policies: [tracking("cpu", 60)] },
      network,
      targets: { eks: {} },
    },
  },
  "eks (existing cluster)": {
    target: "eks",
    manifest: {
      account: ACCOUNT,
      scaling: scaled("cpu", 60),
      targets: { eks: { cluster: "shared", containerInsights: true } },
    },
  },
  "sagemaker-batch": {
    target: "sagemaker-batch",
    manifest: {
      targets: {
        "sagemaker-batch": {
          input: "s3://in/",
          output: "s3://out/",
          schedule: "cron(0 2 * * ? *)",
          onArrival: true,
        },
      },
    },
  },
  docker: { target: "docker", manifest: {} },
};

/** A release: what changes of the model, from the first version to the second. */
interface Release {
  readonly model: (version: 1 | 2) => Manifest;
  /** Content of `model/weights`, where the artifact is a local folder. */
  readonly weights?: (version: 1 | 2) => string;
  /** Value of the variable `image_digest`. */
  readonly imageDigest?: (version: 1 | 2) => string;
  /** Content of `server/Dockerfile`, where the image is built. */
  readonly dockerfile?: (version: 1 | 2) => string;
  /** Targets that cannot have it. */
  readonly not?: readonly string[];
  /** The only targets that can have it. */
  readonly only?: readonly string[];
}

const image = `${IMAGE}@${digest("a")}`;
const RELEASES: Readonly<Record<string, Release>> = {
  "a new image": { model: (version) => ({ image: `${IMAGE}@${digest(String(version))}` }) },
  "a new build": {
    model: () => ({ build: { context: "server" } }),
    imageDigest: (version) => digest(String(version)),
    not: ["docker"],
  },
  "a new Dockerfile": {
    model: () => ({ build: { context: "server" } }),
    dockerfile: (version) => `FROM scratch\nLABEL version=${version}\n`,
    only: ["docker"],
  },
  "a new artifact": {
    model: (version) => ({ image, artifact: `s3://models/fraud/${version}/model.tar.gz` }),
    not: ["lambda", "docker"],
  },
  "a new local artifact": {
    model: () => ({ image, artifact: "model" }),
    weights: (version) => `weights of version ${version}`,
    not: ["lambda"],
  },
  "a new variable": {
    model: (version) => ({ image, environment: { LOG_LEVEL: version === 1 ? "info" : "debug" } }),
  },
};

const CASES = Object.entries(SETTINGS).flatMap(([setting, { target, manifest }]) =>
  Object.entries(RELEASES)
    .filter(([, { not = [], only = [target] }]) => !not.includes(target) && only.includes(target))
    .map(([what, release]) => ({ setting, what, target, manifest, release })),
);
type Case = (typeof CASES)[number];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "update-safety-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** One version of a model; its files lie in a folder of their own. */
function version(number: 1 | 2, { setting, what, target, manifest, release }: Case): Resolution {
  const directory = join(folder, `${setting} ${what} ${number}`.replace(/[^a-z0-9]+/g, "-"));
  for (const [name, file, content] of [
    ["server", "Dockerfile", release.dockerfile?.(number) ?? "FROM scratch\n"],
    ["model", "weights", release.weights?.(number) ?? ""],
  ] as const) {
    mkdirSync(join(directory, name), { recursive: true });
    writeFileSync(join(directory, name, file), content);
  }
  const data = {
    ...baseManifest({ resources: { cpu: 2, memory: "4Gi" } }),
    ...manifest,
    model: release.model(number),
  };
  const resolution = resolveCase({
    registry: targets,
    target,
    environment: null,
    manifest: { data: data as Data, directory },
  });
  const errors = resolution.issues.filter(({ severity }) => severity === "error");
  if (errors.length > 0) throw new Error(errors.map(formatIssue).join("\n"));
  return resolution;
}

/** Resources of SageMaker that cannot be changed, only replaced: under a new name, and before the old one goes. */
const RENEWED = ["aws_sagemaker_model", "aws_sagemaker_endpoint_configuration"];

function createsBeforeDestroying({ lifecycle }: JsonObject): boolean {
  return typeof lifecycle === "object" && lifecycle !== null && "create_before_destroy" in lifecycle
    ? lifecycle.create_before_destroy === true
    : false;
}

/** Names as they are written, by address. */
function names(
  stacks: readonly StackDocument[],
  wanted: (resource: Resource) => boolean,
): Record<string, unknown> {
  return Object.fromEntries(
    stacks.flatMap((stack) =>
      resourcesOf(stack)
        .filter(wanted)
        .map(({ type, address, config }) => {
          const { metadata } = config;
          return [
            `${stack.name} ${address}`,
            metadata ?? config[NAME_RULES[type]?.attribute ?? "name"] ?? null,
          ] as const;
        }),
    ),
  );
}

describe.each(CASES)("$setting: $what", (given) => {
  test("keeps every name but those of what cannot be changed", () => {
    const [first, second] = ([1, 2] as const).map(
      (number) => synthesizeStacks(version(number, given)).stacks,
    );
    if (first === undefined || second === undefined) throw new Error("two versions");
    const isStable = ({ type, config }: Resource) =>
      !RENEWED.includes(type) &&
      // A role of which the old replicas still run under the old rights.
      !(type === "aws_iam_role" && createsBeforeDestroying(config)) &&
      (NAME_RULES[type] !== undefined || type.startsWith("kubernetes_"));
    expect(names(second, isStable)).toEqual(names(first, isStable));

    const renewed = (stacks: readonly StackDocument[]) =>
      Object.entries(names(stacks, ({ type }) => RENEWED.includes(type)));
    const fixed = given.release.imageDigest === undefined;
    for (const [index, [address, name]] of renewed(first).entries()) {
      const [again, next] = renewed(second)[index] ?? [];
      expect(again).toBe(address);
      // The name of an image that only Terraform knows ends in an expression over its digest.
      if (fixed) expect(next).not.toBe(name);
      else expect(next).toMatch(/\$\{substr\(var\.image_digest, 7, 8\)\}$/);
    }
    for (const { type, config } of second.flatMap(resourcesOf)) {
      if (RENEWED.includes(type)) expect(createsBeforeDestroying(config)).toBe(true);
    }
  });
});

interface PlannedChange {
  readonly address: string;
  readonly type: string;
  readonly mode: string;
  readonly change: { readonly actions: readonly string[] };
}

describeWithTerraform("the real terraform, offline", () => {
  let session: OfflineSession;
  beforeAll(async () => {
    session = await startOfflineProviders({ cacheDir: CACHE });
  });
  afterAll(() => session.dispose());

  async function run(stack: string, ...args: string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await runTerraform(session, stack, [...args, "-no-color"]);
    if (exitCode !== 0) throw new Error(`terraform ${args.join(" ")} failed:\n${stderr}${stdout}`);
    return stdout;
  }

  /** What a plan changes. */
  async function planned(stack: string, variables: readonly string[]): Promise<readonly PlannedChange[]> {
    await run(stack, "plan", "-out=plan.bin", ...variables);
    const { resource_changes: changes = [] } = JSON.parse(await run(stack, "show", "-json", "plan.bin")) as {
      resource_changes?: readonly PlannedChange[];
    };
    return changes.filter(({ mode, change }) => mode === "managed" && change.actions.join() !== "no-op");
  }

  test.each(CASES)("$setting: $what takes over without anything live being replaced", async (given) => {
    const work = join(folder, `${given.setting} ${given.what}`.replace(/[^a-z0-9]+/g, "-"));
    // Both versions are written to one place, so that the foundation, which no release changes, is applied once.
    const out = join(work, "out");
    const stage = new Stage(session, join(work, "staged"));
    const write = (number: 1 | 2) => {
      rmSync(out, { recursive: true, force: true });
      const stacks = writeStacks(version(number, given), out);
      const isFoundation = ({ name }: StackDocument) => name.endsWith(`-${FOUNDATION}`);
      const target = stacks.find((stack) => !isFoundation(stack));
      if (target === undefined) throw new Error("no stack");
      const { imageDigest } = given.release;
      const variables =
        "variable" in target.document && imageDigest !== undefined
          ? [`-var=image_digest=${imageDigest(number)}`]
          : [];
      return {
        folder: join(out, "stacks", target.name),
        variables,
        foundation: stacks.find(isFoundation)?.text,
      };
    };

    const first = write(1);
    const before = await stage.add(first.folder);
    await run(before, "apply", "-auto-approve", ...first.variables);

    const second = write(2);
    expect(second.foundation).toBe(first.foundation);
    // A stage copies a stack once; the second one finds the states that the first one left.
    const after = await new Stage(session, join(work, "staged")).add(second.folder);
    expect(after).toBe(before);
    const changes = await planned(after, second.variables);
    expect(changes.length).toBeGreaterThan(0);
    for (const { address, type, change } of changes.filter((each) =>
      each.change.actions.includes("delete"),
    )) {
      expect({ address, actions: change.actions }).toEqual({ address, actions: REPLACED[type] });
    }

    await run(after, "apply", "-auto-approve", ...second.variables);
    // What was applied is what is wanted.
    await run(after, "plan", "-detailed-exitcode", ...second.variables);
  });
});
