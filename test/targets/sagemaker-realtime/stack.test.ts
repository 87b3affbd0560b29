import { baseManifest, type Json, only, synth } from "../../support/synth";

const KIND = "sagemaker-realtime";
const FOUNDATION = "${data.terraform_remote_state.foundation.outputs";

function stack(changes: Json = {}, options: Json = {}, imageDigest?: string): Json {
  return synth({
    manifest: baseManifest({ ...changes, targets: { [KIND]: options } }),
    target: KIND,
    ...(imageDigest === undefined ? {} : { imageDigest }),
  }).stack(KIND);
}

function statements(tf: Json): Json[] {
  return (JSON.parse(only(tf, "aws_iam_role_policy").policy as string) as Json).Statement as Json[];
}

describe("the classic three resources", () => {
  const tf = stack({ model: { ...baseManifest().model, artifact: "s3://models/fraud/model.tar.gz" } });

  test("model: image, artifact, isolation, role", () => {
    const model = only(tf, "aws_sagemaker_model");
    expect(model.primary_container).toEqual({
      image: baseManifest().model.image,
      model_data_url: "s3://models/fraud/model.tar.gz",
      environment: {},
    });
    expect(model.enable_network_isolation).toBe(true);
    expect(model.execution_role_arn).toBe("${aws_iam_role.role.arn}");
    expect(model.depends_on).toEqual(["aws_iam_role_policy.role-policy"]);
    expect(model.lifecycle).toEqual({ create_before_destroy: true });
    expect(model.name).toMatch(/^fraud-scorer-default-[0-9a-f]{8}$/);
  });

  test("endpoint configuration: one variant AllTraffic, least outstanding requests, key", () => {
    const configuration = only(tf, "aws_sagemaker_endpoint_configuration");
    expect(configuration.production_variants).toEqual([
      {
        variant_name: "AllTraffic",
        model_name: "${aws_sagemaker_model.model.name}",
        initial_variant_weight: 1,
        initial_instance_count: 1,
        instance_type: "ml.c5.large",
        container_startup_health_check_timeout_in_seconds: 60,
        routing_config: [{ routing_strategy: "LEAST_OUTSTANDING_REQUESTS" }],
      },
    ]);
    expect(configuration.kms_key_arn).toBe(`${FOUNDATION}.key_arn}`);
    expect(configuration.lifecycle).toEqual({ create_before_destroy: true });
    expect(configuration.name).not.toBe(only(tf, "aws_sagemaker_model").name);
  });

  test("endpoint: fixed name, no create-before-destroy, rollback alarms from the first release on", () => {
    const endpoint = only(tf, "aws_sagemaker_endpoint");
    expect(endpoint.name).toBe("fraud-scorer-default");
    expect(endpoint.lifecycle).toBeUndefined();
    expect(endpoint.endpoint_config_name).toBe(
      "${aws_sagemaker_endpoint_configuration.endpoint-configuration.name}",
    );
    expect(endpoint.deployment_config).toEqual({
      auto_rollback_configuration: {
        alarms: [{ alarm_name: "fraud-scorer-default-sagemaker-realtime-errors" }],
      },
      blue_green_update_policy: {
        maximum_execution_timeout_in_seconds: 2100,
        termination_wait_in_seconds: 300,
        traffic_routing_configuration: { type: "ALL_AT_ONCE", wait_interval_in_seconds: 0 },
      },
    });
    expect(endpoint.depends_on).toEqual([
      "aws_cloudwatch_log_group.logs",
      "aws_cloudwatch_metric_alarm.alarm-errors",
    ]);
  });

  test("the log group is SageMaker's own, encrypted and with retention", () => {
    expect(only(tf, "aws_cloudwatch_log_group")).toMatchObject({
      name: "/aws/sagemaker/Endpoints/fraud-scorer-default",
      retention_in_days: 365,
      kms_key_id: `${FOUNDATION}.key_arn}`,
    });
  });

  test("a fixed number of instances has no scaling", () => {
    expect(tf.resource).not.toHaveProperty("aws_appautoscaling_target");
  });

  test("the role may do exactly this", () => {
    const key = `${FOUNDATION}.key_arn}`;
    expect(statements(tf)).toEqual([
      { Sid: "ImageToken", Effect: "Allow", Action: "ecr:GetAuthorizationToken", Resource: "*" },
      {
        Sid: "ImagePull",
        Effect: "Allow",
        Action: ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
        Resource: "arn:aws:ecr:eu-west-1:123456789012:repository/fraud",
      },
      {
        Sid: "Logs",
        Effect: "Allow",
        Action: ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
        Resource: ["${aws_cloudwatch_log_group.logs.arn}", "${aws_cloudwatch_log_group.logs.arn}:*"],
      },
      {
        Sid: "Metrics",
        Effect: "Allow",
        Action: "cloudwatch:PutMetricData",
        Resource: "*",
        Condition: { StringLike: { "cloudwatch:namespace": ["AWS/SageMaker", "/aws/sagemaker/*"] } },
      },
      {
        Sid: "KeyForData",
        Effect: "Allow",
        Action: ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"],
        Resource: key,
      },
      {
        Sid: "KeyForVolumes",
        Effect: "Allow",
        Action: "kms:CreateGrant",
        Resource: key,
        Condition: { Bool: { "kms:GrantIsForAWSResource": "true" } },
      },
      {
        Sid: "Artifact",
        Effect: "Allow",
        Action: "s3:GetObject",
        Resource: "arn:aws:s3:::models/fraud/model.tar.gz",
      },
      {
        Sid: "RollbackAlarms",
        Effect: "Allow",
        Action: "cloudwatch:DescribeAlarms",
        Resource: `arn:aws:cloudwatch:eu-west-1:${FOUNDATION}.account_id}:alarm:fraud-scorer-default-sagemaker-realtime-errors`,
      },
    ]);
  });
});

