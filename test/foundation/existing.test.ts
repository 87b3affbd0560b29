import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { baseManifest, issues, type Json, only, synth } from "../support/synth";
import { resource, statements } from "../support/foundation";

const ACCOUNT = "123456789012";
const DIGEST = `sha256:${"d".repeat(64)}`;

/** Regions of the three partitions, with the host that ECR has there. */
type Place = readonly [partition: string, region: string, host: string];
const PARTITIONS: readonly [Place, ...Place[]] = [
  ["aws", "eu-west-1", "amazonaws.com"],
  ["aws-cn", "cn-north-1", "amazonaws.com.cn"],
  ["aws-us-gov", "us-gov-west-1", "amazonaws.com"],
];

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "modelport-"));
  mkdirSync(join(directory, "server"));
  writeFileSync(join(directory, "server", "Dockerfile"), "FROM scratch\n");
  mkdirSync(join(directory, "weights"));
  writeFileSync(join(directory, "weights", "weights"), "1");
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const repositoryOf = ([, region, host]: Place, name = "team/fraud") =>
  `${ACCOUNT}.dkr.ecr.${region}.${host}/${name}`;

/** Everything that a manifest can give, in a region. */
function given(place: Place, changes: Json = {}): Json {
  const [partition, region] = place;
  const arn = (service: string, text: string) => `arn:${partition}:${service}:${region}:${ACCOUNT}:${text}`;
  return baseManifest({
    region,
    account: ACCOUNT,
    model: { build: { context: "server" } },
    network: {
      vpcId: "vpc-0a1b2c3d4e5f60718",
      subnetIds: ["subnet-0a1b2c3d4e5f60718", "subnet-0b1c2d3e4f5061728"],
      securityGroupIds: ["sg-0a1b2c3d4e5f60718"],
      certificateArn: arn("acm", "certificate/1234abcd"),
    },
    security: {
      kmsKeyArn: arn("kms", "key/1234abcd"),
      roleArn: `arn:${partition}:iam::${ACCOUNT}:role/model`,
      permissionsBoundaryArn: `arn:${partition}:iam::${ACCOUNT}:policy/boundary`,
    },
    registry: { repository: repositoryOf(place) },
    storage: { bucket: "acme-ml", accessLogBucket: "acme-lb-logs" },
    observability: { notify: arn("sns", "oncall") },
    targets: {
      "ecs-fargate": { cluster: "shared" },
      eks: {
        cluster: "shared",
        endpoint: "https://0123456789ABCDEF.gr7.eu-west-1.eks.amazonaws.com",
        certificateAuthority: "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tYQ==",
      },
      "sagemaker-batch": { input: "s3://in/", output: "s3://out/" },
      lambda: { vpc: true },
    },
    ...changes,
  });
}

/** What stands in a foundation otherwise, and the roles that models run under. */
const NEVER = [
  "aws_acm_certificate",
  "aws_ecr_repository",
  "aws_ecs_cluster",
  "aws_eks_cluster",
  "aws_kms_key",
  "aws_s3_bucket",
  "aws_s3_bucket_policy",
  "aws_sns_topic",
  "aws_subnet",
  "aws_vpc",
];

const ON_AWS = ["sagemaker-realtime", "lambda", "ecs-fargate", "eks", "sagemaker-batch"] as const;

describe.each(ON_AWS)("%s with everything given", (target) => {
  test.each(PARTITIONS)("creates nothing of it in %s, and asks AWS nothing", (...place) => {
    const artifact = target === "lambda" ? {} : { artifact: "weights" };
    const manifest = given(place, { model: { build: { context: "server" }, ...artifact } });
    const { stacks } = synth({ manifest, target, directory, imageDigest: DIGEST });
    expect(Object.keys(stacks)).toEqual([`fraud-scorer-default-${target}`]);
    const [stack] = Object.values(stacks);
    const types = Object.keys((stack?.resource ?? {}) as object);
    expect(types.filter((type) => NEVER.includes(type))).toEqual([]);
    expect(stack?.data).toBeUndefined();
    // Every ARN is of the region's own partition.
    const arns = JSON.stringify(stack).match(/arn:(?:aws[a-z-]*):/g) ?? [];
    expect(new Set(arns)).toEqual(new Set([`arn:${place[0]}:`]));
    expect(JSON.stringify(stack)).toContain(`${repositoryOf(place)}@${DIGEST}`);
    if (target !== "lambda") {
      expect(only(stack ?? {}, "aws_s3_object")).toMatchObject({
        bucket: "acme-ml",
        key: expect.stringMatching(
          new RegExp(`^fraud-scorer-default/${target}/[0-9a-f]{16}/model\\.tar\\.gz$`),
        ),
        kms_key_id: `arn:${place[0]}:kms:${place[1]}:${ACCOUNT}:key/1234abcd`,
      });
    }
    if (target === "ecs-fargate") {
      expect(only(stack ?? {}, "aws_lb").access_logs).toEqual({
        bucket: "acme-lb-logs",
        enabled: true,
        prefix: "alb",
      });
    }
  });
});

