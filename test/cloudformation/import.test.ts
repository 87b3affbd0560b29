import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ImportReport, importTemplate, writeManifests } from "../../modules/cloudformation/import";
import { importText as asText } from "../../modules/cloudformation/text";
import { targets } from "../../targets";
import { type Json, only as resourceOf, synth } from "../support/synth";
import { importFile, importText, lost, only, TEMPLATES, templateOf, unspoken } from "./support";

const errors = (report: ImportReport) => report.issues.filter(({ severity }) => severity === "error");

const STACK = "sagemaker-realtime";

describe("a provisioned endpoint", () => {
  const report = importFile("provisioned.yaml");
  const { name, text } = only(report);
  const stack = synth({ text }).stack(STACK);

  test("is named after the endpoint, and validates but for the tag of its image", () => {
    expect(name).toBe("churn-prod");
    expect(report.issues.map(({ code }) => code)).toEqual(["IMAGE_NOT_PINNED"]);
  });

  test("has the template's model", () => {
    const model = resourceOf(stack, "aws_sagemaker_model");
    expect(model.primary_container).toEqual({
      image: "123456789012.dkr.ecr.eu-west-1.amazonaws.com/churn:4.2.0",
      model_data_url: "s3://acme-models/churn/2026-11-01/model.tar.gz",
      environment: { LOG_LEVEL: "info", STAGE: "prod", WORKERS: "4" },
    });
    expect(model.enable_network_isolation).toBe(true);
  });

  test("has the template's variant, key and captured share", () => {
    const configuration = resourceOf(stack, "aws_sagemaker_endpoint_configuration");
    expect(configuration.production_variants).toEqual([
      expect.objectContaining({
        instance_type: "ml.m5.xlarge",
        initial_instance_count: 2,
        volume_size_in_gb: 30,
        container_startup_health_check_timeout_in_seconds: 300,
        model_data_download_timeout_in_seconds: 600,
        routing_config: [{ routing_strategy: "LEAST_OUTSTANDING_REQUESTS" }],
      }),
    ]);
    expect(configuration.kms_key_arn).toBe(
      "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    );
    expect(configuration.data_capture_config).toMatchObject({ initial_sampling_percentage: 20 });
  });

  test("is updated as the template updates it", () => {
    expect(resourceOf(stack, "aws_sagemaker_endpoint").deployment_config).toMatchObject({
      blue_green_update_policy: {
        termination_wait_in_seconds: 120,
        traffic_routing_configuration: {
          type: "CANARY",
          wait_interval_in_seconds: 600,
          canary_size: { type: "CAPACITY_PERCENT", value: 25 },
        },
      },
    });
  });

  test("scales by the template's numbers", () => {
    expect(resourceOf(stack, "aws_appautoscaling_target")).toMatchObject({
      min_capacity: 2,
      max_capacity: 10,
      scalable_dimension: "sagemaker:variant:DesiredInstanceCount",
    });
    expect(resourceOf(stack, "aws_appautoscaling_scheduled_action")).toMatchObject({
      schedule: "cron(0 7 ? * MON-FRI *)",
      timezone: "Europe/Dublin",
      scalable_target_action: { min_capacity: "4", max_capacity: "12" },
    });
    const policies = Object.values(stack.resource.aws_appautoscaling_policy as Record<string, unknown>);
    expect(policies).toHaveLength(3);
    expect(policies).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          target_tracking_scaling_policy_configuration: {
            target_value: 750,
            scale_in_cooldown: 600,
            scale_out_cooldown: 60,
            predefined_metric_specification: {
              predefined_metric_type: "SageMakerVariantInvocationsPerInstance",
            },
          },
        }),
        expect.objectContaining({
          target_tracking_scaling_policy_configuration: expect.objectContaining({
            target_value: 280,
            scale_in_cooldown: 300,
            scale_out_cooldown: 300,
            customized_metric_specification: expect.objectContaining({
              namespace: "/aws/sagemaker/Endpoints",
              metric_name: "CPUUtilization",
              statistic: "Average",
            }),
          }),
        }),
        expect.objectContaining({
          step_scaling_policy_configuration: {
            adjustment_type: "ChangeInCapacity",
            cooldown: 120,
            metric_aggregation_type: "Average",
            step_adjustment: [
              { metric_interval_lower_bound: "0", metric_interval_upper_bound: "500", scaling_adjustment: 1 },
              { metric_interval_lower_bound: "500", scaling_adjustment: 3 },
            ],
          },
        }),
      ]),
    );
    const alarm = Object.values(
      stack.resource.aws_cloudwatch_metric_alarm as Record<string, Record<string, unknown>>,
    ).find(({ metric_name }) => metric_name === "InvocationsPerInstance");
    // What the report says of the alarm for a step must be what the alarm is.
    expect(alarm).toMatchObject({
      threshold: 1000,
      statistic: "Sum",
      period: 60,
      evaluation_periods: 2,
      comparison_operator: "GreaterThanOrEqualToThreshold",
      treat_missing_data: "notBreaching",
    });
  });

  test("keeps its logs as long, and tags everything", () => {
    expect(resourceOf(stack, "aws_cloudwatch_log_group").retention_in_days).toBe(90);
    expect(JSON.stringify(stack.provider)).toContain('"team":"growth"');
    expect(JSON.stringify(stack.provider)).toContain('"stage":"prod"');
  });

  test("says where each thing that it lacks stands in the template", () => {
    expect(lost(only(report), "differs")).toEqual([
      "31 Model.Properties.ExecutionRoleArn",
      "48 EndpointConfig.Properties.DataCaptureConfig.DestinationS3Uri",
      "65 Endpoint.DeletionPolicy",
      "67 Endpoint.Properties.EndpointName",
      "76 Endpoint.Properties.DeploymentConfig.BlueGreenUpdatePolicy.MaximumExecutionTimeoutInSeconds",
      "78 Endpoint.Properties.DeploymentConfig.AutoRollbackConfiguration.Alarms",
      "98 ScalableTarget.Properties.ScheduledActions[1]",
      "125 Cpu.Properties.TargetTrackingScalingPolicyConfiguration.DisableScaleIn",
      "161 StepOutAlarm.Properties.EvaluationPeriods",
    ]);
    expect(lost(report, "differs")).toEqual(["17 ModelRole", "165 ErrorAlarm", "183 Outputs.EndpointName"]);
    expect(lost(only(report), "fill")).toEqual([]);
  });

  test("takes parameters from the command line", () => {
    const { name: other, text: changed } = only(
      importFile("provisioned.yaml", { parameters: ["Environment=dev", "ModelVersion=2026-12-01"] }),
    );
    expect(other).toBe("churn-dev");
    expect(changed).toContain("artifact: s3://acme-models/churn/2026-12-01/model.tar.gz");
    expect(changed).toContain("STAGE: dev");
  });

  test("comes out the same each time", () => {
    expect(only(importFile("provisioned.yaml")).text).toBe(text);
  });
});