describe("what already exists is used", () => {
  test("role, key, topic and boundary", () => {
    const roleArn = "arn:aws:iam::123456789012:role/model";
    const kmsKeyArn = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    const notify = "arn:aws:sns:eu-west-1:123456789012:oncall";
    const result = synth({
      manifest: baseManifest({
        account: "123456789012",
        security: { roleArn, kmsKeyArn },
        observability: { notify },
      }),
      target: KIND,
    });
    expect(Object.keys(result.stacks)).toEqual(["fraud-scorer-default-sagemaker-realtime"]);
    const tf = result.stack(KIND);
    expect(tf.resource).not.toHaveProperty("aws_iam_role");
    expect(tf).not.toHaveProperty("data");
    expect(only(tf, "aws_sagemaker_model").execution_role_arn).toBe(roleArn);
    expect(only(tf, "aws_sagemaker_endpoint_configuration").kms_key_arn).toBe(kmsKeyArn);
    expect(only(tf, "aws_cloudwatch_metric_alarm").alarm_actions).toEqual([notify]);
    expect(tf.provider.aws[0].allowed_account_ids).toEqual(["123456789012"]);
  });

  test("the network, with a security group of the stack's own", () => {
    const tf = stack({
      network: { vpcId: "vpc-0a1b2c3d", subnetIds: ["subnet-0a1b2c3d", "subnet-1a1b2c3d"] },
    });
    expect(only(tf, "aws_sagemaker_model").vpc_config).toEqual({
      subnets: ["subnet-0a1b2c3d", "subnet-1a1b2c3d"],
      security_group_ids: ["${aws_security_group.replicas.id}"],
    });
    expect(statements(tf).map(({ Sid }) => Sid as string)).toContain("UseNetworkInterfaces");
  });

  test("a permissions boundary is on the role", () => {
    const permissionsBoundaryArn = "arn:aws:iam::123456789012:policy/boundary";
    expect(only(stack({ security: { permissionsBoundaryArn } }), "aws_iam_role").permissions_boundary).toBe(
      permissionsBoundaryArn,
    );
  });
});

