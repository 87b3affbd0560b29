import { blocks, list, objectAt } from "../modules/conformance/document";
import { sageMakerInstance } from "../modules/aws/instances";
import { definePolicy, type Policy } from "../modules/policy/policy";
import { each, isGiven, isOff, isOn, textsOf } from "./support";

const READ = "2026-11-23";

/** Load balancers write their access logs with S3's own keys only. */
const LOG_DELIVERY = "logdelivery.elasticloadbalancing.amazonaws.com";

/** What is kept, and what passes between machines, is encrypted with a key that its owner controls. */
export const encryption: readonly Policy[] = [
  definePolicy({
    code: "POLICY_LOG_ENCRYPTION",
    title: "log groups are encrypted with a KMS key",
    reason:
      "logs of a model hold what its users sent; the key's policy decides who reads them, and its trail says who did",
    source: "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html",
    asOf: READ,
    severity: "error",
    controls: ["CKV_AWS_158"],
    resourceTypes: ["aws_cloudwatch_log_group"],
    *checkStack(stack) {
      yield* each(
        stack.resources("aws_cloudwatch_log_group"),
        ({ kms_key_id: key }) => !isGiven(key) && "has no kms_key_id",
      );
    },
  }),
  definePolicy({
    code: "POLICY_BUCKET_ENCRYPTION",
    title:
      "buckets are encrypted with a KMS key; with S3's own where load balancers write their logs, which take no other",
    reason: "with S3's own keys, the right to read the bucket is the right to read its contents",
    source: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html",
    asOf: READ,
    severity: "error",
    controls: ["CKV_AWS_19", "CKV_AWS_145"],
    resourceTypes: ["aws_s3_bucket"],
    *checkStack(stack) {
      yield* each(stack.resources("aws_s3_bucket"), (_config, bucket) => {
        const defaults = stack
          .of("aws_s3_bucket_server_side_encryption_configuration", "bucket", bucket)
          .flatMap(({ config }) => blocks(config.rule))
          .flatMap((rule) => blocks(rule.apply_server_side_encryption_by_default));
        if (defaults.length === 0) return "has no default encryption in this stack";
        const takesLogs = stack
          .of("aws_s3_bucket_policy", "bucket", bucket)
          .some(({ config }) => typeof config.policy === "string" && config.policy.includes(LOG_DELIVERY));
        if (takesLogs) return false;
        const own = defaults.every(
          ({ sse_algorithm: algorithm, kms_master_key_id: key }) =>
            typeof algorithm === "string" && algorithm.startsWith("aws:kms") && isGiven(key),
        );
        return !own && "is encrypted with S3's own keys";
      });
    },
  }),
  definePolicy({
    code: "POLICY_REGISTRY_ENCRYPTION",
    title: "image registries are encrypted with a KMS key",
    reason: "an image holds the model and its code",
    source: "https://docs.aws.amazon.com/AmazonECR/latest/userguide/encryption-at-rest.html",
    asOf: READ,
    severity: "error",
    controls: ["CKV_AWS_136"],
    resourceTypes: ["aws_ecr_repository"],
    *checkStack(stack) {
      yield* each(
        stack.resources("aws_ecr_repository"),
        ({ encryption_configuration: settings }) =>
          !blocks(settings).some(({ encryption_type: type }) => type === "KMS" || type === "KMS_DSSE") &&
          "is not encrypted with a KMS key",
      );
    },
  }),
  definePolicy({
    code: "POLICY_MESSAGE_ENCRYPTION",
    title: "queues and topics are encrypted with a key of their own, not AWS's default one",
    reason:
      "services can only be let in to a key whose policy can be written, and AWS's default keys have a fixed one",
    source: "https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html",
    asOf: READ,
    severity: "error",
    controls: ["CKV_AWS_26", "CKV_AWS_27", "CKV2_AWS_73", "SQS.1"],
    resourceTypes: ["aws_sqs_queue", "aws_sns_topic"],
    *checkStack(stack) {
      yield* each(stack.resources("aws_sqs_queue", "aws_sns_topic"), ({ kms_master_key_id: key }) => {
        if (!isGiven(key)) return "has no kms_master_key_id";
        return typeof key === "string" && /(?:^|\/)alias\/aws\//.test(key) && "has AWS's default key";
      });
    },
  }),
  definePolicy({
    code: "POLICY_KEY_ROTATION",
    title: "KMS keys are enabled, and rotate every year",
    reason: "a key that never changes protects all that was ever written with it, once it is out",
    source: "https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html",
    asOf: READ,
    severity: "error",
    controls: ["CKV_AWS_7", "CKV_AWS_227"],
    resourceTypes: ["aws_kms_key"],
    *checkStack(stack) {
      yield* each(stack.resources("aws_kms_key"), (config) => {
        if (isOff(config.is_enabled)) return "is disabled";
        const symmetric =
          config.customer_master_key_spec === undefined ||
          config.customer_master_key_spec === "SYMMETRIC_DEFAULT";
        return symmetric && !isOn(config.enable_key_rotation) && "does not rotate";
      });
    },
  }),
  definePolicy({
    code: "POLICY_KEY_POLICY",
    title: "every KMS key has a written policy",
    reason:
      "without one, KMS gives the whole account's administrators the key, and lets no service in under conditions",
    source: "https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html",
    asOf: READ,
    severity: "error",
    controls: ["CKV2_AWS_64"],
    resourceTypes: ["aws_kms_key"],
    *checkStack(stack) {
      yield* each(
        stack.resources("aws_kms_key"),
        ({ policy }, key) =>
          !isGiven(policy) && stack.of("aws_kms_key_policy", "key_id", key).length === 0 && "has no policy",
      );
    },
  }),
  definePolicy({
    code: "POLICY_DATA_KEPT",
    title: "keys, buckets and registries are kept when someone destroys the stack by mistake",
    reason: "what a key encrypted is lost with it, and no backup of ours brings captured data or images back",
    source: "https://docs.aws.amazon.com/securityhub/latest/userguide/kms-controls.html",
    asOf: READ,
    // `false` is what a deliberate destroy starts with, and is said in the manifest.
    severity: "warning",
    controls: ["KMS.3"],
    resourceTypes: ["aws_kms_key", "aws_s3_bucket", "aws_ecr_repository"],
    *checkStack(stack) {
      yield* each(
        stack.resources("aws_kms_key", "aws_s3_bucket", "aws_ecr_repository"),
        ({ lifecycle }) => !isOn(objectAt(lifecycle).prevent_destroy) && "can be destroyed",
        { field: ["security", "deletionProtection"], fix: "set security.deletionProtection: true" },
      );
    },
  }),
  definePolicy({
    code: "POLICY_CLUSTER_SECRETS",
    title: "EKS clusters encrypt their secrets with a KMS key",
    reason: "Kubernetes keeps secrets as plain text in its store otherwise",
    source: "https://docs.aws.amazon.com/eks/latest/userguide/enable-kms.html",
    asOf: READ,
    severity: "error",
    controls: ["CKV_AWS_58", "EKS.3"],
    resourceTypes: ["aws_eks_cluster"],
    *checkStack(stack) {
      yield* each(
        stack.resources("aws_eks_cluster"),
        ({ encryption_config: settings }) =>
          !blocks(settings).some(
            (block) =>
              list(block.resources).includes("secrets") &&
              blocks(block.provider).some(({ key_arn: key }) => isGiven(key)),
          ) && "keeps its secrets without a key",
      );
    },
  }),
  definePolicy({
    code: "POLICY_EXEC_ENCRYPTION",
    title: "ECS clusters log what ECS Exec does, and encrypt its channel and its log",
    reason: "a shell in a task sees all that the model sees; who used it, and for what, must be known",
    source: "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html",
    asOf: READ,
    severity: "error",
    controls: ["CKV_AWS_223", "CKV_AWS_224"],
    resourceTypes: ["aws_ecs_cluster"],
    *checkStack(stack) {
      yield* each(stack.resources("aws_ecs_cluster"), ({ configuration }) => {
        const exec = blocks(configuration).flatMap((block) => blocks(block.execute_command_configuration));
        const logs = exec.flatMap((block) => blocks(block.log_configuration));
        if (exec.some(({ logging }) => logging === "NONE") || exec.length === 0)
          return "does not log ECS Exec";
        if (!exec.every(({ kms_key_id: key }) => isGiven(key)))
          return "has no key for the channel of ECS Exec";
        const encrypted = logs.some(
          (block) =>
            (isOn(block.cloud_watch_encryption_enabled) && isGiven(block.cloud_watch_log_group_name)) ||
            (isOn(block.s3_bucket_encryption_enabled) && isGiven(block.s3_bucket_name)),
        );
        return !encrypted && "does not encrypt the log of ECS Exec";
      });
    },
  }),
  definePolicy({
    code: "POLICY_VOLUME_ENCRYPTION",
    title: "disks of nodes are encrypted, and so is the way to shared file systems",
    reason: "a snapshot of a node's disk holds images, model weights and what was written beside them",
    source: "https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html",
    asOf: READ,
    severity: "error",
    controls: ["EC2.181", "CKV_AWS_97"],
    resourceTypes: ["aws_launch_template", "aws_ecs_task_definition"],
    *checkStack(stack) {
      yield* each(
        stack.resources("aws_launch_template"),
        ({ block_device_mappings: disks }) =>
          !blocks(disks).every((disk) => blocks(disk.ebs).every(({ encrypted }) => isOn(encrypted))) &&
          "has a disk that is not encrypted",
      );
      yield* each(
        stack.resources("aws_ecs_task_definition"),
        ({ volume }) =>
          blocks(volume)
            .flatMap((block) => blocks(block.efs_volume_configuration))
            .some(({ transit_encryption: transit }) => transit !== "ENABLED") &&
          "mounts a file system without encryption in transit",
      );
    },
  }),
  definePolicy({
    code: "POLICY_ENDPOINT_ENCRYPTION",
    title:
      "the disks of SageMaker's instances are encrypted with a KMS key, where the instance type takes one",
    reason:
      "they hold the model, and what the container writes; types with local NVMe encrypt by themselves and refuse a key",
    source: "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpointConfig.html",
    asOf: READ,
    severity: "error",
    controls: ["CKV_AWS_98"],
    resourceTypes: ["aws_sagemaker_endpoint_configuration"],
    *checkStack(stack) {
      yield* each(stack.resources("aws_sagemaker_endpoint_configuration"), (config) => {
        const types = [...blocks(config.production_variants), ...blocks(config.shadow_production_variants)]
          .flatMap((variant) => textsOf(variant.instance_type))
          .map((name) => ({ name, disks: sageMakerInstance(name)?.localNvmeGb ?? 0 }));
        const refusing = types.find(({ disks }) => disks > 0);
        const given = isGiven(config.kms_key_arn);
        if (refusing !== undefined)
          return (
            given && `has a kms_key_arn, which SageMaker refuses for ${refusing.name} with its local NVMe`
          );
        return !given && "has no kms_key_arn";
      });
    },
  }),
  definePolicy({
    code: "POLICY_VARIABLES_ENCRYPTION",
    title: "the variables of Lambda functions are encrypted with a KMS key",
    reason: "whoever may describe the function reads them otherwise",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html",
    asOf: READ,
    severity: "error",
    controls: ["CKV_AWS_173"],
    resourceTypes: ["aws_lambda_function"],
    *checkStack(stack) {
      yield* each(
        stack.resources("aws_lambda_function"),
        ({ environment, kms_key_arn: key }) =>
          blocks(environment).some(({ variables }) => Object.keys(objectAt(variables)).length > 0) &&
          !isGiven(key) &&
          "has variables, but no kms_key_arn",
      );
    },
  }),
  definePolicy({
    code: "POLICY_STORE_ENCRYPTION",
    title:
      "secrets, parameters and tables are encrypted with a KMS key; tables can be restored to any second",
    reason: "AWS's default keys cannot be shared under conditions, nor taken away from anybody",
    source: "https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html",
    asOf: READ,
    severity: "error",
    controls: ["CKV_AWS_149", "CKV_AWS_337", "CKV2_AWS_34", "CKV_AWS_119", "CKV_AWS_28"],
    resourceTypes: ["aws_secretsmanager_secret", "aws_ssm_parameter", "aws_dynamodb_table"],
    *checkStack(stack) {
      yield* each(
        stack.resources("aws_secretsmanager_secret"),
        ({ kms_key_id: key }) => !isGiven(key) && "has no kms_key_id",
      );
      yield* each(
        stack.resources("aws_ssm_parameter"),
        ({ type, key_id: key }) =>
          (type !== "SecureString" || !isGiven(key)) && "is no SecureString with a key_id",
      );
      yield* each(stack.resources("aws_dynamodb_table"), (config) => {
        const encrypted = blocks(config.server_side_encryption).some(
          ({ enabled, kms_key_arn: key }) => isOn(enabled) && isGiven(key),
        );
        if (!encrypted) return "is not encrypted with a key";
        return (
          !blocks(config.point_in_time_recovery).some(({ enabled }) => isOn(enabled)) &&
          "has no point-in-time recovery"
        );
      });
    },
  }),
  definePolicy({
    code: "POLICY_MONITORING_ENCRYPTION",
    title:
      "SageMaker's monitoring jobs encrypt their disks, their results and what passes between their instances",
    reason: "they read captured requests",
    source:
      "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateDataQualityJobDefinition.html",
    asOf: READ,
    severity: "error",
    controls: ["CKV_AWS_367", "CKV_AWS_368", "CKV_AWS_369"],
    resourceTypes: ["aws_sagemaker_data_quality_job_definition"],
    *checkStack(stack) {
      yield* each(stack.resources("aws_sagemaker_data_quality_job_definition"), (config) => {
        const output = blocks(config.data_quality_job_output_config);
        const cluster = blocks(config.job_resources).flatMap((block) => blocks(block.cluster_config));
        const network = blocks(config.network_config);
        if (!output.some(({ kms_key_id: key }) => isGiven(key))) return "writes its results without a key";
        if (!cluster.some(({ volume_kms_key_id: key }) => isGiven(key))) return "has disks without a key";
        return (
          !network.some((block) => isOn(block.enable_inter_container_traffic_encryption)) &&
          "does not encrypt the traffic between its instances"
        );
      });
    },
  }),
];
