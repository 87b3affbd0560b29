/** Resources of a stack by address. */
export type Resources = Readonly<Record<string, object>>;

/** What a policy lets pass, and what it does not. */
export interface PolicyCase {
  readonly passes: readonly Resources[];
  /** Each with the violations that it has: `<address>: <message>`. */
  readonly breaks: readonly (readonly [resources: Resources, ...violations: readonly string[]])[];
  /** What differs in the manifest. */
  readonly manifest?: object;
}

const KEY = "${aws_kms_key.key.arn}";
const DIGEST = `sha256:${"a".repeat(64)}`;
const IMAGE = `123456789012.dkr.ecr.eu-west-1.amazonaws.com/other@${DIGEST}`;
const TAGGED = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/other:1.0";

const policy = (...statements: readonly object[]) =>
  JSON.stringify({ Version: "2012-10-17", Statement: statements });
const allow = (more: object) => ({ Sid: "Rights", Effect: "Allow", ...more });

const bucket = (parts: Readonly<Record<string, object>> = {}): Resources => ({
  "aws_s3_bucket.data": {},
  ...Object.fromEntries(
    Object.entries(parts).map(([part, config]) => [
      `aws_s3_bucket_${part}.data-${part}`,
      { bucket: "${aws_s3_bucket.data.bucket}", ...config },
    ]),
  ),
});

const task = (container: object, more: object = {}): Resources => ({
  "aws_ecs_task_definition.task": {
    network_mode: "awsvpc",
    container_definitions: JSON.stringify([{ name: "model", essential: true, image: IMAGE, ...container }]),
    ...more,
  },
});

/** A pod of the kind that EKS runs, with changes to its container and to itself. */
const pod = (container: object = {}, more: object = {}): Resources => ({
  "kubernetes_deployment_v1.deployment": {
    metadata: { name: "fraud", namespace: "models" },
    spec: { template: { spec: { container: [{ name: "model", image: IMAGE, ...container }], ...more } } },
  },
});
const secured = (settings: object, more: object = {}) => pod({ security_context: settings, ...more });

const LOCKED = {
  allow_privilege_escalation: false,
  privileged: false,
  read_only_root_filesystem: true,
  run_as_non_root: true,
  capabilities: { drop: ["ALL"] },
};

const rule = (direction: "ingress" | "egress", config: object): Resources => ({
  [`aws_vpc_security_group_${direction}_rule.rule`]: {
    description: "For callers",
    ip_protocol: "tcp",
    ...config,
  },
});
const from = (port: number, range: string) => ({ from_port: port, to_port: port, cidr_ipv4: range });
const ANYWHERE = "0.0.0.0/0";

const listener = (config: object, balancer: object = { internal: true }): Resources => ({
  "aws_lb.balancer": balancer,
  "aws_lb_listener.listener": { load_balancer_arn: "${aws_lb.balancer.arn}", ...config },
});
const forward = [{ type: "forward", target_group_arn: "arn" }];

const balancer = (config: object): Resources => ({
  "aws_lb.balancer": {
    subnets: ["subnet-1", "subnet-2"],
    drop_invalid_header_fields: true,
    desync_mitigation_mode: "defensive",
    ...config,
  },
});

const role = (statement: object): Resources => ({
  "aws_iam_role.role": { assume_role_policy: policy(allow({ Action: "sts:AssumeRole", ...statement })) },
});
const rights = (statement: object): Resources => ({
  "aws_iam_role_policy.rights": { policy: policy(allow(statement)) },
});
const queuePolicy = (statement: object): Resources => ({
  "aws_sqs_queue_policy.policy": { policy: policy(allow({ Action: "sqs:SendMessage", ...statement })) },
});
const github = (sub?: string) => ({
  Principal: { Federated: "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com" },
  ...(sub === undefined
    ? {}
    : { Condition: { StringLike: { "token.actions.githubusercontent.com:sub": sub } } }),
});

const cluster = (config: object): Resources => ({ "aws_eks_cluster.cluster": config });
const template = (config: object): Resources => ({ "aws_launch_template.nodes": config });
const METADATA = { http_tokens: "required", http_put_response_hop_limit: 1 };

const exec = (settings: object): Resources => ({
  "aws_ecs_cluster.cluster": { configuration: { execute_command_configuration: settings } },
});
const EXEC_LOG = { cloud_watch_encryption_enabled: true, cloud_watch_log_group_name: "exec" };

const machine = (logging: object, traced = true): Resources => ({
  "aws_sfn_state_machine.machine": {
    tracing_configuration: { enabled: traced },
    logging_configuration: logging,
  },
});

const endpoint = (type: string, key?: string): Resources => ({
  "aws_sagemaker_endpoint_configuration.configuration": {
    production_variants: [{ instance_type: type }],
    ...(key === undefined ? {} : { kms_key_arn: key }),
  },
});

const job = (output: object, clusterConfig: object, network: object): Resources => ({
  "aws_sagemaker_data_quality_job_definition.job": {
    data_quality_job_output_config: output,
    job_resources: { cluster_config: clusterConfig },
    network_config: network,
  },
});

const registry = (config: object, lifecycle: boolean): Resources => ({
  "aws_ecr_repository.registry": config,
  ...(lifecycle
    ? {
        "aws_ecr_lifecycle_policy.expiry": {
          repository: "${aws_ecr_repository.registry.name}",
          policy: JSON.stringify({ rules: [{ selection: { tagStatus: "untagged" } }] }),
        },
      }
    : {}),
});
const SCANNED = { image_tag_mutability: "IMMUTABLE", image_scanning_configuration: { scan_on_push: true } };