test("a serverless endpoint keeps its size, and its provisioned concurrency at the same share", () => {
  const report = importFile("serverless.yaml");
  const stack = synth({ text: only(report).text }).stack(STACK);
  expect(errors(report)).toEqual([]);
  expect(lost(only(report), "differs")).toEqual([]);
  expect(resourceOf(stack, "aws_sagemaker_model")).toMatchObject({
    execution_role_arn: "arn:aws:iam::123456789012:role/service-role/sentiment",
    primary_container: {
      environment: {
        HF_MODEL_ID: "distilbert/distilbert-base-uncased-finetuned-sst-2-english",
        HF_TASK: "text-classification",
      },
    },
  });
  expect(
    resourceOf(stack, "aws_sagemaker_endpoint_configuration").production_variants[0].serverless_config,
  ).toEqual({ memory_size_in_mb: 4096, max_concurrency: 50, provisioned_concurrency: 5 });
  expect(resourceOf(stack, "aws_appautoscaling_target")).toMatchObject({ min_capacity: 2, max_capacity: 20 });
  expect(
    resourceOf(stack, "aws_appautoscaling_policy").target_tracking_scaling_policy_configuration,
  ).toMatchObject({ target_value: 0.7, scale_in_cooldown: 300, scale_out_cooldown: 300 });
});

test("an asynchronous endpoint keeps its queue's settings, its backlog and its step from zero", () => {
  const report = importFile("async.yaml", { stackName: "whisper" });
  const { name, text } = only(report);
  const stack = synth({ text }).stack(STACK);
  expect(errors(report)).toEqual([]);
  expect(name).toBe("whisper");
  expect(lost(only(report), "differs")).toEqual([
    "35 Config.Properties.ProductionVariants[0].VariantName",
    "64 Backlog.Properties.TargetTrackingScalingPolicyConfiguration.ScaleOutCooldown",
  ]);
  expect(resourceOf(stack, "aws_sagemaker_model").primary_container.model_data_source).toEqual({
    s3_data_source: [
      { s3_uri: "s3://acme-models/whisper-large-v3/", s3_data_type: "S3Prefix", compression_type: "None" },
    ],
  });
  const configuration = resourceOf(stack, "aws_sagemaker_endpoint_configuration");
  expect(configuration.async_inference_config).toMatchObject({
    client_config: { max_concurrent_invocations_per_instance: 2 },
    output_config: {
      s3_output_path: "s3://acme-transcripts/done/",
      s3_failure_path: "s3://acme-transcripts-failed/failed/",
      notification_config: {
        success_topic: "arn:aws:sns:eu-west-1:123456789012:transcripts",
        error_topic: "arn:aws:sns:eu-west-1:123456789012:transcripts",
      },
    },
  });
  expect(configuration.production_variants[0]).toMatchObject({
    instance_type: "ml.g4dn.xlarge",
    initial_instance_count: 1,
    inference_ami_version: "al2-ami-sagemaker-inference-gpu-2",
    // SageMaker's own, where the template states none.
    container_startup_health_check_timeout_in_seconds: 480,
  });
  expect(resourceOf(stack, "aws_appautoscaling_target")).toMatchObject({ min_capacity: 0, max_capacity: 4 });
  const policies = JSON.stringify(stack.resource.aws_appautoscaling_policy);
  expect(policies).toContain('"target_value":3');
  expect(policies).toContain('"scale_in_cooldown":900');
  expect(policies).toContain('"metric_name":"ApproximateBacklogSizePerInstance"');
  expect(policies).toContain('"scaling_adjustment":1');
  expect(JSON.stringify(stack.resource.aws_cloudwatch_metric_alarm)).toContain("HasBacklogWithoutCapacity");
});

