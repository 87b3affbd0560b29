import {
  type App,
  DataTerraformRemoteStateLocal,
  LocalBackend,
  TerraformLocal,
  TerraformOutput,
  TerraformStack,
} from "cdktf";
import { Construct } from "constructs";
import { CloudwatchDashboard } from "@cdktf/provider-aws/lib/cloudwatch-dashboard";
import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { CloudwatchMetricAlarm } from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { KmsAlias } from "@cdktf/provider-aws/lib/kms-alias";
import { KmsKey } from "@cdktf/provider-aws/lib/kms-key";
import { KmsKeyPolicy } from "@cdktf/provider-aws/lib/kms-key-policy";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { SagemakerEndpoint } from "@cdktf/provider-aws/lib/sagemaker-endpoint";
import { SagemakerEndpointConfiguration } from "@cdktf/provider-aws/lib/sagemaker-endpoint-configuration";
import { SagemakerModel } from "@cdktf/provider-aws/lib/sagemaker-model";
import { SnsTopic } from "@cdktf/provider-aws/lib/sns-topic";
import { SnsTopicPolicy } from "@cdktf/provider-aws/lib/sns-topic-policy";

const REGION = "eu-west-1";

/** What an author of plain cdktf would fill in by hand for each model. */
export interface HandWrittenModel {
  readonly name: string;
  readonly image: string;
  readonly repositoryArn: string;
  /** End of the model's name, which changes with its configuration; an author picks a version number. */
  readonly modelVersion: string;
  /** End of the role's name, which is global in an account. */
  readonly roleSuffix: string;
  /** End of the endpoint configuration's name. */
  readonly configurationVersion: string;
}

/** The stacks that modelport makes for one SageMaker endpoint, in plain cdktf: what a careful author would write. */
export function addHandWritten(app: App, model: HandWrittenModel): void {
  const prefix = `${model.name}-default`;
  const foundation = new FoundationByHand(app, `${prefix}-foundation`, prefix, model);
  new EndpointByHand(app, `${prefix}-sagemaker-realtime`, prefix, model).addDependency(foundation);
}

/** Backend, provider and outputs, as every stack of the project has them. */
class StackByHand extends TerraformStack {
  readonly #outputs: Construct;

  constructor(scope: Construct, id: string, model: HandWrittenModel, component: string) {
    super(scope, id);
    new LocalBackend(this, { path: `../../../terraform.${id}.tfstate` });
    new AwsProvider(this, "aws", {
      region: REGION,
      defaultTags: [
        {
          tags: {
            "modelport:model": model.name,
            "modelport:environment": "default",
            "modelport:component": component,
          },
        },
      ],
    });
    this.#outputs = new Construct(this, "output");
  }

