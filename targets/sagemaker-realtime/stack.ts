import {
  SagemakerEndpoint,
  type SagemakerEndpointDeploymentConfig,
} from "@cdktf/provider-aws/lib/sagemaker-endpoint";
import {
  SagemakerEndpointConfiguration,
  type SagemakerEndpointConfigurationProductionVariants,
} from "@cdktf/provider-aws/lib/sagemaker-endpoint-configuration";
import { artifactInS3, type ArtifactInS3 } from "../../modules/artifact/artifact";
import { compiledArtifact } from "../../modules/neo/compiled-artifact";
import { createCompilation } from "../../modules/neo/foundation";
import { createReplicaSecurityGroup } from "../../modules/network/security-group";
import { createLogGroup } from "../../modules/observability/log-group";
import type { FoundationPart } from "../../modules/foundation/foundation-stack";
import { pinned, type Shared } from "../../modules/foundation/shared";
import type { AwsTargetPlan } from "../../modules/plan/plan";
import { createModel } from "../../modules/sagemaker/model";
import type { VpcAttachment } from "../../modules/sagemaker/statements";
import { resourceName } from "../../modules/stack/names";
import type { ModelStack } from "../../modules/stack/model-stack";
import type { Sealed } from "../../modules/stack/seal";
import { DEFAULT_SERVERLESS_CONCURRENCY, instanceOf, serverlessMemory } from "./capacity";
import { rolloutWaits } from "./check";
import { type Destination, executionRole } from "./execution-role";
import { capturesData, isGuarded, isIsolated } from "./features";
import { LIMITS } from "./limits";
import { createObservability, rollbackAlarms } from "./observability";
import type { Options } from "./options";
import { scaleEndpoint } from "./scaling";
import { type PlannedVariant, variantsOf } from "./variant";

type Plan = Sealed<AwsTargetPlan<Options>>;

/** Seconds beyond its waiting that an update has for its instances to start. */
const STARTING_SECONDS = 1800;

/** Adds model, endpoint configuration and endpoint, with role, logs, alarms, dashboard and scaling. */
export function synthesize(stack: ModelStack, plan: Plan, shared: Shared): void {
  const endpointName = resourceName([stack.prefix], LIMITS.nameLength.value);
  const logGroup = createLogGroup(stack, "logs", plan, {
    name: `/aws/sagemaker/Endpoints/${endpointName}`,
    keyArn: shared.keyArn,
  });
  const alarms = rollbackAlarms(stack, plan, shared.topicArn, endpointName);
  const artifact = servedArtifact(stack, plan, shared);
  const output = outputOf(plan, shared, endpointName);
  const vpc = attachment(stack, plan, shared);
  const role = executionRole(stack, plan, shared, {
    logGroupArn: logGroup.arn,
    artifact,
    variantArtifacts: variantsOf(plan).flatMap((variant) => ownArtifact(plan, variant) ?? []),
    requestsArn: requestsArn(plan, shared, endpointName),
    destinations: output.destinations,
    topicArns: [plan.options.successTopic, plan.options.errorTopic].filter((topic) => topic !== undefined),
    alarmNames: alarms.names,
    vpc,
  });

  const [main, ...others] = variantsOf(plan);
  const common = { role, networkIsolation: isIsolated(plan), vpc };
  const { model, nameWith } = createModel(stack, plan, shared, { ...common, artifact });
  const otherModels = others.map((variant) => ({
    variant,
    ...createModel(stack, plan, shared, {
      ...common,
      artifact: ownArtifact(plan, variant) ?? artifact,
      variant: {
        label: variant.name,
        imageUri: variant.image === null ? null : pinned(variant.image.uri),
        environment: variant.environment,
      },
    }),
  }));
  const production = [
    { variant: main, model },
    ...otherModels.filter(({ variant }) => variant.kind === "production"),
  ];
  const shadows = otherModels.filter(({ variant }) => variant.kind === "shadow");
  const deploymentConfig = isGuarded(plan) ? deployment(plan, alarms.names) : null;
  const configuration = {
    ...encryption(plan, shared),
    productionVariants: production.map((each) => capacity(plan, each.variant, each.model.name)),
    ...(shadows.length === 0
      ? {}
      : { shadowProductionVariants: shadows.map((each) => capacity(plan, each.variant, each.model.name)) }),
    ...output.configuration,
  };
  const endpointConfiguration = new SagemakerEndpointConfiguration(stack, "endpoint-configuration", {
    ...configuration,
    // A model's name is a reference, which never changes; what is behind it does. An endpoint is only ever updated to
    // another configuration, so a change of the way it is updated makes one too.
    name: nameWith(configuration, deploymentConfig, ...otherModels.map((other) => other.nameWith())),
    lifecycle: { createBeforeDestroy: true },
  });
  const endpoint = new SagemakerEndpoint(stack, "endpoint", {
    name: endpointName,
    endpointConfigName: endpointConfiguration.name,
    ...(deploymentConfig === null ? {} : { deploymentConfig }),
    dependsOn: [logGroup, ...alarms.resources],
  });
  scaleEndpoint(stack, plan, endpoint, (scaled) => {
    const index = production.findIndex(({ variant }) => variant.name === scaled.name);
    const { terraformResourceType, friendlyUniqueId } = endpointConfiguration;
    return `${terraformResourceType}.${friendlyUniqueId}.production_variants[${index}].instance_type`;
  });
  createObservability(stack, plan, endpointName);

  stack.output("endpoint_name", endpoint.name);
  stack.output("endpoint_configuration_name", endpointConfiguration.name);
}