/** The variants of the endpoint configuration, as far as the manifest decides on them. */
function variantsOf(
  stack: Json,
  list: "production_variants" | "shadow_production_variants",
): readonly Json[] {
  const models = stack.resource.aws_sagemaker_model as Record<string, Json>;
  const configuration = resourceOf(stack, "aws_sagemaker_endpoint_configuration");
  return (configuration[list] as Json[]).map((variant) => {
    const id = /aws_sagemaker_model\.([a-zA-Z0-9_-]+)\.name/.exec(variant.model_name as string)?.[1] ?? "";
    const { image, model_data_url: artifact, environment } = models[id]?.primary_container as Json;
    const { variant_name: name, initial_variant_weight: weight } = variant;
    const { instance_type: type, initial_instance_count: count, volume_size_in_gb: volume } = variant;
    return {
      name,
      weight,
      type,
      count,
      image,
      artifact,
      environment,
      ...(volume === undefined ? {} : { volume }),
    };
  });
}

/** The ranges that scaling moves variants in, with the policies of each. */
function rangesOf(stack: Json): Readonly<Record<string, readonly unknown[]>> {
  const all = (type: string) => Object.entries((stack.resource[type] ?? {}) as Record<string, Json>);
  const policies = [...all("aws_appautoscaling_policy"), ...all("aws_appautoscaling_scheduled_action")];
  return Object.fromEntries(
    all("aws_appautoscaling_target").map(
      ([id, { resource_id: resource, min_capacity: min, max_capacity: max }]) => [
        String(resource).split("/").at(-1) ?? "",
        [min, max, policies.filter(([, { resource_id: of }]) => String(of).includes(`.${id}.`)).length],
      ],
    ),
  );
}

const IMAGE = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";

const CURRENT = `${IMAGE}/rank@sha256:${"a".repeat(64)}`;
const NEXT = `${IMAGE}/rank@sha256:${"b".repeat(64)}`;

describe("several variants", () => {
  const report = importFile("weighted.yaml");
  const { text } = only(report);
  const stack = synth({ text }).stack(STACK);

  test("keep their shares, instances, images and artifacts, the greatest as the main one", () => {
    expect(errors(report)).toEqual([]);
    const current = {
      image: CURRENT,
      artifact: "s3://acme-models/rank/2026-11-01/model.tar.gz",
      environment: { STAGE: "prod", TOP_K: "10" },
      volume: 30,
    };
    // 1, 6, 1 and 0 of 8.
    expect(variantsOf(stack, "production_variants")).toEqual([
      { name: "AllTraffic", weight: 75, type: "ml.m5.xlarge", count: 2, ...current },
      { name: "AllTraffic-2", weight: 0, type: "ml.m5.large", count: 1, ...current },
      {
        name: "Candidate",
        weight: 12.5,
        type: "ml.c5.xlarge",
        count: 1,
        image: NEXT,
        artifact: "s3://acme-models/rank/2026-11-20/model.tar.gz",
        environment: { STAGE: "prod", TOP_K: "50", RERANK: "true" },
        volume: 30,
      },
      { name: "current-small", weight: 12.5, type: "ml.m5.xlarge", count: 2, ...current },
    ]);
  });

  test("keep their ranges; one that scales as the main one does says nothing of it", () => {
    expect(rangesOf(stack)).toEqual({
      AllTraffic: [2, 8, 2],
      "current-small": [2, 8, 2],
      Candidate: [1, 3, 1],
    });
    expect(text).toContain("      - name: current-small\n        percent: 12.5\n      - name: AllTraffic-2");
  });

  test("say where each thing that they lack stands in the template", () => {
    expect(lost(only(report), "differs")).toEqual([
      "32 Config.Properties.DataCaptureConfig.DestinationS3Uri",
      "41 Config.Properties.ProductionVariants[1].VariantName",
      "52 Config.Properties.ProductionVariants[2].VolumeSizeInGB",
      "53 Config.Properties.ProductionVariants[3].VariantName",
      "53 Config.Properties.ProductionVariants[3]",
      "120 CandidateTarget.Properties.ResourceId",
      "124 CandidateTarget.Properties.ScheduledActions[0]",
      "127 CandidateInvocations",
    ]);
    expect(lost(report, "differs")).toEqual([]);
  });

  test("need on a replica what the smallest of their instances has", () => {
    expect(text).toMatch(/resources:\n {2}cpu: 2\n {2}memory: 8Gi\n/);
  });

  test("are weighed with the parameters", () => {
    const other = only(importFile("weighted.yaml", { parameters: ["CandidateWeight=13"] })).text;
    const weights = variantsOf(synth({ text: other }).stack(STACK), "production_variants").map(
      ({ name, weight, image }) => [name, weight, image],
    );
    // 13, 6, 1 and 0 of 20: the candidate is the main one now.
    expect(weights).toEqual([
      ["AllTraffic", 65, NEXT],
      ["AllTraffic-2", 0, CURRENT],
      ["Current", 30, CURRENT],
      ["current-small", 5, CURRENT],
    ]);
  });

  test("leave captured data in its bucket", () => {
    expect(
      resourceOf(stack, "aws_sagemaker_endpoint_configuration").data_capture_config.destination_s3_uri,
    ).toBe("s3://acme-capture/rank-default/capture/rank-default");
  });
});

test("a share that is no round number is rounded, and said; the policies of a variant that scales are kept", () => {
  const report = importFile("thirds.json");
  const stack = synth({ text: only(report).text }).stack(STACK);
  expect(errors(report)).toEqual([]);
  expect(
    variantsOf(stack, "production_variants").map(({ name, weight, type, count }) => [
      name,
      weight,
      type,
      count,
    ]),
  ).toEqual([
    ["AllTraffic", 33.3334, "ml.m5.xlarge", 2],
    ["elastic", 33.3333, "ml.m5.2xlarge", 1],
    ["green", 33.3333, "ml.m5.xlarge", 2],
  ]);
  expect(rangesOf(stack)).toEqual({ AllTraffic: [2, 2, 1], elastic: [1, 4, 1] });
  expect(lost(only(report), "differs")).toEqual([
    "19 Config.Properties.ProductionVariants[0].VariantName",
    "34 Config.Properties.ProductionVariants[1].InitialVariantWeight",
    "43 Config.Properties.ProductionVariants[2].InitialVariantWeight",
  ]);
});