  protected output(name: string, value: string): void {
    new TerraformOutput(this.#outputs, name, { value, staticId: true });
  }
}

class FoundationByHand extends StackByHand {
  constructor(scope: Construct, id: string, prefix: string, model: HandWrittenModel) {
    super(scope, id, model, "foundation");
    const key = new KmsKey(this, "key", {
      description: `Encrypts what ${prefix} keeps at rest`,
      enableKeyRotation: true,
      deletionWindowInDays: 30,
      lifecycle: { preventDestroy: true },
    });
    const accountId = new TerraformLocal(this, "account_id", `\${element(split(":", ${key.fqn}.arn), 4)}`)
      .asString;
    const taskStorage = {
      StringEquals: { "kms:EncryptionContext:aws:ecs:clusterAccount": accountId },
      StringLike: { "kms:EncryptionContext:aws:ecs:clusterName": `${prefix}-*` },
    };
    const policy = new KmsKeyPolicy(this, "key-policy", {
      keyId: key.id,
      policy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          {
            Sid: "AccountAdministersByIam",
            Effect: "Allow",
            Principal: { AWS: `arn:aws:iam::${accountId}:root` },
            Action: "kms:*",
            Resource: "*",
          },
          {
            Sid: "LogsOfThisModel",
            Effect: "Allow",
            Principal: { Service: `logs.${REGION}.amazonaws.com` },
            Action: [
              "kms:Encrypt",
              "kms:Decrypt",
              "kms:ReEncrypt*",
              "kms:GenerateDataKey*",
              "kms:DescribeKey",
            ],
            Resource: "*",
            Condition: {
              ArnLike: {
                "kms:EncryptionContext:aws:logs:arn": `arn:aws:logs:${REGION}:${accountId}:log-group:*${prefix}*`,
              },
            },
          },
          {
            Sid: "AlarmsOfThisModel",
            Effect: "Allow",
            Principal: { Service: "cloudwatch.amazonaws.com" },
            Action: ["kms:Decrypt", "kms:GenerateDataKey*"],
            Resource: "*",
            Condition: {
              StringEquals: { "aws:SourceAccount": accountId },
              ArnLike: { "aws:SourceArn": `arn:aws:cloudwatch:${REGION}:${accountId}:alarm:${prefix}-*` },
            },
          },
          {
            Sid: "EventsToTopics",
            Effect: "Allow",
            Principal: { Service: "events.amazonaws.com" },
            Action: ["kms:Decrypt", "kms:GenerateDataKey*"],
            Resource: "*",
          },
          {
            Sid: "StorageOfTasks",
            Effect: "Allow",
            Principal: { Service: "fargate.amazonaws.com" },
            Action: "kms:GenerateDataKeyWithoutPlaintext",
            Resource: "*",
            Condition: taskStorage,
          },
          {
            Sid: "GrantsForStorageOfTasks",
            Effect: "Allow",
            Principal: { Service: "fargate.amazonaws.com" },
            Action: "kms:CreateGrant",
            Resource: "*",
            Condition: {
              ...taskStorage,
              "ForAllValues:StringEquals": { "kms:GrantOperations": "Decrypt" },
            },
          },
        ],
      }),
    });
    const alias = new KmsAlias(this, "key-alias", {
      name: `alias/${prefix}`,
      targetKeyId: key.keyId,
      dependsOn: [policy],
    });
    this.output("key_arn", alias.targetKeyArn);
    this.output("account_id", accountId);
    const topic = new SnsTopic(this, "alarms", {
      name: `${prefix}-alarms`,
      displayName: `Alarms of ${prefix}`,
      kmsMasterKeyId: alias.targetKeyArn,
    });
    new SnsTopicPolicy(this, "alarms-policy", {
      arn: topic.arn,
      policy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          {
            Sid: "AlarmsOfThisModel",
            Effect: "Allow",
            Principal: { Service: "cloudwatch.amazonaws.com" },
            Action: "sns:Publish",
            Resource: topic.arn,
            Condition: {
              ArnLike: { "aws:SourceArn": `arn:aws:cloudwatch:${REGION}:${accountId}:alarm:${prefix}-*` },
            },
          },
        ],
      }),
    });
    this.output("topic_arn", topic.arn);
  }
}