/** Adds what compiles the model, where the manifest wants it compiled. */
export function foundation(part: FoundationPart, plan: Plan): void {
  createCompilation(part, plan, instanceTypeOf(plan));
}

/** What Neo made of the artifact, where the manifest wants that; else the artifact. */
function servedArtifact(stack: ModelStack, plan: Plan, shared: Shared): ArtifactInS3 | null {
  if (plan.model.optimize === null) return artifactInS3(stack, plan, shared);
  return compiledArtifact(plan, shared, instanceTypeOf(plan));
}

function instanceTypeOf(plan: Plan): string {
  return instanceOf(plan, plan.options)?.type ?? "";
}

function attachment(stack: ModelStack, plan: Plan, shared: Shared): VpcAttachment | null {
  if (plan.network.existing === null) return null;
  const { ids: securityGroupIds, dependencies } = createReplicaSecurityGroup(stack, plan, shared);
  return { subnetIds: shared.network.privateSubnetIds, securityGroupIds, dependencies };
}

/** The artifact that a variant has beside the manifest's; null where it has none of its own. */
function ownArtifact({ region }: Plan, { artifact }: PlannedVariant): ArtifactInS3 | null {
  if (artifact === null) return null;
  const bucketArn = `arn:${region.partition}:s3:::${artifact.bucket}`;
  const objectArn = `${bucketArn}/${artifact.key}`;
  return {
    uri: artifact.uri,
    bucketArn,
    objectArn,
    identity: artifact.uri,
    ours: false,
    releasesArn: objectArn,
  };
}

/** Instance types with local NVMe take no key: their disks are encrypted by hardware. */
function encryption(plan: Plan, shared: Shared): { readonly kmsKeyArn?: string } {
  const hasNvme = variantsOf(plan).some(({ instance }) => instance !== undefined && instance.localNvmeGb > 0);
  return hasNvme ? {} : { kmsKeyArn: shared.keyArn };
}

/** What a variant runs on, and its share of the requests. */
function capacity(
  plan: Plan,
  { name, weight, instance, scaling }: PlannedVariant,
  modelName: string,
): Omit<SagemakerEndpointConfigurationProductionVariants, "coreDumpConfig"> {
  const { options, resources, model } = plan;
  const common = { variantName: name, modelName, initialVariantWeight: weight };
  if (options.mode === "serverless") {
    return {
      ...common,
      serverlessConfig: {
        memorySizeInMb: serverlessMemory(plan, options) ?? LIMITS.serverlessMemory.value,
        maxConcurrency: options.maxConcurrency ?? DEFAULT_SERVERLESS_CONCURRENCY,
        ...(options.provisionedConcurrency === undefined
          ? {}
          : { provisionedConcurrency: options.provisionedConcurrency }),
      },
    };
  }
  const volume = options.volumeSize ?? resources.storage;
  const startup = Math.ceil(model.server.startup.seconds);
  return {
    ...common,
    instanceType: instance?.type ?? "",
    // A variant starts with at least one instance; async endpoints come down to zero by scaling.
    initialInstanceCount: Math.max(scaling.min, 1),
    containerStartupHealthCheckTimeoutInSeconds: Math.max(startup, LIMITS.startupSecondsMin.value),
    ...(volume === null ? {} : { volumeSizeInGb: volume.gibibytes }),
    ...(options.downloadTimeout === undefined
      ? {}
      : { modelDataDownloadTimeoutInSeconds: Math.ceil(options.downloadTimeout.seconds) }),
    ...(options.amiVersion === undefined ? {} : { inferenceAmiVersion: options.amiVersion }),
    ...(options.mode === "provisioned"
      ? { routingConfig: [{ routingStrategy: options.routing ?? "LEAST_OUTSTANDING_REQUESTS" }] }
      : {}),
  };
}

interface Output {
  readonly configuration: Pick<
    ConstructorParameters<typeof SagemakerEndpointConfiguration>[2],
    "asyncInferenceConfig" | "dataCaptureConfig"
  >;
  readonly destinations: readonly Destination[];
}

