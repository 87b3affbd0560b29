import { LambdaAlias } from "@cdktf/provider-aws/lib/lambda-alias";
import { LambdaFunction, type LambdaFunctionConfig } from "@cdktf/provider-aws/lib/lambda-function";
import { LambdaFunctionUrl } from "@cdktf/provider-aws/lib/lambda-function-url";
import { LambdaProvisionedConcurrencyConfig } from "@cdktf/provider-aws/lib/lambda-provisioned-concurrency-config";
import type { Shared } from "../../modules/foundation/shared";
import { createReplicaSecurityGroup } from "../../modules/network/security-group";
import { createLogGroup } from "../../modules/observability/log-group";
import type { AwsTargetPlan } from "../../modules/plan/plan";
import { resourceName } from "../../modules/stack/names";
import type { ModelStack } from "../../modules/stack/model-stack";
import type { Sealed } from "../../modules/stack/seal";
import { executionRole } from "./execution-role";
import { LIMITS } from "./limits";
import { createObservability } from "./observability";
import type { Options } from "./options";
import { createRollout } from "./rollout";
import { scaleAlias } from "./scaling";
import {
  ALIAS,
  ephemeralStorage,
  inVpc,
  memory,
  provisionedConcurrency,
  scales,
  shiftOf,
  timeout,
  variables,
} from "./settings";

type Plan = Sealed<AwsTargetPlan<Options>>;

/** Adds the function, its alias and what keeps it warm, with role, logs, alarms and dashboard. */
export function synthesize(stack: ModelStack, plan: Plan, shared: Shared): void {
  const functionName = resourceName([stack.prefix, stack.component], LIMITS.functionName.value);
  const logGroup = createLogGroup(stack, "logs", plan, {
    name: `/aws/lambda/${functionName}`,
    keyArn: shared.keyArn,
  });
  const role = executionRole(stack, plan, shared, { functionName, logGroupArn: logGroup.arn });
  const attachment = vpc(stack, plan, shared);
  const dependsOn = [...role.dependencies, ...attachment.dependencies];
  const fn = new LambdaFunction(stack, "function", {
    functionName,
    ...(plan.description === null ? {} : { description: plan.description }),
    packageType: "Image",
    imageUri: shared.imageUri,
    architectures: [plan.resources.architecture],
    role: role.arn,
    // A new image or setting becomes a new version, and the old ones stay as they were.
    publish: true,
    memorySize: memory(plan),
    timeout: timeout(plan),
    // Stated even where it is Lambda's own default: the provider keeps an old value where a block is left out.
    ephemeralStorage: { size: ephemeralStorage(plan) },
    tracingConfig: { mode: plan.options.tracing ? "Active" : "PassThrough" },
    loggingConfig: {
      logFormat: "JSON",
      logGroup: logGroup.name,
      applicationLogLevel: plan.options.logLevel,
      systemLogLevel: "INFO",
    },
    ...(plan.options.reservedConcurrency === undefined
      ? {}
      : { reservedConcurrentExecutions: plan.options.reservedConcurrency }),
    ...environment(plan, shared),
    ...attachment.config,
    ...(dependsOn.length === 0 ? {} : { dependsOn }),
  });
  const shift = shiftOf(plan);
  const alias = new LambdaAlias(stack, ALIAS, {
    name: ALIAS,
    description: "The version that callers reach",
    // By name: an alias by ARN cannot carry provisioned concurrency through a second apply.
    functionName: fn.functionName,
    functionVersion: fn.version,
    // From the first version on CodeDeploy moves it; an apply must neither finish its work nor undo it.
    ...(shift === null ? {} : { lifecycle: { ignoreChanges: ["function_version", "routing_config"] } }),
  });
  const provisioned = provision(stack, plan, alias);
  scaleAlias(stack, plan, alias, [provisioned ?? alias]);
  const alarms = createObservability(stack, plan, { functionName, version: fn.version }, shared.topicArn);
  if (shift !== null) createRollout(stack, plan, shift, { fn, alias, alarms });
  outputs(stack, plan, fn, alias);
}

/** A key without variables to encrypt would be refused by policy checks, and serves nothing. */
function environment(plan: Plan, shared: Shared): Partial<LambdaFunctionConfig> {
  const own = { ...variables(plan) };
  if (Object.keys(own).length === 0) return {};
  return { environment: { variables: own }, kmsKeyArn: shared.keyArn };
}

function vpc(stack: ModelStack, plan: Plan, shared: Shared) {
  if (!inVpc(plan)) return { config: {}, dependencies: [] };
  const { ids, dependencies } = createReplicaSecurityGroup(stack, plan, shared);
  return {
    config: { vpcConfig: { subnetIds: shared.network.privateSubnetIds, securityGroupIds: ids } },
    dependencies,
  };
}

/** Keeps environments of the alias warm. */
function provision(
  stack: ModelStack,
  plan: Plan,
  alias: LambdaAlias,
): LambdaProvisionedConcurrencyConfig | null {
  const environments = provisionedConcurrency(plan);
  if (environments === null) return null;
  return new LambdaProvisionedConcurrencyConfig(stack, "provisioned-concurrency", {
    functionName: alias.functionName,
    qualifier: alias.name,
    provisionedConcurrentExecutions: environments,
    // Each environment may take up to 15 minutes to start.
    timeouts: { create: "30m", update: "30m" },
    dependsOn: [alias],
    ...(scales(plan) ? { lifecycle: { ignoreChanges: ["provisioned_concurrent_executions"] } } : {}),
  });
}

function outputs(stack: ModelStack, plan: Plan, fn: LambdaFunction, alias: LambdaAlias): void {
  stack.output("function_name", fn.functionName);
  stack.output("function_arn", fn.arn);
  stack.output("function_version", fn.version);
  stack.output("alias_name", alias.name);
  stack.output("alias_arn", alias.arn);
  if (!plan.options.functionUrl) return;
  const url = new LambdaFunctionUrl(stack, "url", {
    functionName: alias.functionName,
    qualifier: alias.name,
    authorizationType: "AWS_IAM",
    invokeMode: "BUFFERED",
  });
  stack.output("function_url", url.functionUrl);
}
