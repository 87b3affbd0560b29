import { baseManifest, type Json, only, resolve, synth } from "../../support/synth";
import { lambda } from "../../../targets/lambda";
import { input, KEY, NAME, stackOf } from "./support";

const IMAGE = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/fraud";
const DIGEST = `sha256:${"a".repeat(64)}`;

describe("the function", () => {
  const stack = stackOf();
  const fn = only(stack, "aws_lambda_function");

  it("runs the image under its own name and publishes a version", () => {
    expect(fn).toMatchObject({
      function_name: NAME,
      package_type: "Image",
      image_uri: `${IMAGE}@${DIGEST}`,
      publish: true,
      architectures: ["x86_64"],
      role: "${aws_iam_role.role.arn}",
      depends_on: ["aws_iam_role_policy.role-policy"],
    });
    expect(fn).not.toHaveProperty("reserved_concurrent_executions");
    expect(fn).not.toHaveProperty("vpc_config");
    expect(fn).not.toHaveProperty("dead_letter_config");
    expect(fn).not.toHaveProperty("image_config");
  });

  it("states what the provider would otherwise keep from before", () => {
    expect(fn.ephemeral_storage).toEqual({ size: 512 });
    expect(fn.tracing_config).toEqual({ mode: "Active" });
    expect(fn.logging_config).toEqual({
      log_format: "JSON",
      log_group: "${aws_cloudwatch_log_group.logs.name}",
      application_log_level: "INFO",
      system_log_level: "INFO",
    });
  });

  it("has a log group with retention and key", () => {
    expect(only(stack, "aws_cloudwatch_log_group")).toMatchObject({
      name: `/aws/lambda/${NAME}`,
      retention_in_days: 365,
      kms_key_id: KEY,
    });
  });

  it("grants nobody else anything", () => {
    expect(stack.resource).not.toHaveProperty("aws_lambda_permission");
    expect(stack.resource).not.toHaveProperty("aws_lambda_function_url");
    expect(stack.resource).not.toHaveProperty("aws_lambda_provisioned_concurrency_config");
    expect(stack.resource).not.toHaveProperty("aws_appautoscaling_target");
    expect(stack.resource).not.toHaveProperty("aws_security_group");
  });

  it("is reached through an alias by name", () => {
    expect(only(stack, "aws_lambda_alias")).toMatchObject({
      name: "live",
      function_name: "${aws_lambda_function.function.function_name}",
      function_version: "${aws_lambda_function.function.version}",
    });
    expect(only(stack, "aws_lambda_alias")).not.toHaveProperty("routing_config");
  });

  it("tells what was deployed", () => {
    expect(stack.output).toEqual({
      function_name: { value: "${aws_lambda_function.function.function_name}" },
      function_arn: { value: "${aws_lambda_function.function.arn}" },
      function_version: { value: "${aws_lambda_function.function.version}" },
      alias_name: { value: "${aws_lambda_alias.live.name}" },
      alias_arn: { value: "${aws_lambda_alias.live.arn}" },
    });
  });

  it("calls nothing of AWS at plan time", () => {
    expect(Object.keys(stack.data as Json)).toEqual(["terraform_remote_state"]);
  });
});

describe("a new image", () => {
  it("changes the image's address and nothing else", () => {
    const other = `sha256:${"b".repeat(64)}`;
    const before = synth(input()).texts[NAME] ?? "";
    const after = synth(input({}, { model: { image: `${IMAGE}@${other}` } })).texts[NAME] ?? "";
    expect(after).toContain(other);
    expect(after.replaceAll(other, DIGEST)).toBe(before);
  });

  it("that is named by tag and digest is taken by its digest, for Lambda takes only one", () => {
    const fn = only(stackOf({}, { model: { image: `${IMAGE}:v1@${DIGEST}` } }), "aws_lambda_function");
    expect(fn.image_uri).toBe(`${IMAGE}@${DIGEST}`);
  });

  it("that is named by its tag is taken by its tag", () => {
    const fn = only(stackOf({}, { model: { image: `${IMAGE}:v1` } }), "aws_lambda_function");
    expect(fn.image_uri).toBe(`${IMAGE}:v1`);
  });

  it("may be another account's, in the same region", () => {
    const image = `210987654321.dkr.ecr.eu-west-1.amazonaws.com/shared/fraud@${DIGEST}`;
    const fn = only(stackOf({}, { account: "123456789012", model: { image } }), "aws_lambda_function");
    expect(fn.image_uri).toBe(image);
  });

  it("that is built comes from the foundation's registry, by the digest that is given at apply", () => {
    const built = { model: { build: { context: "targets/lambda" } } };
    const fn = only(stackOf({}, built), "aws_lambda_function");
    expect(fn.image_uri).toBe(
      "${data.terraform_remote_state.foundation.outputs.registry_url}@${var.image_digest}",
    );
  });
});