/** All statements of the roles that a stack makes, by their Sid. */
function rights(stack: Json): Readonly<Record<string, Json>> {
  const policies = Object.values((stack.resource.aws_iam_role_policy ?? {}) as Record<string, Json>);
  return Object.assign({}, ...policies.map(({ policy }) => statements(policy))) as Record<string, Json>;
}

describe("a repository that exists", () => {
  const place = PARTITIONS[0];
  const built = (changes: Json = {}, imageDigest?: string) =>
    synth({
      manifest: baseManifest({
        model: { build: { context: "server" } },
        registry: { repository: repositoryOf(place) },
        ...changes,
      }),
      target: "sagemaker-realtime",
      directory,
      ...(imageDigest === undefined ? {} : { imageDigest }),
    });

  test("is where the image comes from, and the only one that the role pulls from", () => {
    const made = built();
    expect(made.stack("foundation").resource).not.toHaveProperty("aws_ecr_repository");
    const target = made.stack("sagemaker-realtime");
    expect(only(target, "aws_sagemaker_model").primary_container.image).toBe(
      `${repositoryOf(place)}@\${var.image_digest}`,
    );
    expect(rights(target).ImagePull?.Resource).toBe(`arn:aws:ecr:eu-west-1:${ACCOUNT}:repository/team/fraud`);
  });

  test("of another account and region is one that SageMaker pulls from", () => {
    const target = built({
      registry: { repository: "222222222222.dkr.ecr.eu-central-1.amazonaws.com/models" },
    }).stack("sagemaker-realtime");
    expect(rights(target).ImagePull?.Resource).toBe(
      "arn:aws:ecr:eu-central-1:222222222222:repository/models",
    );
  });

  test("another one makes another model under another role, though the digest is the same", () => {
    const [one, two, created] = [
      built({}, DIGEST),
      built({ registry: { repository: repositoryOf(place, "team/other") } }, DIGEST),
      built({ registry: {} }, DIGEST),
    ].map((made) => {
      const target = made.stack("sagemaker-realtime");
      return [only(target, "aws_sagemaker_model").name, only(target, "aws_iam_role").name] as const;
    });
    expect(new Set([one, two, created].map((names) => names?.[0])).size).toBe(3);
    expect(new Set([one, two, created].map((names) => names?.[1])).size).toBe(3);
  });
});