class EndpointByHand extends StackByHand {
  constructor(scope: Construct, id: string, prefix: string, model: HandWrittenModel) {
    super(scope, id, model, "sagemaker-realtime");
    const foundation = new DataTerraformRemoteStateLocal(this, "foundation", {
      path: `../../../terraform.${prefix}-foundation.tfstate`,
    });
    const keyArn = foundation.getString("key_arn");
    const topicArn = foundation.getString("topic_arn");
    const accountId = foundation.getString("account_id");
    const logGroup = new CloudwatchLogGroup(this, "logs", {
      name: `/aws/sagemaker/Endpoints/${prefix}`,
      retentionInDays: 365,
      kmsKeyId: keyArn,
    });
    const alarmName = `${id}-errors`;
    const alarm = new CloudwatchMetricAlarm(this, "alarm-errors", {
      alarmName,
      alarmDescription: "More than 1 % of the requests fail with 5xx: look at the endpoint's log group",
      comparisonOperator: "GreaterThanThreshold",
      threshold: 0.01,
      evaluationPeriods: 5,
      datapointsToAlarm: 3,
      treatMissingData: "notBreaching",
      alarmActions: [topicArn],
      okActions: [topicArn],
      namespace: "AWS/SageMaker",
      metricName: "Invocation5XXErrors",
      dimensions: { EndpointName: prefix, VariantName: "AllTraffic" },
      period: 60,
      statistic: "Average",
    });
    const role = new IamRole(this, "role", {
      name: `${id}-${REGION}-${model.roleSuffix}`,
      lifecycle: { createBeforeDestroy: true },
      description: `Runs the model ${prefix} on SageMaker`,
      assumeRolePolicy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          {
            Sid: "Assume",
            Effect: "Allow",
            Principal: { Service: "sagemaker.amazonaws.com" },
            Action: "sts:AssumeRole",
          },
        ],
      }),
    });
    const rolePolicy = new IamRolePolicy(this, "role-policy", {
      lifecycle: { createBeforeDestroy: true },
      name: "permissions",
      role: role.name,
      policy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          {
            Sid: "ImagePull",
            Effect: "Allow",
            Action: ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            Resource: model.repositoryArn,
          },
          { Sid: "ImageToken", Effect: "Allow", Action: "ecr:GetAuthorizationToken", Resource: "*" },
          {
            Sid: "Logs",
            Effect: "Allow",
            Action: ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            Resource: [logGroup.arn, `${logGroup.arn}:*`],
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
            Resource: keyArn,
          },
          {
            Sid: "KeyForVolumes",
            Effect: "Allow",
            Action: "kms:CreateGrant",
            Resource: keyArn,
            Condition: { Bool: { "kms:GrantIsForAWSResource": "true" } },
          },
          {
            Sid: "RollbackAlarms",
            Effect: "Allow",
            Action: "cloudwatch:DescribeAlarms",
            Resource: `arn:aws:cloudwatch:${REGION}:${accountId}:alarm:${alarmName}`,
          },
        ],
      }),
    });
    const sagemakerModel = new SagemakerModel(this, "model", {
      name: `${prefix}-${model.modelVersion}`,
      executionRoleArn: role.arn,
      enableNetworkIsolation: true,
      primaryContainer: { image: model.image, environment: {} },
      dependsOn: [rolePolicy],
      lifecycle: { createBeforeDestroy: true },
    });
    const configuration = new SagemakerEndpointConfiguration(this, "endpoint-configuration", {
      name: `${prefix}-${model.configurationVersion}`,
      kmsKeyArn: keyArn,
      productionVariants: [
        {
          variantName: "AllTraffic",
          modelName: sagemakerModel.name,
          initialVariantWeight: 1,
          instanceType: "ml.c5.large",
          initialInstanceCount: 1,
          containerStartupHealthCheckTimeoutInSeconds: 60,
          routingConfig: [{ routingStrategy: "LEAST_OUTSTANDING_REQUESTS" }],
        },
      ],
      lifecycle: { createBeforeDestroy: true },
    });
    const endpoint = new SagemakerEndpoint(this, "endpoint", {
      name: prefix,
      endpointConfigName: configuration.name,
      deploymentConfig: {
        autoRollbackConfiguration: { alarms: [{ alarmName }] },
        blueGreenUpdatePolicy: {
          terminationWaitInSeconds: 300,
          maximumExecutionTimeoutInSeconds: 2100,
          trafficRoutingConfiguration: { type: "ALL_AT_ONCE", waitIntervalInSeconds: 0 },
        },
      },
      dependsOn: [logGroup, alarm],
    });
    new CloudwatchDashboard(this, "dashboard", {
      dashboardName: id,
      dashboardBody: JSON.stringify({ widgets: widgets(prefix) }),
    });
    this.output("endpoint_name", endpoint.name);
    this.output("endpoint_configuration_name", configuration.name);
  }
}

function widgets(prefix: string): readonly object[] {
  const dimensions = ["EndpointName", prefix, "VariantName", "AllTraffic"];
  const line = (namespace: string, name: string, stat: string, label: string, axis?: string) => [
    namespace,
    name,
    ...dimensions,
    { stat, label, ...(axis === undefined ? {} : { yAxis: axis }) },
  ];
  const graph = (x: number, y: number, title: string, metrics: readonly unknown[]) => ({
    type: "metric",
    x,
    y,
    width: 12,
    height: 6,
    properties: { title, region: REGION, view: "timeSeries", period: 60, metrics },
  });
  return [
    {
      type: "text",
      x: 0,
      y: 0,
      width: 24,
      height: 2,
      properties: { markdown: `# ${prefix} on sagemaker-realtime\n` },
    },
    graph(0, 2, "Requests per minute", [
      line("AWS/SageMaker", "Invocations", "Sum", "all"),
      line("AWS/SageMaker", "InvocationsPerInstance", "Sum", "per instance", "right"),
    ]),
    graph(
      12,
      2,
      "Model latency (µs)",
      ["p50", "p95", "p99"].map((stat) => line("AWS/SageMaker", "ModelLatency", stat, stat)),
    ),
    graph(0, 8, "Errors", [
      line("AWS/SageMaker", "Invocation5XXErrors", "Sum", "5xx"),
      line("AWS/SageMaker", "Invocation4XXErrors", "Sum", "4xx"),
    ]),
    graph(12, 8, "CPU and memory (%)", [
      line("/aws/sagemaker/Endpoints", "CPUUtilization", "Average", "CPU, 100 for each vCPU"),
      line("/aws/sagemaker/Endpoints", "MemoryUtilization", "Average", "memory", "right"),
    ]),
  ];
}