const TLS_ONLY = {
  Effect: "Deny",
  Principal: { AWS: "*" },
  Action: "s3:*",
  Condition: { Bool: { "aws:SecureTransport": "false" } },
};
const LOG_DELIVERY = policy(
  allow({ Principal: { Service: "logdelivery.elasticloadbalancing.amazonaws.com" }, Action: "s3:PutObject" }),
);

/** For every policy of modelport's own, what passes and what does not. */
export const CASES: Readonly<Record<string, PolicyCase>> = {
  POLICY_LOG_ENCRYPTION: {
    passes: [{ "aws_cloudwatch_log_group.logs": { kms_key_id: KEY } }],
    breaks: [[{ "aws_cloudwatch_log_group.logs": {} }, "aws_cloudwatch_log_group.logs: has no kms_key_id"]],
  },
  POLICY_BUCKET_ENCRYPTION: {
    passes: [
      bucket({
        server_side_encryption_configuration: {
          rule: [
            {
              apply_server_side_encryption_by_default: { sse_algorithm: "aws:kms", kms_master_key_id: KEY },
            },
          ],
        },
      }),
      bucket({
        server_side_encryption_configuration: {
          rule: { apply_server_side_encryption_by_default: { sse_algorithm: "AES256" } },
        },
        policy: { policy: LOG_DELIVERY },
      }),
    ],
    breaks: [
      [bucket(), "aws_s3_bucket.data: has no default encryption in this stack"],
      [
        bucket({
          server_side_encryption_configuration: {
            rule: { apply_server_side_encryption_by_default: { sse_algorithm: "AES256" } },
          },
        }),
        "aws_s3_bucket.data: is encrypted with S3's own keys",
      ],
    ],
  },
  POLICY_REGISTRY_ENCRYPTION: {
    passes: [{ "aws_ecr_repository.r": { encryption_configuration: [{ encryption_type: "KMS" }] } }],
    breaks: [[{ "aws_ecr_repository.r": {} }, "aws_ecr_repository.r: is not encrypted with a KMS key"]],
  },
  POLICY_MESSAGE_ENCRYPTION: {
    passes: [
      { "aws_sqs_queue.q": { kms_master_key_id: KEY }, "aws_sns_topic.t": { kms_master_key_id: KEY } },
    ],
    breaks: [
      [
        {
          "aws_sqs_queue.q": { sqs_managed_sse_enabled: true },
          "aws_sns_topic.t": { kms_master_key_id: "alias/aws/sns" },
        },
        "aws_sqs_queue.q: has no kms_master_key_id",
        "aws_sns_topic.t: has AWS's default key",
      ],
    ],
  },
  POLICY_KEY_ROTATION: {
    passes: [
      { "aws_kms_key.key": { enable_key_rotation: true } },
      { "aws_kms_key.key": { customer_master_key_spec: "RSA_4096" } },
    ],
    breaks: [
      [{ "aws_kms_key.key": {} }, "aws_kms_key.key: does not rotate"],
      [
        { "aws_kms_key.key": { enable_key_rotation: true, is_enabled: false } },
        "aws_kms_key.key: is disabled",
      ],
    ],
  },
  POLICY_KEY_POLICY: {
    passes: [
      { "aws_kms_key.key": { policy: "{}" } },
      { "aws_kms_key.key": {}, "aws_kms_key_policy.p": { key_id: "${aws_kms_key.key.id}" } },
    ],
    breaks: [
      [
        { "aws_kms_key.key": {}, "aws_kms_key_policy.p": { key_id: "${aws_kms_key.other.id}" } },
        "aws_kms_key.key: has no policy",
      ],
    ],
  },
  POLICY_DATA_KEPT: {
    passes: [{ "aws_kms_key.key": { lifecycle: { prevent_destroy: true } } }],
    breaks: [
      [
        { "aws_kms_key.key": { lifecycle: { prevent_destroy: false } }, "aws_s3_bucket.data": {} },
        "aws_kms_key.key: can be destroyed",
        "aws_s3_bucket.data: can be destroyed",
      ],
    ],
  },
  POLICY_CLUSTER_SECRETS: {
    passes: [cluster({ encryption_config: { resources: ["secrets"], provider: { key_arn: KEY } } })],
    breaks: [[cluster({}), "aws_eks_cluster.cluster: keeps its secrets without a key"]],
  },
  POLICY_EXEC_ENCRYPTION: {
    passes: [exec({ logging: "OVERRIDE", kms_key_id: KEY, log_configuration: EXEC_LOG })],
    breaks: [
      [{ "aws_ecs_cluster.cluster": {} }, "aws_ecs_cluster.cluster: does not log ECS Exec"],
      [exec({ logging: "NONE", kms_key_id: KEY }), "aws_ecs_cluster.cluster: does not log ECS Exec"],
      [
        exec({ log_configuration: EXEC_LOG }),
        "aws_ecs_cluster.cluster: has no key for the channel of ECS Exec",
      ],
      [exec({ kms_key_id: KEY }), "aws_ecs_cluster.cluster: does not encrypt the log of ECS Exec"],
    ],
  },
  POLICY_VOLUME_ENCRYPTION: {
    passes: [
      template({ block_device_mappings: [{ ebs: { encrypted: "true" } }] }),
      task({}, { volume: [{ efs_volume_configuration: { transit_encryption: "ENABLED" } }] }),
      task({}, { volume: [{ name: "scratch" }] }),
    ],
    breaks: [
      [
        template({ block_device_mappings: [{ ebs: { encrypted: true } }, { ebs: {} }] }),
        "aws_launch_template.nodes: has a disk that is not encrypted",
      ],
      [
        task({}, { volume: [{ efs_volume_configuration: {} }] }),
        "aws_ecs_task_definition.task: mounts a file system without encryption in transit",
      ],
    ],
  },
  POLICY_ENDPOINT_ENCRYPTION: {
    passes: [endpoint("ml.m5.xlarge", KEY), endpoint("ml.g5.xlarge")],
    breaks: [
      [endpoint("ml.m5.xlarge"), "aws_sagemaker_endpoint_configuration.configuration: has no kms_key_arn"],
      [
        endpoint("ml.g5.xlarge", KEY),
        "aws_sagemaker_endpoint_configuration.configuration: has a kms_key_arn, which SageMaker refuses for ml.g5.xlarge with its local NVMe",
      ],
    ],
  },
  POLICY_VARIABLES_ENCRYPTION: {
    passes: [
      { "aws_lambda_function.f": {} },
      { "aws_lambda_function.f": { environment: { variables: { A: "1" } }, kms_key_arn: KEY } },
    ],
    breaks: [
      [
        { "aws_lambda_function.f": { environment: { variables: { A: "1" } } } },
        "aws_lambda_function.f: has variables, but no kms_key_arn",
      ],
    ],
  },
  POLICY_STORE_ENCRYPTION: {
    passes: [
      {
        "aws_secretsmanager_secret.s": { kms_key_id: KEY },
        "aws_ssm_parameter.p": { type: "SecureString", key_id: KEY },
        "aws_dynamodb_table.t": {
          server_side_encryption: { enabled: true, kms_key_arn: KEY },
          point_in_time_recovery: { enabled: true },
        },
      },
    ],
    breaks: [
      [
        {
          "aws_secretsmanager_secret.s": {},
          "aws_ssm_parameter.p": { type: "String" },
          "aws_dynamodb_table.t": {},
          "aws_dynamodb_table.u": { server_side_encryption: { enabled: true, kms_key_arn: KEY } },
        },
        "aws_secretsmanager_secret.s: has no kms_key_id",
        "aws_ssm_parameter.p: is no SecureString with a key_id",
        "aws_dynamodb_table.t: is not encrypted with a key",
        "aws_dynamodb_table.u: has no point-in-time recovery",
      ],
    ],
  },
  POLICY_MONITORING_ENCRYPTION: {
    passes: [
      job(
        { kms_key_id: KEY },
        { volume_kms_key_id: KEY },
        { enable_inter_container_traffic_encryption: true },
      ),
    ],
    breaks: [
      [job({}, {}, {}), "aws_sagemaker_data_quality_job_definition.job: writes its results without a key"],
      [
        job({ kms_key_id: KEY }, {}, {}),
        "aws_sagemaker_data_quality_job_definition.job: has disks without a key",
      ],
      [
        job({ kms_key_id: KEY }, { volume_kms_key_id: KEY }, {}),
        "aws_sagemaker_data_quality_job_definition.job: does not encrypt the traffic between its instances",
      ],
    ],
  },
  POLICY_BUCKET_PUBLIC: {
    passes: [
      bucket({
        public_access_block: {
          block_public_acls: true,
          block_public_policy: true,
          ignore_public_acls: true,
          restrict_public_buckets: true,
        },
      }),
    ],
    breaks: [
      [bucket(), "aws_s3_bucket.data: has no public access block in this stack"],
      [
        bucket({ public_access_block: { block_public_acls: true, ignore_public_acls: true } }),
        "aws_s3_bucket.data: has a public access block without block_public_policy, restrict_public_buckets",
      ],
      [{ "aws_s3_bucket.data": { acl: "public-read" } }, "aws_s3_bucket.data: has the ACL public-read"],
      [
        { "aws_s3_bucket_acl.acl": { acl: "public-read-write" } },
        "aws_s3_bucket_acl.acl: is public-read-write",
      ],
    ],
  },
  POLICY_BUCKET_VERSIONS: {
    passes: [bucket({ versioning: { versioning_configuration: { status: "Enabled" } } })],
    breaks: [
      [
        bucket({ versioning: { versioning_configuration: { status: "Suspended" } } }),
        "aws_s3_bucket.data: keeps no versions",
      ],
    ],
  },
  POLICY_BUCKET_LIFECYCLE: {
    passes: [
      bucket({
        lifecycle_configuration: {
          rule: [{ status: "Enabled", abort_incomplete_multipart_upload: [{ days_after_initiation: 7 }] }],
        },
      }),
    ],
    breaks: [
      [
        bucket({ lifecycle_configuration: { rule: [{ status: "Disabled" }] } }),
        "aws_s3_bucket.data: has no lifecycle",
      ],
      [
        bucket({ lifecycle_configuration: { rule: [{ status: "Enabled" }] } }),
        "aws_s3_bucket.data: keeps unfinished uploads for ever",
      ],
    ],
  },
  POLICY_BUCKET_OWNERSHIP: {
    passes: [bucket({ ownership_controls: { rule: { object_ownership: "BucketOwnerEnforced" } } })],
    breaks: [
      [
        bucket({ ownership_controls: { rule: { object_ownership: "ObjectWriter" } } }),
        "aws_s3_bucket.data: has ACLs",
      ],
    ],
  },
  POLICY_BUCKET_TLS: {
    passes: [bucket({ policy: { policy: policy(TLS_ONLY) } })],
    breaks: [
      [bucket(), "aws_s3_bucket.data: takes requests without TLS"],
      [
        bucket({ policy: { policy: policy({ ...TLS_ONLY, Action: "s3:GetObject" }) } }),
        "aws_s3_bucket.data: takes requests without TLS",
      ],
    ],
  },
  POLICY_BUCKET_LOCKOUT: {
    passes: [bucket({ policy: { policy: policy(TLS_ONLY) } })],
    breaks: [
      [
        bucket({ policy: { policy: policy({ ...TLS_ONLY, Condition: undefined }) } }),
        "aws_s3_bucket_policy.data-policy: refuses everything to everybody",
      ],
    ],
  },
  POLICY_BUCKET_LOGS: {
    passes: [
      bucket({ logging: { target_bucket: "logs" } }),
      bucket({
        policy: {
          policy: policy(
            allow({ Principal: { Service: "logging.s3.amazonaws.com" }, Action: "s3:PutObject" }),
          ),
        },
      }),
    ],
    breaks: [[bucket(), "aws_s3_bucket.data: has no access log"]],
  },
  POLICY_OPEN_INGRESS: {
    passes: [
      rule("ingress", from(443, "10.0.0.0/16")),
      { "aws_security_group.g": { ingress: [{ from_port: 443, to_port: 443, security_groups: ["sg-1"] }] } },
    ],
    breaks: [
      [
        rule("ingress", from(443, ANYWHERE)),
        "aws_vpc_security_group_ingress_rule.rule: is open to the whole internet on port 443",
      ],
      [
        rule("ingress", { ip_protocol: "-1", cidr_ipv6: "::/0" }),
        "aws_vpc_security_group_ingress_rule.rule: is open to the whole internet on every port",
      ],
      [
        {
          "aws_security_group.g": {
            ingress: [{ from_port: 22, to_port: 22, protocol: "tcp", cidr_blocks: [ANYWHERE] }],
          },
          "aws_security_group_rule.r": {
            type: "ingress",
            from_port: 3389,
            to_port: 3389,
            protocol: "tcp",
            ipv6_cidr_blocks: ["::/0"],
          },
        },
        "aws_security_group_rule.r: is open to the whole internet on port 3389",
        "aws_security_group.g: is open to the whole internet on port 22",
      ],
    ],
  },
  POLICY_OPEN_EGRESS: {
    passes: [
      rule("egress", from(443, ANYWHERE)),
      rule("egress", { ip_protocol: "-1", cidr_ipv4: "10.0.0.0/8" }),
    ],
    breaks: [
      [
        rule("egress", { ip_protocol: "-1", cidr_ipv4: ANYWHERE }),
        "aws_vpc_security_group_egress_rule.rule: lets everything out to the whole internet",
      ],
    ],
  },
  POLICY_RULE_DESCRIPTION: {
    passes: [
      rule("ingress", {}),
      { "aws_security_group.g": { description: "Replicas", ingress: [{ description: "Calls" }] } },
    ],
    breaks: [
      [
        {
          "aws_security_group.g": { description: "Replicas", ingress: [{}] },
          "aws_vpc_security_group_egress_rule.r": {},
        },
        "aws_security_group.g: has no description, or a rule without one",
        "aws_vpc_security_group_egress_rule.r: has no description, or a rule without one",
      ],
    ],
  },
  POLICY_GROUP_ATTACHED: {
    passes: [
      {
        "aws_security_group.g": {},
        "aws_sagemaker_model.m": { vpc_config: { security_group_ids: ["${aws_security_group.g.id}"] } },
      },
    ],
    breaks: [
      [
        {
          "aws_security_group.g": {},
          "aws_vpc_security_group_ingress_rule.r": { security_group_id: "${aws_security_group.g.id}" },
        },
        "aws_security_group.g: protects nothing",
      ],
    ],
  },
  POLICY_DEFAULT_GROUP: {
    passes: [{ "aws_vpc.v": {}, "aws_default_security_group.d": { vpc_id: "${aws_vpc.v.id}" } }],
    breaks: [
      [{ "aws_vpc.v": {} }, "aws_vpc.v: leaves its default security group as AWS made it"],
      [
        { "aws_default_security_group.d": { egress: [{ protocol: "-1" }] } },
        "aws_default_security_group.d: has rules",
      ],
    ],
  },
  POLICY_FLOW_LOGS: {
    passes: [{ "aws_vpc.v": {}, "aws_flow_log.l": { vpc_id: "${aws_vpc.v.id}", traffic_type: "ALL" } }],
    breaks: [
      [
        { "aws_vpc.v": {}, "aws_flow_log.l": { vpc_id: "${aws_vpc.v.id}", traffic_type: "ACCEPT" } },
        "aws_vpc.v: has no flow log of refused connections",
      ],
    ],
  },
  POLICY_PUBLIC_ADDRESS: {
    passes: [
      {
        "aws_subnet.s": { map_public_ip_on_launch: false },
        "aws_ecs_service.e": { network_configuration: { assign_public_ip: false } },
      },
    ],
    breaks: [
      [
        {
          "aws_subnet.s": { map_public_ip_on_launch: true },
          "aws_ecs_service.e": { network_configuration: { assign_public_ip: true } },
          "aws_launch_template.n": { network_interfaces: [{ associate_public_ip_address: "true" }] },
        },
        "aws_subnet.s: gives public addresses away",
        "aws_ecs_service.e: gives its tasks public addresses",
        "aws_launch_template.n: gives its machines public addresses",
      ],
    ],
  },
  POLICY_LISTENER_TLS: {
    passes: [
      listener({ protocol: "HTTPS", ssl_policy: "ELBSecurityPolicy-TLS13-1-2-Res-2021-06" }, {}),
      listener({ protocol: "HTTPS", ssl_policy: "ELBSecurityPolicy-FS-1-2-Res-2020-10" }, {}),
      listener({ protocol: "HTTP", default_action: forward }),
      listener(
        { protocol: "HTTP", default_action: [{ type: "redirect", redirect: { protocol: "HTTPS" } }] },
        {},
      ),
    ],
    breaks: [
      [
        listener({ protocol: "HTTP", default_action: forward }, { internal: false }),
        "aws_lb_listener.listener: speaks plain HTTP, and not only inside a VPC",
      ],
      [
        listener({ protocol: "HTTPS", ssl_policy: "ELBSecurityPolicy-2016-08" }),
        'aws_lb_listener.listener: has the TLS policy "ELBSecurityPolicy-2016-08", which lets old clients in',
      ],
      [
        listener({ protocol: "HTTPS", ssl_policy: "ELBSecurityPolicy-TLS13-1-0-2021-06" }),
        'aws_lb_listener.listener: has the TLS policy "ELBSecurityPolicy-TLS13-1-0-2021-06", which lets old clients in',
      ],
      [
        listener({ protocol: "HTTPS" }),
        "aws_lb_listener.listener: has the TLS policy undefined, which lets old clients in",
      ],
    ],
  },
  POLICY_BALANCER_HARDENED: {
    passes: [balancer({}), balancer({ subnets: "${data.terraform_remote_state.f.outputs.ids}" })],
    breaks: [
      [balancer({ subnets: ["subnet-1"] }), "aws_lb.balancer: is in one subnet, and so in one zone"],
      [balancer({ drop_invalid_header_fields: false }), "aws_lb.balancer: does not drop malformed headers"],
      [
        balancer({ desync_mitigation_mode: "monitor" }),
        "aws_lb.balancer: lets requests through that can be read in two ways",
      ],
    ],
  },
  POLICY_TARGET_HEALTH: {
    passes: [
      { "aws_lb_target_group.t": { health_check: { path: "/ping" } } },
      { "aws_lb_target_group.t": { target_type: "lambda" } },
    ],
    breaks: [
      [
        { "aws_lb_target_group.t": { health_check: { enabled: false, path: "/ping" } } },
        "aws_lb_target_group.t: has no health check",
      ],
    ],
  },
  POLICY_CLUSTER_ENDPOINT: {
    passes: [
      cluster({ vpc_config: { endpoint_public_access: false } }),
      cluster({ vpc_config: { endpoint_public_access: true, public_access_cidrs: ["192.0.2.0/24"] } }),
    ],
    breaks: [
      [cluster({ vpc_config: {} }), "aws_eks_cluster.cluster: has its API open to the whole internet"],
      [
        cluster({
          vpc_config: { endpoint_public_access: true, public_access_cidrs: ["192.0.2.0/24", ANYWHERE] },
        }),
        "aws_eks_cluster.cluster: has its API open to the whole internet",
      ],
    ],
  },
  POLICY_NODE_ACCESS: {
    passes: [
      template({ metadata_options: METADATA }),
      template({ metadata_options: { http_endpoint: "disabled" } }),
      {
        "aws_eks_node_group.n": { remote_access: { ec2_ssh_key: "k", source_security_group_ids: ["sg-1"] } },
      },
    ],
    breaks: [
      [
        { "aws_eks_node_group.n": { remote_access: { ec2_ssh_key: "k" } } },
        "aws_eks_node_group.n: is open by SSH to the whole internet",
      ],
      [
        template({}),
        "aws_launch_template.nodes: answers version 1 of the metadata service, which needs no token",
      ],
      [
        template({ metadata_options: { ...METADATA, http_put_response_hop_limit: 2 } }),
        "aws_launch_template.nodes: lets pods reach the metadata service (hop limit above 1)",
      ],
    ],
  },
  POLICY_FUNCTION_ACCESS: {
    passes: [
      {
        "aws_lambda_function_url.u": { authorization_type: "AWS_IAM" },
        "aws_lambda_permission.p": { principal: "events.amazonaws.com", source_arn: "arn" },
        "aws_lambda_function.f": { vpc_config: { subnet_ids: ["subnet-1", "subnet-2"] } },
      },
    ],
    breaks: [
      [
        {
          "aws_lambda_function_url.u": { authorization_type: "NONE" },
          "aws_lambda_permission.p": { principal: "*" },
          "aws_lambda_permission.q": { principal: "s3.amazonaws.com" },
          "aws_lambda_function.f": { vpc_config: { subnet_ids: ["subnet-1"] } },
        },
        "aws_lambda_function_url.u: asks for no authentication",
        "aws_lambda_permission.p: lets everybody call the function",
        "aws_lambda_permission.q: lets s3.amazonaws.com call it for whoever asks it to",
        "aws_lambda_function.f: runs in one subnet, and so in one zone",
      ],
    ],
  },
  POLICY_IAM_ACTION: {
    passes: [
      rights({ Action: ["s3:GetObject"], Resource: "arn:aws:s3:::b/*" }),
      { "aws_iam_role_policy.rights": { policy: policy({ Effect: "Deny", Action: "*", Resource: "*" }) } },
      {
        "aws_kms_key_policy.p": {
          policy: policy(
            allow({ Principal: { AWS: "arn:aws:iam::123456789012:root" }, Action: "kms:*", Resource: "*" }),
          ),
        },
      },
    ],
    breaks: [
      [
        rights({ Action: ["s3:*", "sqs:SendMessage"], Resource: "arn:aws:s3:::b" }),
        "aws_iam_role_policy.rights: the statement Rights allows s3:*",
      ],
      [
        rights({ NotAction: "iam:*", Resource: "arn:aws:s3:::b" }),
        "aws_iam_role_policy.rights: the statement Rights allows everything but what it names",
      ],
      [
        {
          "aws_kms_key_policy.p": {
            policy: policy(allow({ Principal: { AWS: "*" }, Action: "kms:*", Resource: "*" })),
          },
        },
        "aws_kms_key_policy.p: the statement Rights allows kms:*",
      ],
    ],
  },
  POLICY_IAM_RESOURCE: {
    passes: [
      rights({ Action: ["ecr:GetAuthorizationToken"], Resource: "*" }),
      rights({ Action: "s3:GetObject", Resource: "arn:aws:s3:::b/*" }),
      role({ Principal: { Service: "lambda.amazonaws.com" } }),
    ],
    breaks: [
      [
        rights({ Action: ["ecr:GetAuthorizationToken", "iam:PassRole"], Resource: "*" }),
        "aws_iam_role_policy.rights: the statement Rights allows iam:PassRole on every resource",
      ],
      [
        rights({ Action: "s3:GetObject", Resource: "arn:aws:s3:::*" }),
        "aws_iam_role_policy.rights: the statement Rights allows s3:GetObject on every resource",
      ],
      [
        rights({ Action: "s3:GetObject", NotResource: "arn:aws:s3:::b" }),
        "aws_iam_role_policy.rights: the statement Rights allows all resources but those it names",
      ],
    ],
  },
  POLICY_IAM_MANAGED: {
    passes: [
      {
        "aws_iam_role_policy_attachment.a": { policy_arn: "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy" },
      },
    ],
    breaks: [
      [
        {
          "aws_iam_role_policy_attachment.a": {
            policy_arn: "arn:aws:iam::aws:policy/AmazonSageMakerFullAccess",
          },
          "aws_iam_role_policy_attachment.b": { policy_arn: "arn:aws:iam::aws:policy/AdministratorAccess" },
          "aws_iam_role.r": { managed_policy_arns: ["arn:aws:iam::aws:policy/IAMFullAccess"] },
        },
        "aws_iam_role.r: has the AWS managed policy IAMFullAccess",
        "aws_iam_role_policy_attachment.a: has the AWS managed policy AmazonSageMakerFullAccess",
        "aws_iam_role_policy_attachment.b: has the AWS managed policy AdministratorAccess",
      ],
    ],
  },
  POLICY_IAM_TRUST: {
    passes: [
      role({ Principal: { Service: "ecs-tasks.amazonaws.com" } }),
      role(github("repo:acme/model:environment:prod")),
    ],
    breaks: [
      [
        role({ Principal: { AWS: "*" } }),
        "aws_iam_role.role: the statement Rights lets everybody take the role on",
      ],
      [
        role(github()),
        "aws_iam_role.role: the statement Rights lets workflows of every repository on GitHub take the role on",
      ],
      [
        role(github("repo:*/*:*")),
        "aws_iam_role.role: the statement Rights lets workflows of every repository on GitHub take the role on",
      ],
    ],
  },
  POLICY_RESOURCE_ACCESS: {
    manifest: { account: "123456789012" },
    passes: [
      queuePolicy({ Principal: { Service: "events.amazonaws.com" } }),
      queuePolicy({ Principal: { AWS: "arn:aws:iam::123456789012:role/sender" } }),
      queuePolicy({ Effect: "Deny", Principal: "*" }),
    ],
    breaks: [
      [
        queuePolicy({ Principal: "*" }),
        "aws_sqs_queue_policy.policy: the statement Rights lets everybody in",
      ],
      [
        queuePolicy({ NotPrincipal: { AWS: "arn:aws:iam::123456789012:root" } }),
        "aws_sqs_queue_policy.policy: the statement Rights lets everybody in but those it names",
      ],
      [
        queuePolicy({ Principal: { AWS: ["arn:aws:iam::999999999999:root"] } }),
        "aws_sqs_queue_policy.policy: the statement Rights lets the account 999999999999 in",
      ],
    ],
  },
  POLICY_LOG_RETENTION: {
    passes: [{ "aws_cloudwatch_log_group.l": { retention_in_days: 30 } }],
    breaks: [
      [
        { "aws_cloudwatch_log_group.l": {}, "aws_cloudwatch_log_group.m": { retention_in_days: 0 } },
        "aws_cloudwatch_log_group.l: keeps its events for ever",
        "aws_cloudwatch_log_group.m: keeps its events for ever",
      ],
    ],
  },
  POLICY_ALARM_ACTIONS: {
    passes: [{ "aws_cloudwatch_metric_alarm.a": { alarm_actions: ["${aws_sns_topic.t.arn}"] } }],
    breaks: [
      [
        {
          "aws_cloudwatch_metric_alarm.a": { alarm_actions: [] },
          "aws_cloudwatch_metric_alarm.b": { alarm_actions: ["arn"], actions_enabled: false },
        },
        "aws_cloudwatch_metric_alarm.a: has no action",
        "aws_cloudwatch_metric_alarm.b: has its actions turned off",
      ],
    ],
  },
  POLICY_BALANCER_LOGS: {
    passes: [balancer({ access_logs: { enabled: true, bucket: "logs" } })],
    breaks: [[balancer({ access_logs: { bucket: "logs" } }), "aws_lb.balancer: logs no requests"]],
  },
  POLICY_STATE_MACHINE_LOGS: {
    passes: [machine({ level: "ERROR" })],
    breaks: [
      [machine({ level: "OFF" }), "aws_sfn_state_machine.machine: does not log its executions"],
      [machine({ level: "ALL" }, false), "aws_sfn_state_machine.machine: is not traced"],
    ],
  },
  POLICY_STATE_MACHINE_DATA: {
    passes: [machine({ level: "ALL", include_execution_data: true }), machine({ level: "OFF" })],
    breaks: [
      [
        machine({ level: "ALL" }),
        "aws_sfn_state_machine.machine: logs its executions without what they carried",
      ],
    ],
  },
  POLICY_FUNCTION_TRACING: {
    passes: [{ "aws_lambda_function.f": { tracing_config: { mode: "Active" } } }],
    breaks: [[{ "aws_lambda_function.f": {} }, "aws_lambda_function.f: is not traced"]],
  },
  POLICY_CLUSTER_LOGS: {
    passes: [
      cluster({
        enabled_cluster_log_types: ["api", "audit", "authenticator", "controllerManager", "scheduler"],
      }),
      { "aws_ecs_cluster.c": { setting: [{ name: "containerInsights", value: "enhanced" }] } },
    ],
    breaks: [
      [
        cluster({ enabled_cluster_log_types: ["api", "scheduler", "controllerManager"] }),
        "aws_eks_cluster.cluster: does not log audit, authenticator",
      ],
      [
        { "aws_ecs_cluster.c": { setting: [{ name: "containerInsights", value: "disabled" }] } },
        "aws_ecs_cluster.c: has no Container Insights",
      ],
    ],
  },
  POLICY_CONTAINER_LOGS: {
    passes: [task({ logConfiguration: { logDriver: "awslogs" } })],
    breaks: [[task({}), "aws_ecs_task_definition.task: has the container model, which writes no log"]],
  },
  POLICY_IMAGE_PINNED: {
    passes: [
      task({}),
      pod({ image: "registry/model@${var.image_digest}" }),
      { "aws_lambda_function.f": { package_type: "Zip" } },
      { "docker_container.c": { name: "c", image: "${docker_image.image.image_id}" } },
    ],
    breaks: [
      [
        task({ image: TAGGED }),
        `aws_ecs_task_definition.task: runs the image ${TAGGED}, which is not pinned by a digest`,
      ],
      [
        {
          "aws_lambda_function.f": { package_type: "Image", image_uri: TAGGED },
          "aws_sagemaker_model.m": { primary_container: { image: IMAGE }, container: [{ image: TAGGED }] },
        },
        `aws_lambda_function.f: runs the image ${TAGGED}, which is not pinned by a digest`,
        `aws_sagemaker_model.m: runs the image ${TAGGED}, which is not pinned by a digest`,
      ],
    ],
  },
  POLICY_REGISTRY_IMAGES: {
    passes: [registry(SCANNED, true)],
    breaks: [
      [
        registry({ ...SCANNED, image_tag_mutability: "MUTABLE" }, true),
        "aws_ecr_repository.registry: lets tags move",
      ],
      [
        registry({ image_tag_mutability: "IMMUTABLE" }, true),
        "aws_ecr_repository.registry: does not scan what is pushed",
      ],
      [registry(SCANNED, false), "aws_ecr_repository.registry: has no lifecycle"],
      [
        {
          "aws_ecr_lifecycle_policy.e": {
            policy: JSON.stringify({ rules: [{ selection: { tagStatus: "any" } }] }),
          },
        },
        "aws_ecr_lifecycle_policy.e: expires tagged images, one of which may be what runs",
      ],
    ],
  },
  POLICY_TASK_PLATFORM: {
    passes: [{ "aws_ecs_service.s": { platform_version: "LATEST" } }, { "aws_ecs_service.s": {} }],
    breaks: [
      [
        { "aws_ecs_service.s": { platform_version: "1.3.0" } },
        "aws_ecs_service.s: is held on an old platform version",
      ],
    ],
  },
  POLICY_CLUSTER_VERSION: {
    passes: [cluster({ version: "1.34" })],
    breaks: [[cluster({}), "aws_eks_cluster.cluster: names no version"]],
  },
  POLICY_CONTAINER_PRIVILEGED: {
    passes: [task({}), secured(LOCKED), { "docker_container.c": { name: "c" } }],
    breaks: [
      // checkov passes this: it reads `privilege`.
      [
        task({ privileged: true }),
        "aws_ecs_task_definition.task: has the container model, which is privileged",
      ],
      [
        secured({ ...LOCKED, privileged: true }),
        "kubernetes_deployment_v1.deployment: has the container model, which is privileged",
      ],
      [
        pod(),
        "kubernetes_deployment_v1.deployment: has the container model, which may get more rights than it started with",
      ],
      [
        { "docker_container.c": { name: "c", privileged: true } },
        "docker_container.c: has the container c, which is privileged",
      ],
    ],
  },
  POLICY_CONTAINER_ROOT: {
    passes: [
      task({ user: "10001:10001" }),
      secured(LOCKED),
      pod({}, { security_context: { run_as_non_root: true } }),
      pod({}, { security_context: { run_as_user: "10001" } }),
      {
        "aws_ecs_task_definition.task": {
          container_definitions: JSON.stringify([
            { name: "model", user: "model", dependsOn: [{ containerName: "load", condition: "SUCCESS" }] },
            { name: "load", essential: false, user: "0:0", readonlyRootFilesystem: true },
          ]),
        },
      },
    ],
    breaks: [
      [
        task({}),
        "aws_ecs_task_definition.task: has the container model, which runs as the image's own user, who may be root",
      ],
      [task({ user: "0:0" }), "aws_ecs_task_definition.task: has the container model, which runs as root"],
      [
        {
          "aws_ecs_task_definition.task": {
            container_definitions: JSON.stringify([
              { name: "side", essential: false, user: "root", readonlyRootFilesystem: true },
            ]),
          },
        },
        "aws_ecs_task_definition.task: has the container side, which runs as root",
      ],
      [pod(), "kubernetes_deployment_v1.deployment: has the container model, which may run as root"],
      [
        secured({ ...LOCKED, run_as_user: "0" }),
        "kubernetes_deployment_v1.deployment: has the container model, which runs as root",
      ],
    ],
  },
  POLICY_CONTAINER_WRITABLE: {
    passes: [task({ readonlyRootFilesystem: true }), secured(LOCKED)],
    breaks: [
      [
        task({ readonlyRootFilesystem: false }),
        "aws_ecs_task_definition.task: has the container model, which can write to its image's file system",
      ],
      [
        pod(),
        "kubernetes_deployment_v1.deployment: has the container model, which can write to its image's file system",
      ],
    ],
  },
  POLICY_CONTAINER_HOST: {
    passes: [task({ portMappings: [{ hostPort: 8080 }] }), pod({ port: [{ container_port: 8080 }] })],
    breaks: [
      [
        task({}, { network_mode: "host" }),
        "aws_ecs_task_definition.task: is not in a network of its own (awsvpc)",
      ],
      [task({}, { pid_mode: "host" }), "aws_ecs_task_definition.task: shares its machine's processes"],
      [
        pod({}, { host_network: true, host_pid: true }),
        "kubernetes_deployment_v1.deployment: has the container model, which shares host_network, host_pid",
      ],
      [
        pod({ port: [{ container_port: 8080, host_port: 80 }] }),
        "kubernetes_deployment_v1.deployment: has the container model, which takes a port of its machine",
      ],
      [
        pod({}, { volume: [{ host_path: { path: "/var/run/docker.sock" } }] }),
        "kubernetes_deployment_v1.deployment: has the container model, which has the socket of the container engine",
      ],
      [
        { "docker_container.c": { name: "c", network_mode: "host" } },
        "docker_container.c: has the container c, which shares its machine's network or processes",
      ],
    ],
  },
  POLICY_CONTAINER_CAPABILITIES: {
    passes: [secured(LOCKED)],
    breaks: [
      [
        secured({ ...LOCKED, capabilities: { drop: ["NET_RAW"] } }),
        "kubernetes_deployment_v1.deployment: has the container model, which keeps capabilities of root",
      ],
      [
        secured({ ...LOCKED, capabilities: { drop: ["ALL"], add: ["SYS_ADMIN"] } }),
        "kubernetes_deployment_v1.deployment: has the container model, which adds capabilities",
      ],
    ],
  },
  POLICY_CONTAINER_SECRETS: {
    passes: [pod({ env: [{ name: "LEVEL", value: "info" }] }), template({ user_data: "ZWNobyBoZWxsbw==" })],
    breaks: [
      [
        pod({ env: [{ name: "TOKEN", value_from: { secret_key_ref: { name: "s", key: "k" } } }] }),
        "kubernetes_deployment_v1.deployment: has the container model, which gets a secret as a variable",
      ],
      [
        pod({ env_from: [{ secret_ref: { name: "s" } }] }),
        "kubernetes_deployment_v1.deployment: has the container model, which gets a secret as a variable",
      ],
      [
        template({ user_data: Buffer.from("export KEY=AKIAIOSFODNN7EXAMPLE").toString("base64") }),
        "aws_launch_template.nodes: has a credential in its user data",
      ],
    ],
  },
  POLICY_MODEL_ISOLATION: {
    passes: [{ "aws_sagemaker_model.m": { enable_network_isolation: true } }],
    breaks: [[{ "aws_sagemaker_model.m": {} }, "aws_sagemaker_model.m: reaches the network"]],
  },
  POLICY_TASK_ROLES: {
    passes: [
      task({}, { execution_role_arn: "a", task_role_arn: "b" }),
      task({}, { execution_role_arn: "a" }),
    ],
    breaks: [
      [
        task({}, { execution_role_arn: "a", task_role_arn: "a" }),
        "aws_ecs_task_definition.task: has one role for both",
      ],
    ],
  },
  POLICY_POD_RESOURCES: {
    passes: [pod({ resources: { requests: { cpu: "1", memory: "1Gi" }, limits: { memory: "1Gi" } } })],
    breaks: [
      [
        pod({ resources: { requests: { cpu: "1" } } }),
        "kubernetes_deployment_v1.deployment: has the container model, which lacks requests.memory, limits.memory",
      ],
    ],
  },
  POLICY_POD_PROBES: {
    passes: [
      {
        "kubernetes_cron_job_v1.j": {
          spec: { job_template: { spec: { template: { spec: { container: [{ name: "run" }] } } } } },
        },
      },
      pod({ liveness_probe: { http_get: {} }, readiness_probe: { http_get: {} } }),
      {
        "kubernetes_deployment_v1.d": {
          spec: { template: { spec: { init_container: [{ name: "load" }] } } },
        },
      },
    ],
    breaks: [
      [
        pod({ liveness_probe: { http_get: {} } }),
        "kubernetes_deployment_v1.deployment: has the container model, which has no readiness_probe",
      ],
    ],
  },
  POLICY_NAMESPACE: {
    passes: [
      pod(),
      { "kubernetes_namespace_v1.n": { metadata: { name: "models" } } },
      { "kubernetes_cluster_role_v1.r": { metadata: { name: "r" } } },
    ],
    breaks: [
      [
        {
          "kubernetes_service_v1.s": { metadata: { name: "s" } },
          "kubernetes_service_account_v1.a": { metadata: { name: "default", namespace: "models" } },
          "kubernetes_role_binding_v1.b": {
            metadata: { name: "b", namespace: "models" },
            subject: [{ kind: "ServiceAccount", name: "default" }],
          },
        },
        "kubernetes_service_v1.s: is in the default namespace",
        "kubernetes_service_account_v1.a: is a default service account",
        "kubernetes_role_binding_v1.b: gives rights to a default service account",
      ],
    ],
  },
  POLICY_KUBERNETES_ROLE: {
    passes: [{ "kubernetes_role_v1.r": { rule: [{ resources: ["pods"], verbs: ["get"] }] } }],
    breaks: [
      [
        { "kubernetes_role_v1.r": { rule: [{ resources: ["pods"], verbs: ["*"] }] } },
        "kubernetes_role_v1.r: has a wildcard",
      ],
    ],
  },
};