test("a shadow variant keeps the share of requests that it gets copies of", () => {
  const report = importFile("shadow.json");
  const stack = synth({ text: only(report).text }).stack(STACK);
  expect(errors(report)).toEqual([]);
  expect(variantsOf(stack, "production_variants")).toEqual([
    expect.objectContaining({ name: "AllTraffic", weight: 1, type: "ml.m5.xlarge", count: 3 }),
  ]);
  // A weight of 1 beside one of 4.
  expect(variantsOf(stack, "shadow_production_variants")).toEqual([
    {
      name: "Shadow",
      weight: 0.25,
      type: "ml.m5.2xlarge",
      count: 1,
      image: `${IMAGE}/fraud@sha256:${"b".repeat(64)}`,
      artifact: "s3://acme-models/fraud/2/model.tar.gz",
      environment: { LOG_LEVEL: "debug", FEATURES: "v1" },
    },
  ]);
  expect(lost(only(report), "differs")).toEqual([
    "47 Config.Properties.ShadowProductionVariants[0]",
    "48 Config.Properties.ShadowProductionVariants[0].VariantName",
    "67 ShadowTarget",
  ]);
});

test("a shadow beside several variants is left behind, and a range without a policy", () => {
  const report = importFile("variants.yaml");
  const stack = synth({ text: only(report).text }).stack(STACK);
  expect(variantsOf(stack, "production_variants")).toEqual([
    expect.objectContaining({ name: "AllTraffic", weight: 90, type: "ml.c5.xlarge", count: 3 }),
    expect.objectContaining({ name: "old", weight: 10, type: "ml.m5.large", count: 1 }),
  ]);
  expect(lost(only(report), "differs")).toEqual([
    "23 Config.Properties.ProductionVariants[1].VariantName",
    "28 Config.Properties.ShadowProductionVariants",
    "45 OldScaling.Properties.MaxCapacity",
  ]);
});