describe("updates", () => {
  const names = (tf: Json) => [
    only(tf, "aws_sagemaker_endpoint").name,
    only(tf, "aws_sagemaker_model").name,
    only(tf, "aws_sagemaker_endpoint_configuration").name,
  ];
  const v1 = names(stack());

  test.each([
    [
      "image",
      { model: { image: (baseManifest().model.image as string).replace(/a{64}/, "b".repeat(64)) } },
      {},
    ],
    ["environment", { model: { ...baseManifest().model, environment: { A: "1" } } }, {}],
    ["artifact", { model: { ...baseManifest().model, artifact: "s3://models/v2.tar.gz" } }, {}],
    ["isolation", {}, { networkIsolation: false }],
  ])("%s: the endpoint keeps its name, model and configuration get new ones", (_, changes, options) => {
    const v2 = names(stack(changes, options));
    expect(v2[0]).toBe(v1[0]);
    expect(v2[1]).not.toBe(v1[1]);
    expect(v2[2]).not.toBe(v1[2]);
  });

  test("an instance type changes the configuration only", () => {
    const v2 = names(stack({}, { instanceType: "ml.m5.large" }));
    expect(v2.slice(0, 2)).toEqual(v1.slice(0, 2));
    expect(v2[2]).not.toBe(v1[2]);
  });

  test("an image that only Terraform knows is in the names as an expression", () => {
    const build = { model: { build: { context: "examples" } } };
    const tf = stack(build);
    expect(tf.variable.image_digest).toMatchObject({ type: "string", nullable: false });
    expect(tf.variable.image_digest).not.toHaveProperty("default");
    const suffix = "-${substr(var.image_digest, 7, 8)}";
    expect(only(tf, "aws_sagemaker_model").name).toMatch(/^fraud-scorer-default-[0-9a-f]{8}-\$\{substr\(/);
    expect(String(only(tf, "aws_sagemaker_endpoint_configuration").name).endsWith(suffix)).toBe(true);
    expect(only(tf, "aws_sagemaker_model").primary_container.image).toBe(
      `${FOUNDATION}.registry_url}@\${var.image_digest}`,
    );
    const pinned = stack(build, {}, `sha256:${"c".repeat(64)}`);
    expect(pinned).not.toHaveProperty("variable");
    expect(only(pinned, "aws_sagemaker_model").primary_container.image).toBe(
      `${FOUNDATION}.registry_url}@sha256:${"c".repeat(64)}`,
    );
  });

  test("names of the longest model and environment fit", () => {
    const tf = synth({
      manifest: baseManifest({
        name: `a${"b".repeat(30)}c`,
        model: { build: { context: "examples" } },
        environments: { ["e".repeat(16)]: {} },
      }),
      target: KIND,
      env: "e".repeat(16),
    }).stack(KIND);
    const longest = (name: unknown) =>
      String(name).replace("${substr(var.image_digest, 7, 8)}", "x".repeat(8)).length;
    expect(longest(only(tf, "aws_sagemaker_endpoint").name)).toBe(49);
    expect(longest(only(tf, "aws_sagemaker_model").name)).toBeLessThanOrEqual(63);
    expect(longest(only(tf, "aws_sagemaker_endpoint_configuration").name)).toBeLessThanOrEqual(63);
    expect(longest(only(tf, "aws_iam_role").name)).toBeLessThanOrEqual(64);
  });
});

describe("the role that an update goes back to", () => {
  const model = (changes: Json) => ({ model: { ...baseManifest().model, ...changes } });
  const names = (changes: Json, options: Json = {}) => {
    const tf = stack(changes, options);
    return ["aws_iam_role", "aws_sagemaker_model"].map((type) => only(tf, type).name as string);
  };
  const base = names({});

  test("is named after its rights and the region, and goes after the new one serves", () => {
    const role = only(stack({}), "aws_iam_role");
    expect(role.name).toMatch(/^fraud-scorer-default-sagemaker-realtime-eu-west-1-[0-9a-f]{8}$/);
    expect(role.lifecycle).toEqual({ create_before_destroy: true });
    expect(only(stack({}), "aws_iam_role_policy").lifecycle).toEqual({ create_before_destroy: true });
  });

  test.each<[string, Json, Json]>([
    ["another artifact", model({ artifact: "s3://models/fraud/2/model.tar.gz" }), {}],
    ["another repository", model({ image: "123456789012.dkr.ecr.eu-west-1.amazonaws.com/other:1" }), {}],
    ["data capture", { observability: { dataCapture: 10 } }, {}],
    ["another mode", {}, { mode: "async" }],
  ])("%s makes another one, and with it another model", (_, changes, options) => {
    const [role, name] = names(changes, options);
    expect(role).not.toBe(base[0]);
    expect(name).not.toBe(base[1]);
  });

  test("another version of the image makes another model under the same role", () => {
    const [role, name] = names(model({ image: `${(baseManifest().model.image as string).slice(0, -1)}b` }));
    expect(role).toBe(base[0]);
    expect(name).not.toBe(base[1]);
  });
});

describe("rollouts", () => {
  const deployment = (rollout: Json, options: Json = {}) =>
    only(stack({ rollout }, options), "aws_sagemaker_endpoint").deployment_config as Json;

  test("canary", () => {
    expect(deployment({ strategy: "canary", step: 20, interval: "5m" }).blue_green_update_policy).toEqual({
      maximum_execution_timeout_in_seconds: 2400,
      termination_wait_in_seconds: 300,
      traffic_routing_configuration: {
        type: "CANARY",
        wait_interval_in_seconds: 300,
        canary_size: { type: "CAPACITY_PERCENT", value: 20 },
      },
    });
  });

  test("linear", () => {
    expect(
      deployment({ strategy: "linear", step: 25, interval: "2m" }, { terminationWait: "1m" })
        .blue_green_update_policy,
    ).toEqual({
      maximum_execution_timeout_in_seconds: 2340,
      termination_wait_in_seconds: 60,
      traffic_routing_configuration: {
        type: "LINEAR",
        wait_interval_in_seconds: 120,
        linear_step_size: { type: "CAPACITY_PERCENT", value: 25 },
      },
    });
  });

  test("rolling", () => {
    expect(deployment({ strategy: "rolling", step: 50, interval: "1m" }).rolling_update_policy).toEqual({
      maximum_batch_size: { type: "CAPACITY_PERCENT", value: 50 },
      maximum_execution_timeout_in_seconds: 1920,
      wait_interval_in_seconds: 60,
    });
  });

  test("another way of updating is another configuration: an endpoint is not updated to the one that it has", () => {
    const name = (step: number) =>
      only(stack({ rollout: { strategy: "canary", step } }), "aws_sagemaker_endpoint_configuration").name;
    expect(name(20)).not.toBe(name(30));
    expect(name(20)).toBe(name(20));
  });

  test("no rollback where the manifest wants none", () => {
    expect(deployment({ rollback: false })).not.toHaveProperty("auto_rollback_configuration");
  });
});

describe("scaling", () => {
  const scaled = (policies: Json[] | undefined, options: Json = {}, range: Json = { min: 2, max: 6 }) =>
    stack({ scaling: { ...range, ...(policies === undefined ? {} : { policies }) } }, options);

  test("the scalable target refers to the endpoint, and the variant starts at the minimum", () => {
    const tf = scaled(undefined);
    expect(only(tf, "aws_appautoscaling_target")).toMatchObject({
      min_capacity: 2,
      max_capacity: 6,
      service_namespace: "sagemaker",
      scalable_dimension: "sagemaker:variant:DesiredInstanceCount",
      resource_id: "endpoint/${aws_sagemaker_endpoint.endpoint.name}/variant/AllTraffic",
    });
    expect(
      only(tf, "aws_sagemaker_endpoint_configuration").production_variants[0].initial_instance_count,
    ).toBe(2);
  });

  test("CPU percent is multiplied by the vCPUs", () => {
    const policy = only(scaled(undefined, { instanceType: "ml.m5.4xlarge" }), "aws_appautoscaling_policy");
    expect(policy.target_tracking_scaling_policy_configuration).toEqual({
      target_value: 70 * 16,
      scale_in_cooldown: 300,
      scale_out_cooldown: 60,
      customized_metric_specification: {
        namespace: "/aws/sagemaker/Endpoints",
        metric_name: "CPUUtilization",
        statistic: "Average",
        dimensions: [
          { name: "EndpointName", value: "${aws_sagemaker_endpoint.endpoint.name}" },
          { name: "VariantName", value: "AllTraffic" },
        ],
      },
    });
  });

  test.each([
    ["invocations-per-instance", 900, "SageMakerVariantInvocationsPerInstance", 900],
    ["concurrency", 4, "SageMakerVariantConcurrentRequestsPerModelHighResolution", 4],
  ])("%s is SageMaker's predefined metric", (metric, target, predefined, value) => {
    const policy = only(scaled([{ type: "target-tracking", metric, target }]), "aws_appautoscaling_policy");
    expect(policy.target_tracking_scaling_policy_configuration).toMatchObject({
      target_value: value,
      predefined_metric_specification: { predefined_metric_type: predefined },
    });
  });

  test("asynchronous: backlog per instance, and a way back from zero", () => {
    const tf = scaled(undefined, { mode: "async" }, { min: 0, max: 3 });
    expect(only(tf, "aws_appautoscaling_target")).toMatchObject({ min_capacity: 0, max_capacity: 3 });
    const policies = tf.resource.aws_appautoscaling_policy as Json;
    expect(
      policies["scaling-target-tracking-concurrency"].target_tracking_scaling_policy_configuration,
    ).toMatchObject({
      target_value: 5,
      customized_metric_specification: {
        namespace: "AWS/SageMaker",
        metric_name: "ApproximateBacklogSizePerInstance",
        dimensions: [{ name: "EndpointName", value: "${aws_sagemaker_endpoint.endpoint.name}" }],
      },
    });
    expect(policies["scaling-wake"].step_scaling_policy_configuration.step_adjustment).toEqual([
      { metric_interval_lower_bound: "0", scaling_adjustment: 1 },
    ]);
    expect(tf.resource.aws_cloudwatch_metric_alarm["scaling-wake-alarm"]).toMatchObject({
      metric_name: "HasBacklogWithoutCapacity",
      alarm_actions: ["${aws_appautoscaling_policy.scaling-wake.arn}"],
    });
    expect(
      only(tf, "aws_sagemaker_endpoint_configuration").production_variants[0].initial_instance_count,
    ).toBe(1);
  });

  test("serverless: percent of provisioned concurrency is 0 to 1", () => {
    const tf = scaled(
      [{ type: "target-tracking", metric: "provisioned-concurrency-utilization", target: 70 }],
      { mode: "serverless", provisionedConcurrency: 2, maxConcurrency: 10 },
    );
    expect(only(tf, "aws_appautoscaling_target").scalable_dimension).toBe(
      "sagemaker:variant:DesiredProvisionedConcurrency",
    );
    expect(
      only(tf, "aws_appautoscaling_policy").target_tracking_scaling_policy_configuration.target_value,
    ).toBe(0.7);
  });
});

describe("serverless", () => {
  test("memory is the smallest that holds the resources; no instance, no isolation, no gradual rollout", () => {
    const tf = stack({ resources: { cpu: 3, memory: "2Gi" } }, { mode: "serverless" });
    expect(only(tf, "aws_sagemaker_endpoint_configuration").production_variants).toEqual([
      {
        variant_name: "AllTraffic",
        model_name: "${aws_sagemaker_model.model.name}",
        initial_variant_weight: 1,
        serverless_config: { memory_size_in_mb: 3072, max_concurrency: 20 },
      },
    ]);
    expect(only(tf, "aws_sagemaker_model").enable_network_isolation).toBe(false);
    expect(only(tf, "aws_sagemaker_endpoint")).not.toHaveProperty("deployment_config");
  });
});

describe("asynchronous", () => {
  test("results and failures go to the foundation's bucket, and the role reads and writes just there", () => {
    const tf = stack({}, { mode: "async" });
    const bucket = `s3://${FOUNDATION}.bucket_name}/results/fraud-scorer-default/`;
    expect(only(tf, "aws_sagemaker_endpoint_configuration").async_inference_config).toEqual({
      output_config: {
        s3_output_path: bucket,
        s3_failure_path: `${bucket}failures/`,
        kms_key_id: `${FOUNDATION}.key_arn}`,
      },
    });
    const byId = Object.fromEntries(statements(tf).map((statement) => [statement.Sid, statement.Resource]));
    expect(byId.Requests).toBe(`${FOUNDATION}.bucket_arn}/requests/fraud-scorer-default/*`);
    expect(byId.Results).toBe(`${FOUNDATION}.bucket_arn}/results/fraud-scorer-default/*`);
  });

  test("given places and topics are used", () => {
    const topic = (name: string) => `arn:aws:sns:eu-west-1:123456789012:${name}`;
    const tf = stack(
      {},
      {
        mode: "async",
        input: "s3://in/requests/",
        output: "s3://out/results",
        failures: "s3://out/failed/",
        maxConcurrentInvocations: 7,
        successTopic: topic("done"),
        errorTopic: topic("failed"),
      },
    );
    expect(only(tf, "aws_sagemaker_endpoint_configuration").async_inference_config).toMatchObject({
      output_config: {
        s3_output_path: "s3://out/results",
        s3_failure_path: "s3://out/failed/",
        notification_config: { success_topic: topic("done"), error_topic: topic("failed") },
      },
      client_config: { max_concurrent_invocations_per_instance: 7 },
    });
    const byId = Object.fromEntries(statements(tf).map((statement) => [statement.Sid, statement.Resource]));
    expect(byId.Requests).toBe("arn:aws:s3:::in/requests/*");
    expect(byId.Results).toEqual(["arn:aws:s3:::out/results/*", "arn:aws:s3:::out/failed/*"]);
    expect(byId.Notices).toEqual([topic("done"), topic("failed")]);
  });
});

test("types with local NVMe get neither key nor volume", () => {
  const tf = stack({ resources: { cpu: 4, memory: "8Gi", gpu: 1 } }, { instanceType: "ml.g5.xlarge" });
  const configuration = only(tf, "aws_sagemaker_endpoint_configuration");
  expect(configuration).not.toHaveProperty("kms_key_arn");
  expect(configuration.production_variants[0]).not.toHaveProperty("volume_size_in_gb");
});

test("captured data goes to the foundation's bucket, encrypted, input and output", () => {
  const tf = stack({ observability: { dataCapture: 25 } });
  expect(only(tf, "aws_sagemaker_endpoint_configuration").data_capture_config).toEqual({
    enable_capture: true,
    initial_sampling_percentage: 25,
    destination_s3_uri: `s3://${FOUNDATION}.bucket_name}/capture/fraud-scorer-default`,
    kms_key_id: `${FOUNDATION}.key_arn}`,
    capture_options: [{ capture_mode: "Input" }, { capture_mode: "Output" }],
    capture_content_type_header: {
      csv_content_types: ["text/csv"],
      json_content_types: ["application/json", "application/jsonlines"],
    },
  });
  expect(statements(tf).find(({ Sid }) => Sid === "CapturedData")?.Resource).toBe(
    `${FOUNDATION}.bucket_arn}/capture/fraud-scorer-default/*`,
  );
});

test("an uncompressed artifact is a prefix that the role may list", () => {
  const tf = stack({ model: { ...baseManifest().model, artifact: "s3://models/llm/" } });
  expect(only(tf, "aws_sagemaker_model").primary_container.model_data_source).toEqual({
    s3_data_source: [{ s3_uri: "s3://models/llm/", s3_data_type: "S3Prefix", compression_type: "None" }],
  });
  const byId = Object.fromEntries(statements(tf).map((statement) => [statement.Sid, statement]));
  expect(byId.Artifact?.Resource).toBe("arn:aws:s3:::models/llm/*");
  expect(byId.ArtifactList).toMatchObject({
    Resource: "arn:aws:s3:::models",
    Condition: { StringLike: { "s3:prefix": "llm/*" } },
  });
});

test("alarms take error rate and latency from the SLO, in SageMaker's microseconds", () => {
  const tf = stack({ workload: { requestsPerSecond: 5, slo: { p99: "300ms", errorRate: 0.002 } } });
  const alarms = tf.resource.aws_cloudwatch_metric_alarm as Json;
  expect(alarms["alarm-errors"]).toMatchObject({
    threshold: 0.002,
    statistic: "Average",
    datapoints_to_alarm: 3,
  });
  expect(alarms["alarm-latency"]).toMatchObject({ threshold: 300_000, extended_statistic: "p99" });
  const none = stack({ observability: { alarms: false, dashboard: false } });
  expect(none.resource).not.toHaveProperty("aws_cloudwatch_metric_alarm");
  expect(none.resource).not.toHaveProperty("aws_cloudwatch_dashboard");
  expect(only(none, "aws_sagemaker_endpoint").deployment_config).not.toHaveProperty(
    "auto_rollback_configuration",
  );
});

test.each([
  ["volumeSize", { volumeSize: "50Gi" }, "volume_size_in_gb", 50],
  ["downloadTimeout", { downloadTimeout: "10m" }, "model_data_download_timeout_in_seconds", 600],
  [
    "amiVersion",
    { amiVersion: "al2-ami-sagemaker-inference-gpu-3-1" },
    "inference_ami_version",
    "al2-ami-sagemaker-inference-gpu-3-1",
  ],
])("%s reaches the variant", (_, options, attribute, value) => {
  const configuration = only(stack({}, options), "aws_sagemaker_endpoint_configuration");
  expect(configuration.production_variants[0][attribute]).toBe(value);
});

test("routing and resources.storage reach the variant", () => {
  const tf = stack({ resources: { cpu: 1, memory: "2Gi", storage: "30Gi" } }, { routing: "RANDOM" });
  const [variant] = only(tf, "aws_sagemaker_endpoint_configuration").production_variants as Json[];
  expect(variant?.routing_config).toEqual([{ routing_strategy: "RANDOM" }]);
  expect(variant?.volume_size_in_gb).toBe(30);
});

describe("several variants", () => {
  const ECR = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
  const NEW_IMAGE = `${ECR}/fraud-next@sha256:${"b".repeat(64)}`;
  const NEW_ARTIFACT = "s3://next/fraud/2/model.tar.gz";
  const MODEL = {
    ...baseManifest().model,
    artifact: "s3://models/fraud/1/model.tar.gz",
    environment: { LOG_LEVEL: "info", THREADS: "1" },
  };
  const candidate = (changes: Json = {}): Json => ({ name: "candidate", percent: 20, ...changes });
  const several = (changes: Json, ...variants: readonly Json[]) =>
    stack({ model: MODEL, ...changes }, { instanceType: "ml.m5.xlarge", variants });
  const configurationOf = (tf: Json): Json => only(tf, "aws_sagemaker_endpoint_configuration");

  test("share the requests by percent: what is left goes to the main variant, whose name stays", () => {
    const tf = several({}, candidate({ instanceType: "ml.m5.2xlarge" }), { name: "b", percent: 33.3 });
    expect(configurationOf(tf).production_variants).toEqual(
      [
        ["AllTraffic", "model", 46.7, "ml.m5.xlarge"],
        ["b", "model-b", 33.3, "ml.m5.xlarge"],
        ["candidate", "model-candidate", 20, "ml.m5.2xlarge"],
      ].map(([variant_name, model, initial_variant_weight, instance_type]) => ({
        variant_name,
        model_name: `\${aws_sagemaker_model.${String(model)}.name}`,
        initial_variant_weight,
        instance_type,
        initial_instance_count: 1,
        container_startup_health_check_timeout_in_seconds: 60,
        routing_config: [{ routing_strategy: "LEAST_OUTSTANDING_REQUESTS" }],
      })),
    );
    expect(configurationOf(tf)).not.toHaveProperty("shadow_production_variants");
  });

  test("have models of their own: what they name is theirs, the rest is the manifest's", () => {
    const tf = several(
      {},
      candidate({ image: NEW_IMAGE, artifact: NEW_ARTIFACT, environment: { THREADS: "4", MODE: "fast" } }),
      { name: "twin", percent: 1 },
    );
    const { model, "model-candidate": own, "model-twin": twin } = tf.resource.aws_sagemaker_model as Json;
    expect(model.primary_container).toEqual({
      image: MODEL.image,
      model_data_url: MODEL.artifact,
      environment: MODEL.environment,
    });
    expect(own.primary_container).toEqual({
      image: NEW_IMAGE,
      model_data_url: NEW_ARTIFACT,
      environment: { LOG_LEVEL: "info", THREADS: "4", MODE: "fast" },
    });
    expect(own.name).toMatch(/^fraud-scorer-default-candidate-[0-9a-f]{8}$/);
    expect(own.lifecycle).toEqual({ create_before_destroy: true });
    expect(own.execution_role_arn).toBe(model.execution_role_arn);
    expect(twin.primary_container).toEqual(model.primary_container);
    expect(twin.name).toMatch(/^fraud-scorer-default-twin-[0-9a-f]{8}$/);
  });

  test("the configuration's name follows each model, and each share", () => {
    const name = (changes: Json) => configurationOf(several({}, candidate(changes))).name as string;
    const names = [{}, { percent: 30 }, { environment: { A: "1" } }, { image: NEW_IMAGE }].map(name);
    expect(new Set(names).size).toBe(4);
    expect(name({})).toBe(names[0]);
  });

  test("their order in the manifest shows nowhere", () => {
    const other = { name: "another", percent: 5, environment: { B: "2", A: "1" } };
    const same = { name: "another", percent: 5, environment: { A: "1", B: "2" } };
    const text = (tf: Json) => JSON.stringify(tf.resource);
    expect(text(several({}, other, candidate()))).toBe(text(several({}, candidate(), same)));
  });

  test("the role reads each artifact and pulls each image, once", () => {
    const byId = (tf: Json) =>
      Object.fromEntries(statements(tf).map((statement) => [statement.Sid as string, statement]));
    const both = byId(several({}, candidate({ image: NEW_IMAGE, artifact: NEW_ARTIFACT })));
    expect(both.ImagePull?.Resource).toEqual([
      "arn:aws:ecr:eu-west-1:123456789012:repository/fraud",
      "arn:aws:ecr:eu-west-1:123456789012:repository/fraud-next",
    ]);
    expect(both.Artifact?.Resource).toEqual([
      "arn:aws:s3:::models/fraud/1/model.tar.gz",
      "arn:aws:s3:::next/fraud/2/model.tar.gz",
    ]);
    const same = byId(several({}, candidate({ image: `${ECR}/fraud@sha256:${"b".repeat(64)}` })));
    expect(same.ImagePull?.Resource).toBe("arn:aws:ecr:eu-west-1:123456789012:repository/fraud");
    expect(same.Artifact?.Resource).toBe("arn:aws:s3:::models/fraud/1/model.tar.gz");
  });

  test("uncompressed artifacts are listed bucket by bucket", () => {
    const tf = stack(
      { model: { ...MODEL, artifact: "s3://models/a/" } },
      {
        variants: [
          { name: "b", percent: 1, artifact: "s3://models/b/" },
          { name: "c", percent: 1, artifact: "s3://next/c/" },
        ],
      },
    );
    expect(
      statements(tf)
        .filter(({ Sid }) => (Sid as string).startsWith("ArtifactList"))
        .map(({ Sid, Resource, Condition }) => [Sid, Resource, Condition]),
    ).toEqual([
      ["ArtifactList", "arn:aws:s3:::models", { StringLike: { "s3:prefix": ["a/*", "b/*"] } }],
      ["ArtifactList2", "arn:aws:s3:::next", { StringLike: { "s3:prefix": "c/*" } }],
    ]);
  });

  test.each<[string, Json, boolean]>([
    ["another artifact", { artifact: NEW_ARTIFACT }, true],
    ["another repository", { image: NEW_IMAGE }, true],
    ["another share", { percent: 21 }, false],
    ["another variable", { environment: { A: "1" } }, false],
  ])("%s of a variant makes another role: %#", (_, changes, another) => {
    const role = (tf: Json) => only(tf, "aws_iam_role").name as string;
    expect(role(several({}, candidate(changes))) !== role(several({}, candidate()))).toBe(another);
  });

  test("each has its alarms, all of which roll an update back", () => {
    const tf = several({ workload: { requestsPerSecond: 5, slo: { p99: "300ms" } } }, candidate());
    const alarms = tf.resource.aws_cloudwatch_metric_alarm as Json;
    expect(Object.keys(alarms)).toEqual([
      "alarm-errors",
      "alarm-errors-candidate",
      "alarm-latency",
      "alarm-latency-candidate",
    ]);
    const dimensions = (variant: string) => ({ EndpointName: "fraud-scorer-default", VariantName: variant });
    expect(alarms["alarm-errors"].dimensions).toEqual(dimensions("AllTraffic"));
    expect(alarms["alarm-errors-candidate"].dimensions).toEqual(dimensions("candidate"));
    expect(alarms["alarm-latency-candidate"].dimensions).toEqual(dimensions("candidate"));
    const prefix = "fraud-scorer-default-sagemaker-realtime";
    expect(only(tf, "aws_sagemaker_endpoint").deployment_config.auto_rollback_configuration.alarms).toEqual(
      ["errors", "latency", "errors-candidate", "latency-candidate"].map((suffix) => ({
        alarm_name: `${prefix}-${suffix}`,
      })),
    );
  });

  test("each scales by itself, on its own metrics and its own vCPUs", () => {
    const tf = several({ scaling: { min: 2, max: 6 } }, candidate({ instanceType: "ml.m5.4xlarge" }));
    const targets = tf.resource.aws_appautoscaling_target as Json;
    expect(Object.keys(targets)).toEqual(["scalable-target", "scalable-target-variant-candidate"]);
    expect(targets["scalable-target-variant-candidate"]).toMatchObject({
      resource_id: "endpoint/${aws_sagemaker_endpoint.endpoint.name}/variant/candidate",
      min_capacity: 2,
      max_capacity: 6,
    });
    const policies = tf.resource.aws_appautoscaling_policy as Json;
    const own = policies["scaling-variant-candidate-target-tracking-cpu"];
    expect(own.name).toBe("fraud-scorer-default-sagemaker-realtime-variant-candidate-target-tracking-cpu");
    expect(own.target_tracking_scaling_policy_configuration).toMatchObject({
      target_value: 70 * 16,
      customized_metric_specification: {
        dimensions: [
          { name: "EndpointName", value: "${aws_sagemaker_endpoint.endpoint.name}" },
          { name: "VariantName", value: "candidate" },
        ],
      },
    });
    expect(
      policies["scaling-target-tracking-cpu"].target_tracking_scaling_policy_configuration.target_value,
    ).toBe(70 * 4);
  });

  test("an own range has the tracking and step policies, and schedules leave it alone", () => {
    const policies = [
      { type: "target-tracking", metric: "cpu", target: 60 },
      {
        type: "step",
        metric: "invocations-per-instance",
        threshold: 1000,
        steps: [
          { from: 0, to: 500, add: 1 },
          { from: 500, add: 2 },
          { from: -900, to: -500, add: -1 },
        ],
      },
      { type: "scheduled", cron: "0 8 ? * MON-FRI *", timezone: "Europe/Dublin", min: 4 },
    ];
    const scaling = { min: 2, max: 6, policies };
    const own = several({ scaling }, candidate({ scaling: { min: 1, max: 3 } }));
    expect(own.resource.aws_appautoscaling_target["scalable-target-variant-candidate"]).toMatchObject({
      min_capacity: 1,
      max_capacity: 3,
    });
    expect(Object.keys(own.resource.aws_appautoscaling_scheduled_action as Json)).toEqual([
      "scaling-scheduled",
    ]);
    expect(
      Object.keys(own.resource.aws_appautoscaling_policy as Json).filter((id) => id.includes("candidate")),
    ).toEqual([
      "scaling-variant-candidate-step-invocations-per-instance-in",
      "scaling-variant-candidate-step-invocations-per-instance-out",
      "scaling-variant-candidate-target-tracking-cpu",
    ]);
    expect(
      own.resource.aws_cloudwatch_metric_alarm[
        "scaling-variant-candidate-step-invocations-per-instance-out-alarm"
      ].dimensions,
    ).toEqual({ EndpointName: "${aws_sagemaker_endpoint.endpoint.name}", VariantName: "candidate" });
    expect(configurationOf(own).production_variants[1].initial_instance_count).toBe(1);

    const shared = several({ scaling }, candidate());
    expect(Object.keys(shared.resource.aws_appautoscaling_scheduled_action as Json)).toEqual([
      "scaling-scheduled",
      "scaling-variant-candidate-scheduled",
    ]);

    const fixed = several({ scaling }, candidate({ scaling: { min: 2 } }));
    expect(Object.keys(fixed.resource.aws_appautoscaling_target as Json)).toEqual(["scalable-target"]);
    expect(configurationOf(fixed).production_variants[1].initial_instance_count).toBe(2);
  });

  test("the dashboard shows each of them", () => {
    const dashboard = JSON.parse(
      only(several({}, candidate()), "aws_cloudwatch_dashboard").dashboard_body as string,
    ) as Json;
    const errors = (dashboard.widgets as Json[]).find(({ properties }) => properties.title === "Errors");
    expect(
      (errors?.properties.metrics as unknown[][]).map((metric) => [metric[1], metric[5], metric[6]]),
    ).toEqual([
      ["Invocation5XXErrors", "AllTraffic", { stat: "Sum", label: "5xx, AllTraffic" }],
      ["Invocation5XXErrors", "candidate", { stat: "Sum", label: "5xx, candidate" }],
      ["Invocation4XXErrors", "AllTraffic", { stat: "Sum", label: "4xx, AllTraffic" }],
      ["Invocation4XXErrors", "candidate", { stat: "Sum", label: "4xx, candidate" }],
    ]);
  });

  test("an image that only Terraform knows is in the name of each model that runs it", () => {
    const tf = stack(
      { model: { build: { context: "examples" } } },
      { variants: [candidate(), { name: "pinned", percent: 1, image: NEW_IMAGE }] },
    );
    const models = tf.resource.aws_sagemaker_model as Json;
    expect(models["model-candidate"].name).toMatch(/-[0-9a-f]{8}-\$\{substr\(var\.image_digest, 7, 8\)\}$/);
    expect(models["model-pinned"].name).toMatch(/^fraud-scorer-default-pinned-[0-9a-f]{8}$/);
    expect(configurationOf(tf).name).toMatch(/\$\{substr\(var\.image_digest, 7, 8\)\}$/);
  });

  test("names of the longest variant fit", () => {
    const name = "v".repeat(63);
    const tf = several({ name: `a${"b".repeat(30)}c`, scaling: { min: 1, max: 2 } }, candidate({ name }));
    const { [`model-${name}`]: model } = tf.resource.aws_sagemaker_model as Json;
    expect((model.name as string).length).toBeLessThanOrEqual(63);
    const named = [tf.resource.aws_appautoscaling_policy, tf.resource.aws_cloudwatch_metric_alarm];
    for (const resource of named.flatMap((each: Json) => Object.values(each) as Json[])) {
      expect(((resource.name ?? resource.alarm_name) as string).length).toBeLessThanOrEqual(255);
    }
  });

  test("data of all of them is captured", () => {
    const tf = several({ observability: { dataCapture: 25 } }, candidate());
    expect(configurationOf(tf).data_capture_config.initial_sampling_percentage).toBe(25);
    expect(configurationOf(tf).production_variants).toHaveLength(2);
  });
});

describe("a shadow variant", () => {
  const shadowed = (shadow: Json, changes: Json = {}) =>
    stack(
      { scaling: { min: 2, max: 4 }, observability: { dataCapture: 10 }, ...changes },
      { instanceType: "ml.m5.xlarge", shadow },
    );

  test("copies its percent of the main variant's requests, on a fixed number of instances", () => {
    const configuration = only(shadowed({ percent: 50 }), "aws_sagemaker_endpoint_configuration");
    expect(configuration.production_variants).toMatchObject([
      { variant_name: "AllTraffic", initial_variant_weight: 1 },
    ]);
    expect(configuration.shadow_production_variants).toEqual([
      {
        variant_name: "Shadow",
        model_name: "${aws_sagemaker_model.model-Shadow.name}",
        initial_variant_weight: 0.5,
        instance_type: "ml.m5.xlarge",
        initial_instance_count: 2,
        container_startup_health_check_timeout_in_seconds: 60,
        routing_config: [{ routing_strategy: "LEAST_OUTSTANDING_REQUESTS" }],
      },
    ]);
    expect(configuration.data_capture_config.initial_sampling_percentage).toBe(10);
  });

  test("has what it names for itself", () => {
    const image = `123456789012.dkr.ecr.eu-west-1.amazonaws.com/fraud@sha256:${"b".repeat(64)}`;
    const tf = shadowed({
      percent: 12.5,
      image,
      artifact: "s3://next/model.tar.gz",
      environment: { A: "1" },
      instanceType: "ml.c5.xlarge",
      instances: 3,
    });
    expect(only(tf, "aws_sagemaker_endpoint_configuration").shadow_production_variants).toMatchObject([
      { initial_variant_weight: 0.125, instance_type: "ml.c5.xlarge", initial_instance_count: 3 },
    ]);
    expect(tf.resource.aws_sagemaker_model["model-Shadow"].primary_container).toEqual({
      image,
      model_data_url: "s3://next/model.tar.gz",
      environment: { A: "1" },
    });
  });

  test("rolls nothing back and does not scale", () => {
    const tf = shadowed({ percent: 50 });
    expect(Object.keys(tf.resource.aws_cloudwatch_metric_alarm as Json)).toEqual(["alarm-errors"]);
    expect(Object.keys(tf.resource.aws_appautoscaling_target as Json)).toEqual(["scalable-target"]);
    expect(only(tf, "aws_cloudwatch_dashboard").dashboard_body).toContain('"Shadow"');
  });
});

test("no rollout guards Inferentia 1, so none is promised", () => {
  const tf = stack({}, { instanceType: "ml.inf1.xlarge" });
  expect(only(tf, "aws_sagemaker_endpoint")).not.toHaveProperty("deployment_config");
});

test("a schedule that brings an asynchronous endpoint to zero has a way back, too", () => {
  const night = { type: "scheduled", cron: "0 20 ? * * *", min: 0 };
  const scaling = {
    min: 1,
    max: 3,
    policies: [{ type: "target-tracking", metric: "concurrency", target: 5 }, night],
  };
  expect(stack({ scaling }, { mode: "async" }).resource.aws_appautoscaling_policy).toHaveProperty(
    "scaling-wake",
  );
});