describe("memory", () => {
  const size = (resources: Json, options: Json = {}) =>
    only(stackOf(options, { resources }), "aws_lambda_function").memory_size as number;

  it.each([
    [{ cpu: 1, memory: "2Gi" }, 2048],
    [{ cpu: 2, memory: "2Gi" }, 3538],
    [{ cpu: 0.125, memory: "128Mi" }, 222],
    [{ cpu: 0.125, memory: "131073Ki" }, 222],
    [{ cpu: 0.125, memory: "1048577Ki" }, 1025],
    [{ cpu: 1, memory: "10Gi" }, 10_240],
    [{ cpu: 5.788, memory: "1Gi" }, 10_239],
  ])("of %j is %d MiB", (resources, expected) => {
    expect(size(resources)).toBe(expected);
  });

  it("is what the option says", () => {
    expect(size({ cpu: 1, memory: "2Gi" }, { memory: "4096Mi" })).toBe(4096);
  });
});

describe("timeout", () => {
  const seconds = (options: Json, changes: Json = {}) =>
    only(stackOf(options, changes), "aws_lambda_function").timeout as number;
  const startup = (time: string) => ({
    model: { image: `${IMAGE}@${DIGEST}`, server: { startup: time } },
  });
  const work = (p99: string) => ({ workload: { requestsPerSecond: 1, serviceTime: { p50: "1ms", p99 } } });

  it.each([
    ["startup and a request, where nothing is said", {}, 60],
    ["startup and three times the slowest request", work("10s"), 60],
    ["a whole second", work("120ms"), 31],
    ["never below half a minute", { ...startup("1s"), ...work("1ms") }, 30],
    ["never above a quarter of an hour", { ...startup("10m"), ...work("3m") }, 900],
  ])("is %s", (_, changes, expected) => {
    expect(seconds({}, changes)).toBe(expected);
  });

  it.each([
    ["1s", 1],
    ["30s", 30],
    ["15m", 900],
  ])("is what the option says: %s", (timeout, expected) => {
    expect(seconds({ timeout }, startup("1s"))).toBe(expected);
  });
});

describe("storage", () => {
  it.each([
    ["512Mi", 512],
    ["10Gi", 10_240],
    ["600000Ki", 586],
  ])("of %s is %d MiB", (storage, expected) => {
    const fn = only(stackOf({}, { resources: { cpu: 1, memory: "2Gi", storage } }), "aws_lambda_function");
    expect(fn.ephemeral_storage).toEqual({ size: expected });
  });
});

describe("environment variables", () => {
  const fn = (options: Json, changes: Json = {}) => only(stackOf(options, changes), "aws_lambda_function");
  const model = (more: Json) => ({ model: { image: `${IMAGE}@${DIGEST}`, ...more } });

  it("configure the adapter from the server's contract", () => {
    expect(fn({}).environment).toEqual({
      variables: {
        AWS_LWA_ASYNC_INIT: "true",
        AWS_LWA_ERROR_STATUS_CODES: "500-599",
        AWS_LWA_PASS_THROUGH_PATH: "/invocations",
        AWS_LWA_PORT: "8080",
        AWS_LWA_READINESS_CHECK_HEALTHY_STATUS: "200-399",
        AWS_LWA_READINESS_CHECK_PATH: "/ping",
      },
    });
    const server = { port: 9000, health: "/healthz", invoke: "/v1/score", startup: "5s" };
    expect(fn({}, model({ server })).environment).toMatchObject({
      variables: {
        AWS_LWA_ASYNC_INIT: "false",
        AWS_LWA_PASS_THROUGH_PATH: "/v1/score",
        AWS_LWA_PORT: "9000",
        AWS_LWA_READINESS_CHECK_PATH: "/healthz",
      },
    });
  });

  it.each([
    ["9.8s", "false"],
    ["9.9s", "true"],
  ])("let a start of %s go on in the first request: %s", (startup, expected) => {
    const { variables } = fn({}, model({ server: { startup } })).environment as Json;
    expect((variables as Json).AWS_LWA_ASYNC_INIT).toBe(expected);
  });

  it("make provisioned environments wait until the server is ready", () => {
    const { variables } = fn({ provisionedConcurrency: 1 }).environment as Json;
    expect((variables as Json).AWS_LWA_ASYNC_INIT).toBe("false");
  });

  it("are encrypted with the key, and carry the manifest's own and the secrets' ARNs", () => {
    const secret = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:fraud-AbCdEf";
    const own = fn(
      {},
      model({
        environment: { LOG_LEVEL: "a${b}%{c}", AWS_LWA_ASYNC_INIT: "false" },
        secrets: { TOKEN: secret },
      }),
    );
    expect(own.kms_key_arn).toBe(KEY);
    expect((own.environment as Json).variables).toMatchObject({
      LOG_LEVEL: "a$${b}%%{c}",
      AWS_LWA_ASYNC_INIT: "false",
      TOKEN_SECRET_ARN: secret,
    });
  });

  it("need no key where there are none", () => {
    const bare = fn({ adapter: false });
    expect(bare).not.toHaveProperty("environment");
    expect(bare).not.toHaveProperty("kms_key_arn");
    const own = fn({ adapter: false }, model({ environment: { LOG_LEVEL: "info" } }));
    expect(own.environment).toEqual({ variables: { LOG_LEVEL: "info" } });
    expect(own.kms_key_arn).toBe(KEY);
  });
});

