import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, Aspects, TerraformResource, type IAspect } from "cdktf";
import { createApp, type AppOptions } from "../../modules/app/app";
import { synthesizeManifests } from "../../modules/app/synthesize";
import { ModelDeployment } from "../../modules/deployment/model-deployment";
import { type Issue, ManifestError } from "../../modules/issues/issue";
import type { ManifestInput } from "../../modules/manifest/schema";
import { definePolicy } from "../../modules/policy/policy";
import { baseManifest } from "../support/synth";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "policy-gate-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const NO_RESOURCES = definePolicy({
  code: "ACME_NO_LAMBDA",
  title: "nothing runs on Lambda",
  reason: "the company has decided so",
  source: "https://wiki.acme.example/lambda",
  asOf: "2026-11",
  severity: "error",
  resourceTypes: ["aws_lambda_function"],
  *checkStack(stack) {
    for (const { address } of stack.resources("aws_lambda_function"))
      yield { address, message: "is a function" };
  },
});

/** A manifest on ECS whose task definition breaks one policy of modelport's by its own words. */
const WRITABLE = {
  target: "ecs-fargate",
  targets: { "ecs-fargate": { user: "1000", readOnlyRootFilesystem: false } },
};
const suppress = (...list: readonly object[]) => ({ policies: { suppress: list } });
const REASON = "the server unpacks its model beside its code";

function manifest(name: string, changes: object): string {
  const file = join(folder, `${name}.yaml`);
  writeFileSync(file, JSON.stringify(baseManifest({ name, ...changes }), null, 1));
  return file;
}

function synthesize(manifests: readonly string[], more: Partial<AppOptions> = {}) {
  return synthesizeManifests({
    manifests,
    targets: null,
    environment: null,
    outdir: join(folder, "out"),
    ...more,
  });
}

function thrown(run: () => unknown): readonly Issue[] {
  try {
    run();
  } catch (error) {
    if (error instanceof ManifestError) return error.issues;
    throw error;
  }
  throw new Error("nothing was thrown");
}

/** Stacks whose configuration lies there. */
function written(): readonly string[] {
  const stacks = join(folder, "out", "stacks");
  return readdirSync(stacks).filter((name) => existsSync(join(stacks, name, "cdk.tf.json")));
}

test("violations of every manifest stop the synthesis at once, at the manifest's own lines, and nothing is written", () => {
  const files = [manifest("first", WRITABLE), manifest("second", WRITABLE)];
  const found = thrown(() => synthesize(files)).filter(({ severity }) => severity === "error");
  expect(
    found.map(({ file, line, path, code, message, target }) => ({ file, line, path, code, message, target })),
  ).toEqual(
    files.map((file, index) => ({
      file,
      line: 16,
      path: "targets.ecs-fargate.readOnlyRootFilesystem",
      code: "POLICY_CONTAINER_WRITABLE",
      message: `${["first", "second"][index]}-default-ecs-fargate aws_ecs_task_definition.task: has the container model, which can write to its image's file system`,
      target: "ecs-fargate",
    })),
  );
  expect(found[0]?.allowed).toBe("a container cannot write to its image's file system");
  expect(found[0]?.fix).toContain(
    "policies.suppress: [{ code: POLICY_CONTAINER_WRITABLE, address: aws_ecs_task_definition.task",
  );
  expect(written()).toEqual([]);
});

test("a suppression lets it go, and is reported with its reason", () => {
  const exception = { code: "POLICY_CONTAINER_WRITABLE", address: "aws_ecs_task_*.task", reason: REASON };
  const file = manifest("first", { ...WRITABLE, ...suppress(exception) });
  const { suppressed, issues } = synthesize([file]);
  expect(suppressed).toEqual([
    {
      file,
      environment: "default",
      stack: "first-default-ecs-fargate",
      code: "POLICY_CONTAINER_WRITABLE",
      address: "aws_ecs_task_definition.task",
      message: "has the container model, which can write to its image's file system",
      reason: REASON,
    },
  ]);
  expect(issues.map(({ code }) => code)).toEqual(["ECS_PLAIN_HTTP"]);
  expect(written()).toEqual(["first-default-ecs-fargate", "first-default-foundation"]);
});

test("one for another address lets nothing go, and is warned of", () => {
  const exception = {
    code: "POLICY_CONTAINER_WRITABLE",
    address: "aws_ecs_task_definition.other",
    reason: REASON,
  };
  const found = thrown(() => synthesize([manifest("first", { ...WRITABLE, ...suppress(exception) })]));
  expect(found.map(({ code, severity, path }) => ({ code, severity, path }))).toEqual([
    {
      code: "POLICY_CONTAINER_WRITABLE",
      severity: "error",
      path: "targets.ecs-fargate.readOnlyRootFilesystem",
    },
    { code: "SUPPRESSION_UNUSED", severity: "warning", path: "policies.suppress[0]" },
  ]);
});