describe("a bucket that exists", () => {
  const asynchronous = (changes: Json = {}) =>
    synth({
      manifest: baseManifest({
        model: { ...baseManifest().model, artifact: "weights" },
        storage: { bucket: "acme-ml" },
        targets: { "sagemaker-realtime": { mode: "async" } },
        ...changes,
      }),
      target: "sagemaker-realtime",
      directory,
    });

  test("is used below the deployment's own prefix, and the role has rights there only", () => {
    const made = asynchronous();
    expect(Object.keys(made.stack("foundation").resource as object)).not.toContain("aws_s3_bucket");
    const target = made.stack("sagemaker-realtime");
    const own = "arn:aws:s3:::acme-ml/fraud-scorer-default";
    expect(rights(target).Artifact?.Resource).toBe(`${own}/sagemaker-realtime/*`);
    expect(rights(target).Results?.Resource).toBe(`${own}/results/fraud-scorer-default/*`);
    expect(rights(target).Requests?.Resource).toBe(`${own}/requests/fraud-scorer-default/*`);
    expect(
      only(target, "aws_sagemaker_endpoint_configuration").async_inference_config.output_config,
    ).toMatchObject({
      s3_output_path: "s3://acme-ml/fraud-scorer-default/results/fraud-scorer-default/",
      s3_failure_path: "s3://acme-ml/fraud-scorer-default/results/fraud-scorer-default/failures/",
      kms_key_id: "${data.terraform_remote_state.foundation.outputs.key_arn}",
    });
  });

  test("takes captured data", () => {
    const made = asynchronous({ targets: {}, observability: { dataCapture: 10 } });
    const target = made.stack("sagemaker-realtime");
    expect(only(target, "aws_sagemaker_endpoint_configuration").data_capture_config.destination_s3_uri).toBe(
      "s3://acme-ml/fraud-scorer-default/capture/fraud-scorer-default",
    );
    expect(rights(target).CapturedData?.Resource).toBe(
      "arn:aws:s3:::acme-ml/fraud-scorer-default/capture/fraud-scorer-default/*",
    );
  });

  test("another one moves the endpoint to another role: the release before keeps its rights", () => {
    const role = (bucket: string) =>
      only(asynchronous({ storage: { bucket } }).stack("sagemaker-realtime"), "aws_iam_role").name as string;
    expect(role("acme-ml")).not.toBe(role("acme-ml-2"));
  });

  test.each([
    ["ecs-fargate", "ReadArtifact"],
    ["eks", "Artifact"],
  ])("%s reads its own artifacts in it, and those of the release before", (target, sid) => {
    const manifest = baseManifest({
      model: { ...baseManifest().model, artifact: "weights" },
      storage: { bucket: "acme-ml" },
      network: { internetAccess: true },
    });
    const made = synth({ manifest, target, directory });
    expect(rights(made.stack(target))[sid]?.Resource).toBe(
      `arn:aws:s3:::acme-ml/fraud-scorer-default/${target}/*`,
    );
  });

  test("holds what Neo makes, and the roles of the compilation are held to their prefix", () => {
    const manifest = baseManifest({
      model: {
        ...baseManifest().model,
        artifact: "weights",
        optimize: { neo: { framework: "pytorch", inputs: { input0: [1, 3, 224, 224] } } },
      },
      storage: { bucket: "acme-ml" },
      targets: { "sagemaker-realtime": { instanceType: "ml.c5.xlarge" } },
    });
    const made = synth({ manifest, target: "sagemaker-realtime", directory });
    const prefix = "fraud-scorer-default/sagemaker-realtime/neo";
    const foundation = made.stack("foundation");
    expect(foundation.resource).not.toHaveProperty("aws_s3_bucket");
    expect(only(foundation, "aws_s3_object")).toMatchObject({
      bucket: "acme-ml",
      key: expect.stringMatching(new RegExp(`^${prefix}/source/[0-9a-f]{16}/model\\.tar\\.gz$`)),
    });
    expect(only(foundation, "aws_s3_object")).not.toHaveProperty("depends_on");
    expect(rights(foundation)).toMatchObject({
      ReadArtifact: { Resource: `arn:aws:s3:::acme-ml/${prefix}/source/*` },
      WriteOutput: { Resource: `arn:aws:s3:::acme-ml/${prefix}/*` },
      FindOutput: {
        Resource: "arn:aws:s3:::acme-ml",
        Condition: { StringLike: { "s3:prefix": `${prefix}/*` } },
      },
    });
    expect(
      only(made.stack("sagemaker-realtime"), "aws_sagemaker_model").primary_container.model_data_url,
    ).toMatch(new RegExp(`^s3://acme-ml/${prefix}/[0-9a-f]{16}/model-ml_c5\\.tar\\.gz$`));
  });
});

describe("a bucket for access logs that exists", () => {
  test("takes those of the load balancer, beside a network that is created", () => {
    const manifest = baseManifest({ storage: { accessLogBucket: "acme-lb-logs" } });
    const made = synth({ manifest, target: "ecs-fargate" });
    expect(made.stack("foundation").resource).not.toHaveProperty("aws_s3_bucket");
    expect(made.stack("foundation").output).not.toHaveProperty("access_log_bucket_name");
    expect(only(made.stack("ecs-fargate"), "aws_lb").access_logs.bucket).toBe("acme-lb-logs");
  });

  test("takes those of a bucket that is created, below the deployment's name", () => {
    const manifest = baseManifest({
      storage: { accessLogBucket: "acme-lb-logs" },
      observability: { dataCapture: 10 },
    });
    const foundation = synth({ manifest, target: "sagemaker-realtime" }).stack("foundation");
    expect(Object.keys(foundation.resource.aws_s3_bucket as object)).toEqual(["data"]);
    expect(resource(foundation, "aws_s3_bucket_logging", "data-logging")).toEqual({
      bucket: "${aws_s3_bucket.data.bucket}",
      target_bucket: "acme-lb-logs",
      target_prefix: "s3/fraud-scorer-default/data/",
    });
  });
});