describe("what is given", () => {
  it("is used: key, topic, account", () => {
    const kmsKeyArn = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    const notify = "arn:aws:sns:eu-west-1:123456789012:oncall";
    const { stacks } = synth(
      input({}, { account: "123456789012", security: { kmsKeyArn }, observability: { notify } }),
    );
    expect(Object.keys(stacks)).toEqual([NAME]);
    const stack = stacks[NAME] ?? {};
    expect(stack).not.toHaveProperty("data");
    expect(only(stack, "aws_lambda_function").kms_key_arn).toBe(kmsKeyArn);
    expect(only(stack, "aws_cloudwatch_log_group").kms_key_id).toBe(kmsKeyArn);
  });
});

describe("every option", () => {
  const before = synth(input()).texts[NAME];

  it.each([
    ["memory", { memory: "3Gi" }],
    ["timeout", { timeout: "45s" }],
    ["provisionedConcurrency", { provisionedConcurrency: 1 }],
    ["reservedConcurrency", { reservedConcurrency: 10 }],
    ["functionUrl", { functionUrl: true }],
    ["vpc", { vpc: true }],
    ["tracing", { tracing: false }],
    ["logLevel", { logLevel: "DEBUG" }],
    ["adapter", { adapter: false }],
  ])("changes the output: %s", (name, options) => {
    expect(Object.keys(lambda.options.parse({}) as object).concat(Object.keys(options))).toContain(name);
    expect(synth(input(options)).texts[NAME]).not.toBe(before);
  });

  it("is in the list above", () => {
    const { shape } = lambda.options as unknown as { shape: object };
    expect(Object.keys(shape).sort()).toEqual(
      [
        "adapter",
        "functionUrl",
        "logLevel",
        "memory",
        "provisionedConcurrency",
        "reservedConcurrency",
        "timeout",
        "tracing",
        "vpc",
      ].sort(),
    );
  });

  it("has the defaults of an absent entry", () => {
    expect(lambda.options.parse({})).toEqual({
      functionUrl: false,
      tracing: true,
      logLevel: "INFO",
      adapter: true,
    });
  });

  it("reaches the function", () => {
    const fn = only(
      stackOf({ reservedConcurrency: 0, tracing: false, logLevel: "WARN" }),
      "aws_lambda_function",
    );
    expect(fn.reserved_concurrent_executions).toBe(0);
    expect(fn.tracing_config).toEqual({ mode: "PassThrough" });
    expect(fn.logging_config).toMatchObject({ application_log_level: "WARN" });
  });

  it("arm64 and description", () => {
    const fn = only(
      stackOf(
        {},
        { description: "Scores payments", resources: { cpu: 1, memory: "2Gi", architecture: "arm64" } },
      ),
      "aws_lambda_function",
    );
    expect(fn.architectures).toEqual(["arm64"]);
    expect(fn.description).toBe("Scores payments");
  });
});

describe("the function URL", () => {
  const stack = stackOf({ functionUrl: true });

  it("is the alias's, and takes signed requests only", () => {
    expect(only(stack, "aws_lambda_function_url")).toMatchObject({
      function_name: "${aws_lambda_alias.live.function_name}",
      qualifier: "${aws_lambda_alias.live.name}",
      authorization_type: "AWS_IAM",
      invoke_mode: "BUFFERED",
    });
    expect(only(stack, "aws_lambda_function_url")).not.toHaveProperty("cors");
    expect(stack.resource).not.toHaveProperty("aws_lambda_permission");
    expect((stack.output as Json).function_url).toEqual({
      value: "${aws_lambda_function_url.url.function_url}",
    });
  });
});

describe("names", () => {
  it("fit at their longest", () => {
    const manifest = {
      ...baseManifest({ name: `a${"b".repeat(31)}`, environments: { abcdefghijklmnop: {} } }),
      targets: { lambda: { vpc: true, provisionedConcurrency: 1 } },
    };
    const stack = synth({
      manifest,
      target: "lambda",
      env: "abcdefghijklmnop",
      registry: [lambda],
    }).stack("lambda");
    const name = `a${"b".repeat(31)}-abcdefghijklmnop-lambda`;
    expect(name.length).toBeLessThanOrEqual(64);
    expect(only(stack, "aws_lambda_function").function_name).toBe(name);
    expect(only(stack, "aws_iam_role").name).toMatch(/^abb.{53}-[0-9a-f]{6}$/);
    expect(only(stack, "aws_cloudwatch_log_group").name).toBe(`/aws/lambda/${name}`);
    expect(only(stack, "aws_security_group").name).toBe(name);
  });

  it("load no constructs until something is synthesized", () => {
    expect(resolve(input()).deployments.map(({ kind }) => kind)).toEqual(["lambda"]);
  });
});