test("it is only without use where every declared target was synthesized", () => {
  const exception = { code: "POLICY_CONTAINER_WRITABLE", reason: REASON };
  const file = manifest("first", { ...WRITABLE, ...suppress(exception), target: "lambda" });
  const codes = (targets: readonly string[]) =>
    synthesize([file], { targets }).issues.flatMap(({ code }) =>
      code === "SUPPRESSION_UNUSED" ? [code] : [],
    );
  expect(codes(["lambda"])).toEqual([]);
  expect(codes(["docker", "lambda", "ecs-fargate"])).toEqual([]);
  const other = manifest("second", { ...suppress(exception), target: "lambda" });
  expect(synthesize([other]).issues.map(({ code, line }) => ({ code, line }))).toEqual([
    { code: "SUPPRESSION_UNUSED", line: 14 },
  ]);
});

test("an overlay has exceptions of its own", () => {
  const exception = { code: "POLICY_CONTAINER_WRITABLE", reason: REASON };
  const file = manifest("first", { ...WRITABLE, environments: { test: suppress(exception), prod: {} } });
  expect(synthesize([file], { environment: "test" }).suppressed).toHaveLength(1);
  expect(thrown(() => synthesize([file], { environment: "prod" })).map(({ code }) => code)).toContain(
    "POLICY_CONTAINER_WRITABLE",
  );
});

test("warnings are shown, and stop nothing", () => {
  const file = manifest("first", { target: "lambda", security: { deletionProtection: false } });
  const found = synthesize([file]).issues.filter(({ code }) => code === "POLICY_DATA_KEPT");
  expect(found.map(({ severity, path, line }) => ({ severity, path, line }))).toEqual([
    { severity: "warning", path: "security.deletionProtection", line: 14 },
  ]);
});

test("an organisation's policies count beside modelport's, and may be suppressed by their code", () => {
  const policies = [NO_RESOURCES];
  const file = manifest("first", { target: "lambda" });
  const [found] = thrown(() => synthesize([file], { policies }));
  expect(found).toEqual({
    file,
    line: 0,
    column: 0,
    path: "",
    code: "ACME_NO_LAMBDA",
    severity: "error",
    message: "first-default-lambda aws_lambda_function.function: is a function",
    allowed: "nothing runs on Lambda",
    fix: "suppress it with a reason: policies.suppress: [{ code: ACME_NO_LAMBDA, address: aws_lambda_function.function, reason: ... }]",
    target: "lambda",
  });
  const exception = { code: "ACME_NO_LAMBDA", reason: "agreed with the platform team until March" };
  const excepted = manifest("second", { target: "lambda", ...suppress(exception) });
  expect(synthesize([excepted], { policies }).suppressed.map(({ code }) => code)).toEqual(["ACME_NO_LAMBDA"]);
  expect(thrown(() => synthesize([excepted])).map(({ code }) => code)).toEqual(["UNKNOWN_POLICY"]);
});

test("what was written before is not judged", () => {
  const files = [manifest("first", WRITABLE)];
  expect(synthesize(files, { judged: false }).stacks).toHaveLength(2);
});

/** Opens the file systems of task definitions, after they were made. */
class Opened implements IAspect {
  visit(node: object): void {
    if (
      !TerraformResource.isTerraformResource(node) ||
      node.terraformResourceType !== "aws_ecs_task_definition"
    )
      return;
    const definition: unknown = Reflect.get(node, "containerDefinitionsInput");
    Reflect.set(
      node,
      "containerDefinitions",
      String(definition).replace('"readonlyRootFilesystem":true', '"readonlyRootFilesystem":false'),
    );
  }
}

test("what an aspect does to a stack of the library is judged too", () => {
  const app = new App({ outdir: folder });
  const given = baseManifest({ target: "ecs-fargate", targets: { "ecs-fargate": { user: "1000" } } });
  const { stacks } = new ModelDeployment(app, "fraud", { manifest: given as unknown as ManifestInput });
  for (const stack of stacks) Aspects.of(stack).add(new Opened());
  expect(thrown(() => app.synth()).map(({ code }) => code)).toEqual(["POLICY_CONTAINER_WRITABLE"]);
});

test("an app can be synthesized again, and takes what changed in between", () => {
  const { app, deployments, policyReport } = createApp({
    manifests: [manifest("first", { target: "lambda" })],
    targets: null,
    environment: null,
    outdir: join(folder, "out"),
    policies: [],
  });
  app.synth();
  expect(policyReport()).toEqual({ issues: [], suppressed: [] });
  const [stack] = deployments[0]?.stacks ?? [];
  stack?.addOverride("resource.aws_lambda_function.function.tracing_config.mode", "PassThrough");
  stack?.addOverride("resource.aws_cloudwatch_log_group.logs.retention_in_days", 0);
  expect(thrown(() => app.synth()).map(({ code }) => code)).toEqual(["POLICY_LOG_RETENTION"]);
});