describe("what cannot be had", () => {
  const report = importFile("classic.json");

  test("is left empty, in both files by line", () => {
    expect(lost(only(report), "fill")).toEqual([
      "16 Model.Properties.PrimaryContainer.Image",
      "18 Model.Properties.PrimaryContainer.Environment.API_TOKEN",
      "20 Model.Properties.VpcConfig",
    ]);
    const lines = only(report).text.split("\n");
    expect(
      errors(report).map(({ code, path, line, column }) => [code, path, lines[line - 1]?.slice(column - 1)]),
    ).toEqual([
      [
        "IMPORT_TO_FILL",
        "model.image",
        "image: # FILL IN: is imported from another stack (Fn::ImportValue), and only AWS knows its value",
      ],
      [
        "IMPORT_TO_FILL",
        "model.secrets.API_TOKEN",
        "API_TOKEN: # FILL IN: is a dynamic reference to a secret, which only AWS can read",
      ],
      ["IMPORT_TO_FILL", "network.vpcId", "vpcId: # FILL IN: a model names its subnets, not their VPC"],
    ]);
    expect(errors(report)[2]).toMatchObject({
      fix: "fill in the VPC of the subnets; the parameter VpcId says vpc-0a1b2c3d4e5f60718",
    });
  });

  test("is all that stands in the way", () => {
    const filled = only(report)
      .text.replace(/image: #.*/, "image: 123456789012.dkr.ecr.eu-west-1.amazonaws.com/fraud:1.2.0")
      .replace(
        /API_TOKEN: #.*/,
        "API_TOKEN: arn:aws:secretsmanager:eu-west-1:123456789012:secret:fraud-AbCdEf",
      )
      .replace(/vpcId: #.*/, "vpcId: vpc-0a1b2c3d4e5f60718");
    const stack = synth({ text: filled }).stack(STACK);
    expect(resourceOf(stack, "aws_sagemaker_model")).toMatchObject({
      execution_role_arn: "arn:aws:iam::123456789012:role/fraud",
      vpc_config: {
        subnets: ["subnet-0a1b2c3d4e5f60718", "subnet-0a1b2c3d4e5f60719"],
        security_group_ids: ["sg-0a1b2c3d4e5f60718"],
      },
    });
  });

  test("is the region, where nobody names it", () => {
    const without = importTemplate(join(TEMPLATES, "variants.yaml"), {
      parameters: [],
      out: "out",
      registry: targets,
    });
    expect(errors(without)).toEqual([
      expect.objectContaining({
        code: "IMPORT_TO_FILL",
        path: "region",
        fix: "pass --region, or fill it in",
      }),
    ]);
    // An endpoint runs under a role of its own account.
    expect(only(without).text).toContain('account: "123456789012" # the execution role\'s');
  });
});

describe("parameters, mappings and conditions", () => {
  const prod = {
    parameters: ["Stage=prod", "Image=123456789012.dkr.ecr.eu-west-1.amazonaws.com/m:1.0.0"],
    stackName: "mapped",
  };

  test("decide which endpoint there is, and what it runs on", () => {
    const report = importFile("mappings.yaml", prod);
    const { name, endpoint, text } = only(report);
    expect([name, endpoint]).toEqual(["mapped-prod", "ProdEndpoint"]);
    expect(errors(report)).toEqual([]);
    const stack = synth({ text }).stack(STACK);
    expect(resourceOf(stack, "aws_sagemaker_model")).toMatchObject({
      execution_role_arn: "arn:aws:iam::123456789012:role/mapped",
      enable_network_isolation: true,
      primary_container: {
        model_data_url: "s3://acme-models/prod/model.tar.gz",
        environment: { LITERAL: "$${HOME}/prod", STAGE: "prod", VERBOSE: "true" },
      },
    });
    expect(resourceOf(stack, "aws_sagemaker_endpoint_configuration")).toMatchObject({
      kms_key_arn: "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
      production_variants: [{ instance_type: "ml.c6g.2xlarge", initial_instance_count: 3 }],
    });
    // A scalable target without a policy scales nothing, and no policy of the target's own is made up for it.
    expect(stack.resource.aws_appautoscaling_target).toBeUndefined();
    expect(text).toMatch(/min: 3\n {2}max: 6\n {2}# nothing moves[^\n]*\n {2}policies: \[\]/);
  });

  test("leave the other branch out", () => {
    const report = importFile("mappings.yaml", { parameters: ["Image=a.example/m:1"] });
    expect(only(report).endpoint).toBe("TestEndpoint");
    expect(only(report).text).toContain('DEBUG: "1"');
    expect(only(report).text).not.toContain("kmsKeyArn");
    expect(lost(report, "none")).toContain("40 ProdEndpoint");
  });

  test("report macros, which are not run", () => {
    expect(importFile("mappings.yaml", prod).issues).toContainEqual(
      expect.objectContaining({ code: "IMPORT_TRANSFORM", severity: "warning", line: 1, column: 1 }),
    );
  });
});

test.each([
  "provisioned.yaml",
  "serverless.yaml",
  "async.yaml",
  "variants.yaml",
  "weighted.yaml",
  "thirds.json",
  "shadow.json",
  "classic.json",
  "mappings.yaml",
])("%s: nothing is dropped in silence", (file) => {
  const template = templateOf(readFileSync(join(TEMPLATES, file), "utf8"));
  const report = importFile(file);
  expect(unspoken(template, report)).toEqual([]);
  for (const { reason, line } of [...report.notCarried, ...report.manifests.flatMap((m) => m.notCarried)]) {
    expect(reason.length).toBeGreaterThan(8);
    // Nothing of these templates is set aside without a reason of its own.
    expect(reason).not.toBe("is left out together with what it belongs to");
    expect(line).toBeGreaterThan(0);
  }
});

describe("single endpoints", () => {
  const endpoint = (changes: {
    readonly model?: string;
    readonly variant?: string;
    readonly config?: string;
    readonly endpoint?: string;
    readonly more?: string;
  }) => `
Resources:
  M:
    Type: AWS::SageMaker::Model
    Properties:
      ${changes.model ?? "PrimaryContainer: { Image: 123456789012.dkr.ecr.eu-west-1.amazonaws.com/m:1 }"}
  C:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      ${changes.config ?? "Tags: []"}
      ProductionVariants:
        - { VariantName: AllTraffic, ModelName: !GetAtt M.ModelName, ${changes.variant ?? "InstanceType: ml.m5.large, InitialInstanceCount: 1"} }
  Ranker:
    Type: AWS::SageMaker::Endpoint
    Properties:
      EndpointConfigName: !GetAtt C.EndpointConfigName
      ${changes.endpoint ?? "Tags: []"}
${changes.more ?? ""}`;

  test.each([
    ["a secret of the parameters", "NoEcho: true, Default: hunter2", "hunter2"],
    [
      "a value of Parameter Store",
      "Default: /images/m, Type: AWS::SSM::Parameter::Value<String>",
      "/images/m",
    ],
  ])("%s is not written down", (_what, parameter, value) => {
    const text = `Parameters: { P: { ${parameter} } }\n${endpoint({
      model: "PrimaryContainer: { Image: a.example/m:1, Environment: { TOKEN: !Sub 'x-${P}' } }",
    })}`;
    const report = importText(text);
    expect(JSON.stringify(report)).not.toContain(value);
    expect(lost(only(report), "fill")).toEqual(["7 M.Properties.PrimaryContainer.Environment.TOKEN"]);
  });

  test("a secret by its full ARN becomes a secret of the manifest, which needs a network", () => {
    const secret = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:token-AbCdEf";
    const report = importText(
      endpoint({
        model: `EnableNetworkIsolation: true\n      PrimaryContainer: { Image: 123456789012.dkr.ecr.eu-west-1.amazonaws.com/m:1, Environment: { TOKEN: "{{resolve:secretsmanager:${secret}:SecretString}}" } }`,
      }),
    );
    expect(errors(report)).toEqual([]);
    expect(only(report).text).toContain(`secrets:\n    TOKEN: ${secret}`);
    expect(only(report).text).toContain("networkIsolation: false");
    expect(lost(only(report), "differs")).toEqual([
      "6 M.Properties.EnableNetworkIsolation",
      "7 M.Properties.PrimaryContainer.Environment.TOKEN",
    ]);
  });

  test("a key of a secret cannot be picked", () => {
    const arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:token-AbCdEf";
    const report = importText(
      endpoint({
        model: `PrimaryContainer: { Image: a.example/m:1, Environment: { TOKEN: "{{resolve:secretsmanager:${arn}:SecretString:password}}" } }`,
      }),
    );
    expect(lost(only(report), "fill")).toEqual(["6 M.Properties.PrimaryContainer.Environment.TOKEN"]);
  });

  test("several containers and model packages are no image", () => {
    for (const model of [
      "Containers: [{ Image: a.example/a:1 }, { Image: a.example/b:1 }]",
      "PrimaryContainer: { ModelPackageName: arn:aws:sagemaker:eu-west-1:123456789012:model-package/m/1 }",
      "ExecutionRoleArn: arn:aws:iam::123456789012:role/m",
    ]) {
      const report = importText(endpoint({ model }));
      expect(errors(report).map(({ path }) => path)).toEqual(["model.image"]);
    }
  });

  test("a multi-model container has no artifact", () => {
    const report = importText(
      endpoint({
        model:
          "PrimaryContainer: { Image: 123456789012.dkr.ecr.eu-west-1.amazonaws.com/m:1, Mode: MultiModel, ModelDataUrl: s3://models/all/ }",
      }),
    );
    expect(errors(report).map(({ path }) => path)).toEqual(["model.artifact"]);
  });

  test.each(["https://models.s3.eu-west-1.amazonaws.com/m.tar.gz", "package.json", "../secrets"])(
    "an artifact at %s is no file of this machine",
    (url) => {
      const report = importText(
        endpoint({
          model: `PrimaryContainer: { Image: 123456789012.dkr.ecr.eu-west-1.amazonaws.com/m:1, ModelDataUrl: "${url}" }`,
        }),
      );
      expect(errors(report).map(({ code, path }) => [code, path])).toEqual([
        ["IMPORT_TO_FILL", "model.artifact"],
      ]);
    },
  );

  test("an instance type that this release does not know stays, and does not validate", () => {
    const report = importText(endpoint({ variant: "InstanceType: ml.z9.huge, InitialInstanceCount: 1" }));
    expect(only(report).text).toContain("instanceType: ml.z9.huge");
    expect(errors(report).map(({ path }) => path)).toEqual(["resources.cpu", "resources.memory"]);
  });

  test("a step that removes is carried over with its alarm's side", () => {
    const report = importText(
      endpoint({
        more: `
  T:
    Type: AWS::ApplicationAutoScaling::ScalableTarget
    Properties: { ServiceNamespace: sagemaker, ScalableDimension: "sagemaker:variant:DesiredInstanceCount", ResourceId: !Sub "endpoint/\${Ranker.EndpointName}/variant/AllTraffic", MinCapacity: 1, MaxCapacity: 3 }
  In:
    Type: AWS::ApplicationAutoScaling::ScalingPolicy
    Properties:
      PolicyType: StepScaling
      ScalingTargetId: !Ref T
      StepScalingPolicyConfiguration:
        AdjustmentType: ChangeInCapacity
        StepAdjustments: [{ MetricIntervalUpperBound: 0, ScalingAdjustment: -1 }]
  Quiet:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Namespace: /aws/sagemaker/Endpoints
      MetricName: CPUUtilization
      Statistic: Average
      Dimensions: [{ Name: EndpointName, Value: !GetAtt Ranker.EndpointName }, { Name: VariantName, Value: AllTraffic }]
      Threshold: 40
      ComparisonOperator: LessThanThreshold
      Period: 60
      EvaluationPeriods: 15
      AlarmActions: [!Ref In]
`,
      }),
    );
    expect(errors(report)).toEqual([]);
    const stack = synth({ text: only(report).text }).stack(STACK);
    expect(resourceOf(stack, "aws_appautoscaling_policy").step_scaling_policy_configuration).toEqual({
      adjustment_type: "ChangeInCapacity",
      cooldown: 300,
      metric_aggregation_type: "Average",
      step_adjustment: [{ metric_interval_upper_bound: "0", scaling_adjustment: -1 }],
    });
    const alarms = Object.values(
      stack.resource.aws_cloudwatch_metric_alarm as Record<string, Record<string, unknown>>,
    );
    // Two vCPUs: 40 of 200 are 20 percent, and 40 again for SageMaker.
    expect(alarms).toContainEqual(
      expect.objectContaining({
        metric_name: "CPUUtilization",
        threshold: 40,
        comparison_operator: "LessThanThreshold",
        evaluation_periods: 15,
      }),
    );
    expect(only(report).text).toContain("threshold: 20");
    expect(lost(only(report), "differs")).toEqual([]);
  });

  test.each([
    ["GPUUtilization", "Average", "GPUUtilization is no metric of the manifest; the policy is left out"],
    [
      "CPUUtilization",
      "Maximum",
      "takes Maximum of CPUUtilization, the manifest Average; the policy is left out",
    ],
  ])("a policy on %s by %s is left out, and no other put in its place", (metric, statistic, reason) => {
    const report = importText(
      endpoint({
        more: `
  T:
    Type: AWS::ApplicationAutoScaling::ScalableTarget
    Properties: { ServiceNamespace: sagemaker, ScalableDimension: "sagemaker:variant:DesiredInstanceCount", ResourceId: !Sub "endpoint/\${Ranker.EndpointName}/variant/AllTraffic", MinCapacity: 1, MaxCapacity: 3 }
  P:
    Type: AWS::ApplicationAutoScaling::ScalingPolicy
    Properties:
      PolicyType: TargetTrackingScaling
      ScalingTargetId: !Ref T
      TargetTrackingScalingPolicyConfiguration:
        TargetValue: 60
        CustomizedMetricSpecification: { Namespace: /aws/sagemaker/Endpoints, MetricName: ${metric}, Statistic: ${statistic}, Dimensions: [] }
`,
      }),
    );
    expect(only(report).notCarried.map((entry) => entry.reason)).toContain(reason);
    expect(only(report).text).toContain("policies: []");
  });

  test("a rollout that SageMaker or Terraform would not finish does not validate", () => {
    const report = importText(
      endpoint({
        endpoint: `DeploymentConfig:
        BlueGreenUpdatePolicy:
          TrafficRoutingConfiguration: { Type: LINEAR, LinearStepSize: { Type: CAPACITY_PERCENT, Value: 10 }, WaitIntervalInSeconds: 900 }`,
      }),
    );
    expect(errors(report).map(({ code }) => code)).toEqual(["SAGEMAKER_ROLLOUT"]);
  });

  describe("with a second variant", () => {
    const second = (properties: string, changes: Parameters<typeof endpoint>[0] = {}) =>
      importText(
        endpoint({
          variant: "InstanceType: ml.m5.large, InitialInstanceCount: 1, InitialVariantWeight: 3",
          ...changes,
          more: `
  N:
    Type: AWS::SageMaker::Model
    Properties:
      PrimaryContainer: { Image: 123456789012.dkr.ecr.eu-west-1.amazonaws.com/n:1 }
${changes.more ?? ""}`,
        }).replace(/(\n {8}- \{ VariantName: AllTraffic.*)/, `$1\n        - { ${properties} }`),
      );
    const reasons = (report: ImportReport) =>
      only(report).notCarried.flatMap(({ effect, reason, path }) =>
        effect === "none" ? [] : [`${path.replace("Properties.ProductionVariants", "")}: ${reason}`],
      );

    test("whose values cannot be had, each is to be filled in by its own line", () => {
      const report = second(
        "VariantName: b, ModelName: !ImportValue m, InstanceType: !ImportValue t, InitialInstanceCount: !ImportValue n, InitialVariantWeight: !ImportValue w",
      );
      const lines = only(report).text.split("\n");
      expect(errors(report).map(({ path, line }) => [path, lines[line - 1]?.trim().split(":")[0]])).toEqual([
        ["targets.sagemaker-realtime.variants[0].image", "image"],
        ["targets.sagemaker-realtime.variants[0].instanceType", "instanceType"],
        ["targets.sagemaker-realtime.variants[0].scaling.min", "min"],
        ["targets.sagemaker-realtime.variants[0].percent", "percent"],
      ]);
      expect(errors(report).every(({ code }) => code === "IMPORT_TO_FILL")).toBe(true);
      expect(only(report).text).toContain("percent: # FILL IN: the shares cannot be told");
    });

    test("that is serverless is left behind: a manifest has one mode", () => {
      const report = second(
        "VariantName: b, ModelName: !GetAtt N.ModelName, ServerlessConfig: { MemorySizeInMB: 2048, MaxConcurrency: 5 }, InitialVariantWeight: 1",
      );
      expect(errors(report)).toEqual([]);
      expect(only(report).text).not.toContain("variants:");
      expect(reasons(report)).toEqual([
        "[0].InitialVariantWeight: the only variant takes all requests",
        "[1]: is serverless, and the main variant has instances: a manifest has one mode",
      ]);
    });

    test("in mode async is left behind", () => {
      const report = second(
        "VariantName: b, ModelName: !GetAtt N.ModelName, InstanceType: ml.m5.large, InitialInstanceCount: 1, InitialVariantWeight: 1",
        { config: "AsyncInferenceConfig: { OutputConfig: { S3OutputPath: s3://out/ } }" },
      );
      expect(only(report).text).toContain("mode: async");
      expect(only(report).text).not.toContain("variants:");
      expect(reasons(report)).toContain(
        "[1]: mode async has one variant, and the one of the greatest weight is taken",
      );
    });

    test("under another role, in another network, with a secret: what is shared is the main one's", () => {
      const report = second(
        "VariantName: b, ModelName: !GetAtt O.ModelName, InstanceType: ml.m5.large, InitialInstanceCount: 1, InitialVariantWeight: 1, RoutingConfig: { RoutingStrategy: LEAST_OUTSTANDING_REQUESTS }",
        {
          model:
            "ExecutionRoleArn: arn:aws:iam::123456789012:role/m\n      PrimaryContainer: { Image: 123456789012.dkr.ecr.eu-west-1.amazonaws.com/m:1 }",
          more: `
  O:
    Type: AWS::SageMaker::Model
    Properties:
      ExecutionRoleArn: arn:aws:iam::123456789012:role/o
      VpcConfig: { Subnets: [subnet-0a1b2c3d4e5f60718], SecurityGroupIds: [sg-0a1b2c3d4e5f60718] }
      PrimaryContainer:
        Image: 123456789012.dkr.ecr.eu-west-1.amazonaws.com/o@sha256:${"a".repeat(64)}
        Environment: { TOKEN: "{{resolve:secretsmanager:arn:aws:secretsmanager:eu-west-1:123456789012:secret:t-AbCdEf:SecretString}}" }
`,
        },
      );
      expect(errors(report)).toEqual([]);
      const stack = synth({ text: only(report).text }).stack(STACK);
      expect(JSON.stringify(stack)).not.toContain("role/o");
      expect(stack.resource.aws_sagemaker_model["model-b"]).toMatchObject({
        execution_role_arn: "arn:aws:iam::123456789012:role/m",
        primary_container: { image: `${IMAGE}/o@sha256:${"a".repeat(64)}` },
      });
      expect(
        only(report)
          .notCarried.filter(({ resource, effect }) => resource === "O" && effect === "differs")
          .map(({ path }) => path),
      ).toEqual([
        "Properties.ExecutionRoleArn",
        "Properties.VpcConfig",
        "Properties.VpcConfig.Subnets",
        "Properties.VpcConfig.SecurityGroupIds",
        "Properties.PrimaryContainer.Environment.TOKEN",
        "Properties.PrimaryContainer.Environment.TOKEN",
      ]);
    });

    test("a shadow of more weight than the variant gets every request", () => {
      const report = importText(
        endpoint({
          variant: "InstanceType: ml.m5.large, InitialInstanceCount: 1, InitialVariantWeight: 2",
          config:
            "ShadowProductionVariants: [{ VariantName: s, ModelName: !GetAtt M.ModelName, InstanceType: ml.m5.large, InitialInstanceCount: 1, InitialVariantWeight: 5 }]",
        }),
      );
      expect(errors(report)).toEqual([]);
      expect(only(report).text).toContain("    shadow:\n      percent: 100\n      instances: 1\n");
      expect(only(report).notCarried.map(({ reason }) => reason)).toContain(
        "is more than the production variant's weight; every request is copied",
      );
    });
  });

  test("two endpoints of one configuration get a name each", () => {
    const report = importText(
      endpoint({
        more: "  Ranker_:\n    Type: AWS::SageMaker::Endpoint\n    Properties: { EndpointConfigName: !GetAtt C.EndpointConfigName }",
      }),
    );
    expect(report.manifests.map(({ name, file }) => [name, file])).toEqual([
      ["ranker", join("out", "ranker.modelport.yaml")],
      ["ranker-2", join("out", "ranker-2.modelport.yaml")],
    ]);
  });

  test("an endpoint of a configuration elsewhere is left out", () => {
    const report = importText(
      "Resources:\n  E:\n    Type: AWS::SageMaker::Endpoint\n    Properties: { EndpointConfigName: elsewhere }",
    );
    expect(report.manifests).toEqual([]);
    expect(report.issues).toEqual([
      expect.objectContaining({
        code: "IMPORT_NO_CONFIGURATION",
        path: "E.Properties.EndpointConfigName",
        line: 4,
        fix: "import the template that has the configuration too",
      }),
    ]);
  });

  test.each([
    ["Resources: { B: { Type: AWS::S3::Bucket } }", "has no AWS::SageMaker::Endpoint"],
    [
      "Conditions: { Never: !Equals [a, b] }\nResources: { E: { Type: AWS::SageMaker::Endpoint, Condition: Never } }",
      "is not made under its condition",
    ],
  ])("%s has no endpoint", (text, message) => {
    const report = importText(text);
    expect(report.issues.map((issue) => [issue.code, issue.message])).toEqual([
      ["IMPORT_NO_ENDPOINT", message],
    ]);
  });
});

describe("arguments", () => {
  test.each([
    [{ parameters: ["Enviroment=dev"] }, "IMPORT_PARAMETER", 'did you mean "Environment"?'],
    [{ parameters: ["Environment"] }, "IMPORT_PARAMETER", "write --parameter Key=Value"],
    [{ parameters: ["Environment=stage"] }, "IMPORT_PARAMETER", "one of dev, prod"],
    [{ parameters: ["ModelVersion=a\u0000b"] }, "IMPORT_PARAMETER", "remove the character"],
    [{ region: "eu-west-11" }, "REGION_UNKNOWN", 'did you mean "eu-west-1"?'],
    [{ account: "12345" }, "FORMAT", undefined],
  ])("%j", (options, code, fix) => {
    const report = importFile("provisioned.yaml", options);
    expect(report.manifests).toEqual([]);
    expect(report.issues).toEqual([expect.objectContaining({ code, ...(fix === undefined ? {} : { fix }) })]);
  });
});

describe("writing", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "import-"))));
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  test("overwrites nothing without force", () => {
    const out = join(folder, "new", "folder");
    const report = importFile("variants.yaml", { out });
    expect(writeManifests(report, out, false)).toEqual([]);
    expect(readdirSync(out)).toEqual(["rank.modelport.yaml"]);
    writeFileSync(join(out, "rank.modelport.yaml"), "mine");
    expect(writeManifests(report, out, false).map(({ code }) => code)).toEqual(["IMPORT_EXISTS"]);
    expect(readFileSync(join(out, "rank.modelport.yaml"), "utf8")).toBe("mine");
    expect(writeManifests(report, out, true)).toEqual([]);
    expect(readFileSync(join(out, "rank.modelport.yaml"), "utf8")).toBe(only(report).text);
  });

  test("says where it cannot", () => {
    writeFileSync(join(folder, "file"), "");
    const out = join(folder, "file", "below");
    expect(writeManifests(importFile("variants.yaml", { out }), out, false)).toEqual([
      expect.objectContaining({ code: "IMPORT_UNWRITABLE", file: out }),
    ]);
    expect(existsSync(out)).toBe(false);
  });
});

test("the report for a terminal names what is to be filled in and what differs, and counts the rest", () => {
  const lines = asText(importFile("classic.json"), 80).split("\n");
  expect(lines[0]).toBe("out/fraud.modelport.yaml  endpoint FraudEndpoint, 8 properties carried over");
  expect(lines[1]).toBe("  to fill in");
  expect(lines[2]).toBe("    16:11 Model.Properties.PrimaryContainer.Image -> model.image");
  expect(lines.at(-1)).toMatch(/^\d more that change nothing of the deployment; --format json lists them$/);
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(100);
});