describe("what is given must fit", () => {
  const found = (changes: Json, target = "sagemaker-realtime") =>
    issues({ manifest: baseManifest(changes), target, directory }).map(({ code, path, severity }) => [
      severity,
      code,
      path,
    ]);
  const BUILD = { model: { build: { context: "server" } } };
  const repository = (uri: string) => ({ ...BUILD, registry: { repository: uri } });

  test("nothing is built", () => {
    expect(found({ registry: { repository: repositoryOf(PARTITIONS[0]) } })).toEqual([
      ["error", "TOGETHER", "registry.repository"],
    ]);
  });

  test.each([
    ["sagemaker-realtime", []],
    ["ecs-fargate", [["error", "ECS_IMAGE_UNREACHABLE", "registry.repository"]]],
    ["eks", [["error", "EKS_IMAGE_UNREACHABLE", "registry.repository"]]],
    ["lambda", [["error", "IMAGE_REGISTRY", "registry.repository"]]],
  ])("%s and a repository in another region", (target, expected) => {
    const elsewhere = repository(`${ACCOUNT}.dkr.ecr.eu-central-1.amazonaws.com/fraud`);
    expect(found(elsewhere, target).filter(([severity]) => severity === "error")).toEqual(expected);
  });

  test("ECS and EKS pull from another region where there is a way to it", () => {
    const elsewhere = repository(`${ACCOUNT}.dkr.ecr.eu-central-1.amazonaws.com/fraud`);
    for (const target of ["ecs-fargate", "eks"])
      expect(
        found({ ...elsewhere, network: { internetAccess: true } }, target).filter(
          ([severity]) => severity === "error",
        ),
      ).toEqual([]);
  });

  test.each([
    ["cn-north-1.amazonaws.com.cn", "ARN_MISMATCH"],
    ["us-gov-west-1.amazonaws.com", "ARN_MISMATCH"],
    ["eu-central-1.amazonaws.com.cn", "FORMAT"],
  ])("a repository of %s is out of reach", (host, code) => {
    expect(found(repository(`${ACCOUNT}.dkr.ecr.${host}/fraud`))).toEqual([
      ["error", code, "registry.repository"],
    ]);
  });

  test.each([
    `${ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/fraud:1`,
    `${ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/fraud@${DIGEST}`,
    `${ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com`,
    `${ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/Fraud`,
    `${ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/f`,
    "ghcr.io/acme/fraud",
    "fraud",
  ])("%s is no repository of ECR", (uri) => {
    expect(found(repository(uri))).toEqual([["error", "FORMAT", "registry.repository"]]);
  });

  test.each([
    "ab",
    "a".repeat(64),
    "Acme",
    "acme_ml",
    "acme..ml",
    "-acme",
    "192.168.0.1",
    "xn--acme",
    "acme--x-s3",
    "acme-s3alias",
    "arn:aws:s3:::acme",
  ])("%s is no bucket's name", (bucket) => {
    expect(found({ storage: { bucket }, observability: { dataCapture: 10 } })).toEqual([
      ["error", "FORMAT", "storage.bucket"],
    ]);
  });

  test("an environment has its own", () => {
    const manifest = {
      ...baseManifest(BUILD),
      observability: { dataCapture: 10 },
      registry: { repository: repositoryOf(PARTITIONS[0], "dev") },
      storage: { bucket: "acme-dev" },
      environments: {
        prod: {
          registry: { repository: repositoryOf(PARTITIONS[0], "prod") },
          storage: { bucket: "acme-prod" },
        },
      },
    };
    const stack = synth({ manifest, target: "sagemaker-realtime", env: "prod", directory }).stack(
      "sagemaker-realtime",
    );
    expect(only(stack, "aws_sagemaker_model").primary_container.image).toContain("/prod@");
    expect(rights(stack).CapturedData?.Resource).toBe(
      "arn:aws:s3:::acme-prod/fraud-scorer-prod/capture/fraud-scorer-prod/*",
    );
  });
});

describe("what is named and not used is warned of", () => {
  const paths = (changes: Json, target: string) =>
    issues({ manifest: baseManifest(changes), target, directory }).flatMap(({ code, path, severity }) =>
      code === "EXISTING_UNUSED" ? [`${severity} ${path}`] : [],
    );

  test.each([
    [
      "lambda",
      { storage: { bucket: "acme-ml", accessLogBucket: "acme-lb-logs" } },
      ["accessLogBucket", "bucket"],
    ],
    ["sagemaker-realtime", { storage: { bucket: "acme-ml" } }, ["bucket"]],
    ["sagemaker-realtime", { storage: { bucket: "acme-ml" }, observability: { dataCapture: 10 } }, []],
    [
      "sagemaker-realtime",
      { storage: { accessLogBucket: "acme-lb" }, observability: { dataCapture: 10 } },
      [],
    ],
    ["ecs-fargate", { storage: { accessLogBucket: "acme-lb" } }, []],
    ["lambda", { storage: { accessLogBucket: "acme-lb" }, targets: { "ecs-fargate": {} } }, []],
  ])("%s, %j", (target, changes, unused) => {
    expect(paths(changes, target)).toEqual(unused.map((field) => `warning storage.${field}`));
  });

  test("a repository, where nothing runs on AWS", () => {
    const changes = {
      model: { build: { context: "server" } },
      registry: { repository: repositoryOf(PARTITIONS[0]) },
    };
    expect(paths(changes, "docker")).toEqual(["warning registry.repository"]);
    expect(paths(changes, "lambda")).toEqual([]);
  });
});