/** The objects below an S3 URI, as an ARN for a policy. */
function objectsArn(partition: string, uri: string): string {
  const path = uri.slice("s3://".length).replace(/\/$/, "");
  return `arn:${partition}:s3:::${path}/*`;
}

/** A folder of the endpoint in the deployment's bucket. */
function folder({ bucket }: Shared, what: string, endpointName: string): string {
  return `s3://${bucket.name}/${bucket.prefix}${what}/${endpointName}`;
}

function requestsArn(plan: Plan, shared: Shared, endpointName: string): string | null {
  const { options, region } = plan;
  if (options.mode !== "async") return null;
  if (options.input !== undefined) return objectsArn(region.partition, options.input);
  const { arn, prefix } = shared.bucket;
  return `${arn}/${prefix}requests/${endpointName}/*`;
}

/** Where captured data or asynchronous results go. */
function outputOf(plan: Plan, shared: Shared, endpointName: string): Output {
  const { options, region, observability, workload } = plan;
  const given = (uri: string): Destination => ({ objectsArn: objectsArn(region.partition, uri) });
  if (options.mode === "async") {
    const base = options.output ?? `${folder(shared, "results", endpointName)}/`;
    const failures = options.failures ?? `${base.replace(/\/$/, "")}/failures/`;
    const own = (): Destination => ({
      objectsArn: `${shared.bucket.arn}/${shared.bucket.prefix}results/${endpointName}/*`,
    });
    const concurrent = options.maxConcurrentInvocations ?? workload?.concurrency;
    return {
      configuration: {
        asyncInferenceConfig: {
          outputConfig: {
            s3OutputPath: base,
            s3FailurePath: failures,
            kmsKeyId: shared.keyArn,
            ...(options.successTopic === undefined && options.errorTopic === undefined
              ? {}
              : {
                  notificationConfig: {
                    ...(options.successTopic === undefined ? {} : { successTopic: options.successTopic }),
                    ...(options.errorTopic === undefined ? {} : { errorTopic: options.errorTopic }),
                  },
                }),
          },
          ...(concurrent === undefined
            ? {}
            : {
                clientConfig: {
                  maxConcurrentInvocationsPerInstance: Math.min(concurrent, LIMITS.asyncConcurrency.value),
                },
              }),
        },
      },
      destinations: [
        options.output === undefined ? own() : given(options.output),
        ...(options.failures === undefined ? [] : [given(options.failures)]),
      ],
    };
  }
  if (!capturesData(plan)) return { configuration: {}, destinations: [] };
  return {
    configuration: {
      dataCaptureConfig: {
        enableCapture: true,
        initialSamplingPercentage: observability.dataCapture ?? 0,
        destinationS3Uri: folder(shared, "capture", endpointName),
        kmsKeyId: shared.keyArn,
        captureOptions: [{ captureMode: "Input" }, { captureMode: "Output" }],
        captureContentTypeHeader: {
          csvContentTypes: ["text/csv"],
          jsonContentTypes: ["application/json", "application/jsonlines"],
        },
      },
    },
    destinations: [{ objectsArn: `${shared.bucket.arn}/${shared.bucket.prefix}capture/${endpointName}/*` }],
  };
}

/**
 * How an update takes over. Rollback alarms are there from the first release on, because adding them later replaces
 * the endpoint (provider 5.46: `auto_rollback_configuration` is force-new).
 */
function deployment(plan: Plan, alarmNames: readonly string[]): SagemakerEndpointDeploymentConfig {
  const { strategy, step, interval, rollback } = plan.rollout;
  const waitIntervalInSeconds = Math.round(interval.seconds);
  const timeout = Math.min(
    Math.ceil(rolloutWaits(plan)) + STARTING_SECONDS,
    LIMITS.executionSecondsMax.value,
  );
  const autoRollback =
    rollback && alarmNames.length > 0
      ? { autoRollbackConfiguration: { alarms: alarmNames.map((alarmName) => ({ alarmName })) } }
      : {};
  const percent = { type: "CAPACITY_PERCENT", value: step };
  if (strategy === "rolling") {
    return {
      ...autoRollback,
      rollingUpdatePolicy: {
        maximumBatchSize: percent,
        waitIntervalInSeconds,
        maximumExecutionTimeoutInSeconds: timeout,
      },
    };
  }
  return {
    ...autoRollback,
    blueGreenUpdatePolicy: {
      terminationWaitInSeconds: Math.round(plan.options.terminationWait.seconds),
      maximumExecutionTimeoutInSeconds: timeout,
      trafficRoutingConfiguration:
        strategy === "all-at-once"
          ? { type: "ALL_AT_ONCE", waitIntervalInSeconds: 0 }
          : strategy === "canary"
            ? { type: "CANARY", waitIntervalInSeconds, canarySize: percent }
            : { type: "LINEAR", waitIntervalInSeconds, linearStepSize: percent },
    },
  };
}
