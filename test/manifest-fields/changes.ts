/** Another value for a field, and what must stand around it for the value to matter. */
export interface Change {
  /** Path of what is set, dotted; default: the field's own. A field within a list is set with the whole list. */
  readonly at?: string;
  /** Value before; absent where the field is not given. */
  readonly from?: unknown;
  /** Value after; undefined removes it. */
  readonly to: unknown;
  /** Other fields, by dotted path, on both sides; undefined removes one of the base manifest. */
  readonly with?: Readonly<Record<string, unknown>>;
  /** Targets where the difference must show. */
  readonly on: readonly string[];
}

const SAGEMAKER = ["sagemaker-realtime"];
const LAMBDA = ["lambda"];
const ECS = ["ecs-fargate"];
const EKS = ["eks"];
const BATCH = ["sagemaker-batch"];
const DOCKER = ["docker"];
const ALL_ON_AWS = [...SAGEMAKER, ...LAMBDA, ...ECS, ...EKS, ...BATCH];
const ALL = [...ALL_ON_AWS, ...DOCKER];

const ACCOUNT = "123456789012";
const KEY = `arn:aws:kms:eu-west-1:${ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab`;
const DIGEST = (digit: string) => `sha256:${digit.repeat(64)}`;
const TOPIC = (name: string) => `arn:aws:sns:eu-west-1:${ACCOUNT}:${name}`;
const SECRET = (name: string) => `arn:aws:secretsmanager:eu-west-1:${ACCOUNT}:secret:${name}-AbCdEf`;

const EXISTING_NETWORK = {
  "network.vpcId": "vpc-0a1b2c3d4e5f60718",
  "network.subnetIds": ["subnet-0a1b2c3d4e5f60718", "subnet-0b1c2d3e4f5061728"],
};
const BUILD = { "model.image": undefined, "model.build.context": "server" };
const ARCHIVE = { "model.artifact": "s3://models/fraud/model.tar.gz" };
const COMPILED = {
  ...ARCHIVE,
  "targets.sagemaker-realtime.instanceType": "ml.c5.xlarge",
  "model.optimize.neo.framework": "pytorch",
  "model.optimize.neo.inputs": { input0: [1, 3, 224, 224] },
};
const PUBLIC = {
  "network.public": true,
  "network.certificateArn": `arn:aws:acm:eu-west-1:${ACCOUNT}:certificate/1234abcd`,
};
const RANGE = { "scaling.max": 4 };
const BLUE_GREEN = { "rollout.strategy": "canary", "rollout.step": 10 };
const ASYNC = { "targets.sagemaker-realtime.mode": "async" };
const SERVERLESS = { "targets.sagemaker-realtime.mode": "serverless" };
const SHADOW = { "targets.sagemaker-realtime.shadow.percent": 50 };
const NEXT_IMAGE = `${ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/fraud@${DIGEST("c")}`;
const CLUSTER = {
  "targets.eks.cluster": "shared",
  "targets.eks.endpoint": "https://0123456789ABCDEF.gr7.eu-west-1.eks.amazonaws.com",
  "targets.eks.certificateAuthority": "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tYQ==",
};
const RECORDS = {
  "targets.sagemaker-batch.contentType": "text/csv",
  "targets.sagemaker-batch.splitType": "Line",
};

const WRITABLE = {
  "policies.suppress": [
    { code: "POLICY_CONTAINER_WRITABLE", reason: "the server unpacks its model beside its code" },
  ],
};

const tracking = {
  type: "target-tracking",
  metric: "cpu",
  target: 60,
  scaleInCooldown: "5m",
  scaleOutCooldown: "1m",
};
const step = {
  type: "step",
  metric: "cpu",
  threshold: 60,
  steps: [
    { from: 0, to: 20, add: 1 },
    { from: 20, add: 2 },
  ],
  cooldown: "1m",
};
const scheduled = { type: "scheduled", cron: "0 8 ? * MON-FRI *", timezone: "UTC", min: 2, max: 3 };

/** A policy before and after, in a range. */
const policy = (before: object, change: object, on: readonly string[]): Change => ({
  at: "scaling.policies",
  from: [before],
  to: [{ ...before, ...change }],
  with: RANGE,
  on,
});

/** A scheduled policy before and after, beside the metric that an autoscaler of pods needs. */
const podSchedule = (change: object): Change => ({
  at: "scaling.policies",
  from: [tracking, scheduled],
  to: [tracking, { ...scheduled, ...change }],
  with: { ...RANGE, "network.internetAccess": true },
  on: EKS,
});

/** A second variant, in a range that a policy moves, before and after. */
const variant = (change: object): Change => {
  const candidate = { name: "candidate", percent: 20, scaling: { min: 1, max: 3 } };
  return {
    at: "targets.sagemaker-realtime.variants",
    from: [candidate],
    to: [{ ...candidate, ...change }],
    with: RANGE,
    on: SAGEMAKER,
  };
};

const steps = (...list: readonly object[]): Change => policy(step, { steps: list }, [...SAGEMAKER, ...ECS]);

/** A change of every field that shows in what is synthesized. `changes.test` fails where one is missing. */
export const CHANGES: Readonly<Record<string, Change | readonly Change[]>> = {
  name: { to: "other-model", on: ALL },
  foundation: { from: "risk-models", to: "payments", on: ALL_ON_AWS },
  description: { to: "Scores card payments", on: [...SAGEMAKER, ...LAMBDA, ...ECS, ...EKS] },
  region: {
    from: "eu-west-1",
    to: "eu-central-1",
    with: { "model.image": undefined, "model.build.context": "server" },
    on: ALL_ON_AWS,
  },
  account: { to: "222222222222", on: ALL_ON_AWS },
  tags: { to: { team: "risk" }, on: ALL_ON_AWS },

  "model.image": { to: `${ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/fraud@${DIGEST("b")}`, on: ALL },
  "model.build.context": { from: "server", to: "other-server", with: BUILD, on: DOCKER },
  "model.build.dockerfile": { from: "Dockerfile", to: "other.Dockerfile", with: BUILD, on: DOCKER },
  "model.build.args": { to: { MODEL: "large" }, with: BUILD, on: DOCKER },
  "model.artifact": {
    from: "s3://models/fraud/1/model.tar.gz",
    to: "s3://models/fraud/2/model.tar.gz",
    with: { "network.internetAccess": true },
    on: [...SAGEMAKER, ...ECS, ...EKS, ...BATCH],
  },
  "model.optimize.neo.framework": { to: "tensorflow", with: COMPILED, on: SAGEMAKER },
  "model.optimize.neo.frameworkVersion": { to: "2.0", with: COMPILED, on: SAGEMAKER },
  "model.optimize.neo.inputs": { to: { input0: [8, 3, 224, 224] }, with: COMPILED, on: SAGEMAKER },
  "model.optimize.neo.compilerOptions": { to: { dtype: "int64" }, with: COMPILED, on: SAGEMAKER },
  "model.optimize.neo.timeout": { to: "1h", with: COMPILED, on: SAGEMAKER },
  "model.server.port": { to: 9090, on: [...LAMBDA, ...ECS, ...EKS, ...DOCKER] },
  "model.server.health": { to: "/healthz", on: [...LAMBDA, ...ECS, ...EKS, ...DOCKER] },
  "model.server.invoke": { to: "/predict", on: LAMBDA },
  "model.server.startup": { to: "5m", on: [...SAGEMAKER, ...LAMBDA, ...ECS, ...EKS, ...DOCKER] },
  "model.environment": { to: { LOG_LEVEL: "debug" }, on: ALL },
  "model.secrets": {
    to: { API_TOKEN: SECRET("fraud") },
    with: {
      "targets.sagemaker-realtime.networkIsolation": false,
      "targets.sagemaker-batch.networkIsolation": false,
    },
    on: ALL_ON_AWS,
  },

  "resources.cpu": [
    { to: 4, on: [...SAGEMAKER, ...LAMBDA, ...ECS, ...EKS, ...DOCKER] },
    { to: 8, on: BATCH },
  ],
  "resources.memory": { to: "7Gi", on: [...SAGEMAKER, ...LAMBDA, ...ECS, ...EKS, ...DOCKER] },
  "resources.gpu": { to: 1, on: [...SAGEMAKER, ...EKS] },
  "resources.storage": { to: "10Gi", on: [...SAGEMAKER, ...LAMBDA, ...EKS] },
  "resources.architecture": { to: "arm64", on: [...SAGEMAKER, ...LAMBDA, ...ECS, ...EKS] },

  "workload.serviceTime.p99": {
    at: "workload",
    from: { requestsPerSecond: 1, serviceTime: { p50: "1s", p99: "10s" } },
    to: { requestsPerSecond: 1, serviceTime: { p50: "1s", p99: "50s" } },
    on: [...LAMBDA, ...ECS],
  },
  "workload.concurrency": {
    at: "workload",
    from: { requestsPerSecond: 1, concurrency: 1 },
    to: { requestsPerSecond: 1, concurrency: 3 },
    with: ASYNC,
    on: SAGEMAKER,
  },
  "workload.slo.p99": {
    at: "workload",
    from: { requestsPerSecond: 1, slo: { p99: "1s" } },
    to: { requestsPerSecond: 1, slo: { p99: "2s" } },
    on: [...SAGEMAKER, ...LAMBDA, ...ECS],
  },
  "workload.slo.errorRate": {
    at: "workload",
    from: { requestsPerSecond: 1, slo: { p99: "1s", errorRate: 0.01 } },
    to: { requestsPerSecond: 1, slo: { p99: "1s", errorRate: 0.02 } },
    on: [...SAGEMAKER, ...LAMBDA, ...ECS],
  },

  "scaling.min": { from: 1, to: 2, with: RANGE, on: [...SAGEMAKER, ...ECS, ...EKS] },
  "scaling.max": { from: 4, to: 5, on: [...SAGEMAKER, ...ECS, ...EKS] },
  "scaling.policies[](target-tracking).type": {
    at: "scaling.policies",
    from: [tracking],
    to: [step],
    with: RANGE,
    on: [...SAGEMAKER, ...ECS],
  },
  "scaling.policies[](target-tracking).metric": policy(tracking, { metric: "memory" }, [
    ...SAGEMAKER,
    ...ECS,
    ...EKS,
  ]),
  "scaling.policies[](target-tracking).target": policy(tracking, { target: 50 }, [
    ...SAGEMAKER,
    ...ECS,
    ...EKS,
  ]),
  "scaling.policies[](target-tracking).scaleInCooldown": policy(tracking, { scaleInCooldown: "9m" }, [
    ...SAGEMAKER,
    ...ECS,
    ...EKS,
  ]),
  "scaling.policies[](target-tracking).scaleOutCooldown": policy(tracking, { scaleOutCooldown: "2m" }, [
    ...SAGEMAKER,
    ...ECS,
    ...EKS,
  ]),
  "scaling.policies[](step).type": {
    at: "scaling.policies",
    from: [step],
    to: [tracking],
    with: RANGE,
    on: [...SAGEMAKER, ...ECS],
  },
  "scaling.policies[](step).metric": policy(step, { metric: "memory" }, [...SAGEMAKER, ...ECS]),
  "scaling.policies[](step).threshold": policy(step, { threshold: 50 }, [...SAGEMAKER, ...ECS]),
  "scaling.policies[](step).steps[].from": steps({ from: 5, to: 20, add: 1 }, { from: 20, add: 2 }),
  "scaling.policies[](step).steps[].to": steps({ from: 0, to: 30, add: 1 }, { from: 30, add: 2 }),
  "scaling.policies[](step).steps[].add": steps({ from: 0, to: 20, add: 1 }, { from: 20, add: 3 }),
  "scaling.policies[](step).cooldown": policy(step, { cooldown: "3m" }, [...SAGEMAKER, ...ECS]),
  "scaling.policies[](scheduled).type": {
    at: "scaling.policies",
    from: [scheduled],
    to: [tracking],
    with: RANGE,
    on: [...SAGEMAKER, ...ECS],
  },
  "scaling.policies[](scheduled).cron": [
    policy(scheduled, { cron: "0 9 ? * MON-FRI *" }, [...SAGEMAKER, ...LAMBDA, ...ECS]),
    podSchedule({ cron: "0 9 ? * MON-FRI *" }),
  ],
  "scaling.policies[](scheduled).timezone": [
    policy(scheduled, { timezone: "Europe/Dublin" }, [...SAGEMAKER, ...LAMBDA, ...ECS]),
    podSchedule({ timezone: "Europe/Dublin" }),
  ],
  "scaling.policies[](scheduled).min": [
    policy(scheduled, { min: 1 }, [...SAGEMAKER, ...LAMBDA, ...ECS]),
    podSchedule({ min: 1 }),
  ],
  "scaling.policies[](scheduled).max": [
    policy(scheduled, { max: 4 }, [...SAGEMAKER, ...LAMBDA, ...ECS]),
    podSchedule({ max: 4 }),
  ],

  "rollout.strategy": { to: "canary", on: [...SAGEMAKER, ...LAMBDA, ...ECS] },
  "rollout.step": { from: 10, to: 20, with: BLUE_GREEN, on: [...SAGEMAKER, ...LAMBDA, ...ECS] },
  "rollout.interval": { to: "5m", with: BLUE_GREEN, on: [...SAGEMAKER, ...LAMBDA, ...ECS] },
  "rollout.rollback": { to: false, on: [...SAGEMAKER, ...ECS] },

  "network.vpcId": {
    from: "vpc-0a1b2c3d4e5f60718",
    to: "vpc-0a1b2c3d4e5f60719",
    with: EXISTING_NETWORK,
    // EKS finds the network by its subnets.
    on: [...SAGEMAKER, ...LAMBDA, ...ECS, ...BATCH],
  },
  "network.subnetIds[]": {
    from: ["subnet-0a1b2c3d4e5f60718", "subnet-0b1c2d3e4f5061728"],
    to: ["subnet-0a1b2c3d4e5f60718", "subnet-0b1c2d3e4f5061729"],
    with: EXISTING_NETWORK,
    on: [...SAGEMAKER, ...LAMBDA, ...ECS, ...EKS, ...BATCH],
  },
  "network.securityGroupIds[]": {
    from: ["sg-0a1b2c3d4e5f60718"],
    to: ["sg-0a1b2c3d4e5f60719"],
    with: EXISTING_NETWORK,
    on: [...SAGEMAKER, ...LAMBDA, ...ECS, ...BATCH],
  },
  "network.availabilityZones[]": { to: ["eu-west-1b", "eu-west-1c"], on: [...ECS, ...EKS] },
  "network.cidr": { to: "10.1.0.0/16", on: [...ECS, ...EKS] },
  "network.internetAccess": { to: true, on: [...ECS, ...EKS] },
  "network.public": {
    from: false,
    to: true,
    with: { "network.certificateArn": PUBLIC["network.certificateArn"] },
    on: ECS,
  },
  "network.certificateArn": { to: PUBLIC["network.certificateArn"], on: ECS },
  "network.domain": {
    to: "fraud.example.com",
    with: { "network.certificateArn": PUBLIC["network.certificateArn"] },
    on: ECS,
  },

  "security.kmsKeyArn": { to: KEY, with: { account: ACCOUNT }, on: ALL_ON_AWS },
  "security.roleArn": { to: `arn:aws:iam::${ACCOUNT}:role/model`, on: ALL_ON_AWS },
  "security.permissionsBoundaryArn": { to: `arn:aws:iam::${ACCOUNT}:policy/boundary`, on: ALL_ON_AWS },
  "security.deletionProtection": { to: false, on: ALL_ON_AWS },

  "registry.repository": {
    from: `${ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/team/fraud`,
    to: `${ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/team/other`,
    with: BUILD,
    on: ALL_ON_AWS,
  },
  "storage.bucket": {
    to: "acme-ml",
    with: { "model.artifact": "server", "network.internetAccess": true },
    on: [...SAGEMAKER, ...ECS, ...EKS, ...BATCH],
  },
  "storage.accessLogBucket": [
    { to: "acme-lb-logs", on: ECS },
    { to: "acme-lb-logs", with: { "observability.dataCapture": 10 }, on: SAGEMAKER },
  ],

  "observability.logRetention": { to: "7d", on: [...SAGEMAKER, ...LAMBDA, ...ECS, ...EKS, ...BATCH] },
  "observability.alarms": { to: false, on: ALL_ON_AWS },
  "observability.dashboard": { to: false, on: [...SAGEMAKER, ...LAMBDA, ...ECS, ...EKS, ...BATCH] },
  "observability.dataCapture": { from: 10, to: 20, on: SAGEMAKER },
  "observability.notify": { to: TOPIC("oncall"), on: ALL_ON_AWS },

  "targets.sagemaker-realtime.mode": { to: "serverless", on: SAGEMAKER },
  "targets.sagemaker-realtime.networkIsolation": { to: false, on: SAGEMAKER },
  "targets.sagemaker-realtime.instanceType": { to: "ml.m5.2xlarge", on: SAGEMAKER },
  "targets.sagemaker-realtime.volumeSize": { to: "30Gi", on: SAGEMAKER },
  "targets.sagemaker-realtime.downloadTimeout": { to: "10m", on: SAGEMAKER },
  "targets.sagemaker-realtime.amiVersion": { to: "al2-ami-sagemaker-inference-gpu-3-1", on: SAGEMAKER },
  "targets.sagemaker-realtime.routing": { to: "RANDOM", on: SAGEMAKER },
  "targets.sagemaker-realtime.variants[].name": variant({ name: "challenger" }),
  "targets.sagemaker-realtime.variants[].percent": variant({ percent: 30 }),
  "targets.sagemaker-realtime.variants[].image": variant({ image: NEXT_IMAGE }),
  "targets.sagemaker-realtime.variants[].artifact": variant({ artifact: "s3://models/fraud/2/model.tar.gz" }),
  "targets.sagemaker-realtime.variants[].environment": variant({ environment: { LOG_LEVEL: "debug" } }),
  "targets.sagemaker-realtime.variants[].instanceType": variant({ instanceType: "ml.m5.2xlarge" }),
  "targets.sagemaker-realtime.variants[].scaling.min": variant({ scaling: { min: 2, max: 3 } }),
  "targets.sagemaker-realtime.variants[].scaling.max": variant({ scaling: { min: 1, max: 4 } }),
  "targets.sagemaker-realtime.shadow.percent": { to: 60, with: SHADOW, on: SAGEMAKER },
  "targets.sagemaker-realtime.shadow.image": { to: NEXT_IMAGE, with: SHADOW, on: SAGEMAKER },
  "targets.sagemaker-realtime.shadow.artifact": {
    to: "s3://models/fraud/2/model.tar.gz",
    with: SHADOW,
    on: SAGEMAKER,
  },
  "targets.sagemaker-realtime.shadow.environment": {
    to: { LOG_LEVEL: "debug" },
    with: SHADOW,
    on: SAGEMAKER,
  },
  "targets.sagemaker-realtime.shadow.instanceType": { to: "ml.m5.2xlarge", with: SHADOW, on: SAGEMAKER },
  "targets.sagemaker-realtime.shadow.instances": { to: 3, with: SHADOW, on: SAGEMAKER },
  "targets.sagemaker-realtime.terminationWait": { to: "1m", on: SAGEMAKER },
  "targets.sagemaker-realtime.memory": { to: "5Gi", with: SERVERLESS, on: SAGEMAKER },
  "targets.sagemaker-realtime.maxConcurrency": { to: 7, with: SERVERLESS, on: SAGEMAKER },
  "targets.sagemaker-realtime.provisionedConcurrency": { to: 2, with: SERVERLESS, on: SAGEMAKER },
  "targets.sagemaker-realtime.input": { to: "s3://requests/fraud/", with: ASYNC, on: SAGEMAKER },
  "targets.sagemaker-realtime.output": { to: "s3://results/fraud/", with: ASYNC, on: SAGEMAKER },
  "targets.sagemaker-realtime.failures": { to: "s3://failures/fraud/", with: ASYNC, on: SAGEMAKER },
  "targets.sagemaker-realtime.maxConcurrentInvocations": { to: 3, with: ASYNC, on: SAGEMAKER },
  "targets.sagemaker-realtime.successTopic": { to: TOPIC("done"), with: ASYNC, on: SAGEMAKER },
  "targets.sagemaker-realtime.errorTopic": { to: TOPIC("failed"), with: ASYNC, on: SAGEMAKER },

  "targets.lambda.memory": { to: "8192Mi", on: LAMBDA },
  "targets.lambda.timeout": { to: "77s", on: LAMBDA },
  "targets.lambda.provisionedConcurrency": { to: 2, on: LAMBDA },
  "targets.lambda.reservedConcurrency": { to: 20, on: LAMBDA },
  "targets.lambda.functionUrl": { to: true, on: LAMBDA },
  "targets.lambda.vpc": { to: true, on: LAMBDA },
  "targets.lambda.tracing": { to: false, on: LAMBDA },
  "targets.lambda.logLevel": { to: "DEBUG", on: LAMBDA },
  "targets.lambda.adapter": { to: false, on: LAMBDA },

  "targets.ecs-fargate.cluster": { to: "shared", on: ECS },
  "targets.ecs-fargate.cpu": { to: 4, on: ECS },
  "targets.ecs-fargate.memory": { to: "8Gi", on: ECS },
  "targets.ecs-fargate.spot": { to: 50, on: ECS },
  "targets.ecs-fargate.onDemandBase": { to: 2, with: { "targets.ecs-fargate.spot": 50 }, on: ECS },
  "targets.ecs-fargate.user": { to: "1000:1000", on: ECS },
  "targets.ecs-fargate.readOnlyRootFilesystem": { to: false, with: WRITABLE, on: ECS },
  "targets.ecs-fargate.tmp": { to: "512Mi", on: ECS },
  "targets.ecs-fargate.writablePaths[]": { to: ["/var/cache/model"], on: ECS },
  "targets.ecs-fargate.executeCommand": {
    to: true,
    with: { ...WRITABLE, "targets.ecs-fargate.readOnlyRootFilesystem": false },
    on: ECS,
  },
  "targets.ecs-fargate.minimumHealthyPercent": { to: 50, on: ECS },
  "targets.ecs-fargate.maximumPercent": { to: 150, with: { "scaling.min": 4 }, on: ECS },
  "targets.ecs-fargate.trafficShifting": { to: true, on: ECS },
  "targets.ecs-fargate.bakeTime": { to: "20m", with: BLUE_GREEN, on: ECS },
  "targets.ecs-fargate.waitForSteadyState": { to: false, on: ECS },
  "targets.ecs-fargate.stopTimeout": { to: "60s", on: ECS },
  "targets.ecs-fargate.healthCheck.interval": { to: "20s", on: ECS },
  "targets.ecs-fargate.healthCheck.timeout": { to: "4s", on: ECS },
  "targets.ecs-fargate.healthCheck.healthyThreshold": { to: 3, on: ECS },
  "targets.ecs-fargate.healthCheck.unhealthyThreshold": { to: 4, on: ECS },
  "targets.ecs-fargate.deregistrationDelay": { to: "77s", on: ECS },
  "targets.ecs-fargate.idleTimeout": { to: "77s", on: ECS },
  "targets.ecs-fargate.routing": { to: "round_robin", on: ECS },
  "targets.ecs-fargate.allowedCidrs[]": { to: ["10.9.0.0/16"], on: ECS },
  "targets.ecs-fargate.loadBalancerSubnetIds[]": {
    to: ["subnet-0c1b2c3d4e5f60718", "subnet-0d1c2d3e4f5061728"],
    with: EXISTING_NETWORK,
    on: ECS,
  },
  "targets.ecs-fargate.webAclArn": {
    to: `arn:aws:wafv2:eu-west-1:${ACCOUNT}:regional/webacl/models/1234abcd-12ab-34cd-56ef-1234567890ab`,
    on: ECS,
  },
  "targets.ecs-fargate.registryCredentials": {
    to: SECRET("registry"),
    with: { "model.image": `registry.example.com/fraud@${DIGEST("a")}`, "network.internetAccess": true },
    on: ECS,
  },
  "targets.ecs-fargate.downloadImage": {
    to: `${ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/aws-cli@${DIGEST("c")}`,
    with: { ...ARCHIVE, "network.internetAccess": true },
    on: ECS,
  },
  "targets.ecs-fargate.unpackImage": {
    to: `${ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/busybox@${DIGEST("c")}`,
    with: { ...ARCHIVE, "network.internetAccess": true },
    on: ECS,
  },
  "targets.ecs-fargate.decryptKeyArns[]": {
    to: [KEY],
    with: { ...ARCHIVE, "network.internetAccess": true },
    on: ECS,
  },
  "targets.ecs-fargate.encryptEphemeralStorage": { to: false, on: ECS },

  "targets.eks.cluster": { to: "shared", with: { account: ACCOUNT }, on: EKS },
  "targets.eks.endpoint": {
    from: CLUSTER["targets.eks.endpoint"],
    to: "https://FEDCBA9876543210.gr7.eu-west-1.eks.amazonaws.com",
    with: CLUSTER,
    on: EKS,
  },
  "targets.eks.certificateAuthority": {
    from: CLUSTER["targets.eks.certificateAuthority"],
    to: "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tYg==",
    with: CLUSTER,
    on: EKS,
  },
  "targets.eks.kubeconfig.path": {
    to: "kubeconfig.yaml",
    with: { account: ACCOUNT, "targets.eks.cluster": "shared" },
    on: EKS,
  },
  "targets.eks.kubeconfig.context": {
    to: "shared",
    with: { account: ACCOUNT, "targets.eks.cluster": "shared" },
    on: EKS,
  },
  "targets.eks.version": { to: "1.36", on: EKS },
  "targets.eks.adminRoleArns[]": { to: [`arn:aws:iam::${ACCOUNT}:role/platform`], on: EKS },
  "targets.eks.publicAccessCidrs[]": { to: ["203.0.113.0/24"], on: EKS },
  "targets.eks.instanceType": { to: "m5.4xlarge", on: EKS },
  "targets.eks.nodeScaling": { to: "autoscaler", with: { "scaling.max": 20 }, on: EKS },
  "targets.eks.nodeDisk": { to: "200Gi", on: EKS },
  "targets.eks.autoScalingServiceRole": { to: "create", on: EKS },
  "targets.eks.namespace": { to: "models", on: EKS },
  "targets.eks.createNamespace": {
    to: true,
    with: { ...CLUSTER, "targets.eks.namespace": "models" },
    on: EKS,
  },
  "targets.eks.containerInsights": { to: false, on: EKS },
  "targets.eks.loaderImage": {
    to: `${ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/aws-cli@${DIGEST("c")}`,
    with: { ...ARCHIVE, "network.internetAccess": true },
    on: EKS,
  },
  "targets.eks.unpackImage": {
    to: `${ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/busybox@${DIGEST("c")}`,
    with: { ...ARCHIVE, "network.internetAccess": true },
    on: EKS,
  },
  "targets.eks.schedulerImage": {
    to: `${ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/kubectl@${DIGEST("c")}`,
    with: { ...RANGE, "network.internetAccess": true, "scaling.policies": [tracking, scheduled] },
    on: EKS,
  },
  "targets.eks.runAsUser": { to: 20_001, on: EKS },
  "targets.eks.writablePaths[]": { to: ["/var/cache/model"], on: EKS },
  "targets.eks.sharedMemory": { to: "1Gi", on: EKS },
  "targets.eks.terminationGrace": { to: "77s", on: EKS },

  "targets.sagemaker-batch.input": { from: "s3://in/", to: "s3://in/other/", on: BATCH },
  "targets.sagemaker-batch.output": { from: "s3://out/", to: "s3://out/other/", on: BATCH },
  "targets.sagemaker-batch.runFolders": { to: false, on: BATCH },
  "targets.sagemaker-batch.schedule": { to: "cron(0 2 * * ? *)", on: BATCH },
  "targets.sagemaker-batch.timezone": {
    to: "Europe/Dublin",
    with: { "targets.sagemaker-batch.schedule": "cron(0 2 * * ? *)" },
    on: BATCH,
  },
  "targets.sagemaker-batch.onArrival": { to: true, on: BATCH },
  "targets.sagemaker-batch.instanceType": { to: "ml.m5.4xlarge", on: BATCH },
  "targets.sagemaker-batch.instanceCount": { to: 2, on: BATCH },
  "targets.sagemaker-batch.contentType": { to: "text/csv", on: BATCH },
  "targets.sagemaker-batch.accept": { to: "text/csv", on: BATCH },
  "targets.sagemaker-batch.splitType": { to: "Line", on: BATCH },
  "targets.sagemaker-batch.batchStrategy": { to: "SingleRecord", with: RECORDS, on: BATCH },
  "targets.sagemaker-batch.assembleWith": { to: "Line", on: BATCH },
  "targets.sagemaker-batch.compression": { to: "Gzip", on: BATCH },
  "targets.sagemaker-batch.maxConcurrentTransforms": { to: 2, on: BATCH },
  "targets.sagemaker-batch.maxPayload": { to: "7Mi", on: BATCH },
  "targets.sagemaker-batch.unlimitedPayload": { to: true, on: BATCH },
  "targets.sagemaker-batch.joinSource": { to: "Input", with: RECORDS, on: BATCH },
  "targets.sagemaker-batch.inputFilter": { to: "$[1:]", with: RECORDS, on: BATCH },
  "targets.sagemaker-batch.outputFilter": { to: "$[0]", with: RECORDS, on: BATCH },
  "targets.sagemaker-batch.invocationTimeout": { to: "77s", on: BATCH },
  "targets.sagemaker-batch.invocationMaxRetries": { to: 1, on: BATCH },
  "targets.sagemaker-batch.timeout": { to: "2h", on: BATCH },
  "targets.sagemaker-batch.retries": { to: 2, on: BATCH },
  "targets.sagemaker-batch.networkIsolation": { to: false, on: BATCH },
  "targets.sagemaker-batch.decryptKeyArns[]": { to: [KEY], on: BATCH },
  "targets.sagemaker-batch.logExecutionData": { to: false, on: BATCH },

  "targets.docker.port": { to: 9090, on: DOCKER },
  "targets.docker.host": { to: "unix:///run/user/1000/docker.sock", on: DOCKER },
  "targets.docker.limits": { to: false, on: DOCKER },
  "targets.docker.gpu": { to: true, on: DOCKER },
  "targets.docker.shm": { to: "128Mi", on: DOCKER },
  "targets.docker.tmp": { to: "256Mi", on: DOCKER },
  "targets.docker.readOnly": { to: false, on: DOCKER },
  "targets.docker.user": { to: "1000:1000", on: DOCKER },
  "targets.docker.capabilities[]": { to: ["CAP_SETUID"], on: DOCKER },
  "targets.docker.restart": { to: "always", on: DOCKER },
  "targets.docker.healthcheck": { to: false, on: DOCKER },
  "targets.docker.wait": { to: false, on: DOCKER },
  "targets.docker.builder": { to: "legacy", with: BUILD, on: DOCKER },
};

/** Fields that show in no stack, each with the reason. */
export const WITHOUT_TRACE: Readonly<Record<string, string>> = {
  apiVersion: "there is one version",
  target: "chooses the stack instead of changing it; asked below",
  environments: "lays over the other fields; asked below",
  "model.optimize.neo.device":
    "one value fits an instance type, any other is an error; see test/neo/check.test.ts",
  "policies.suppress[].code": "lets a finding go, and changes nothing; see test/policy",
  "policies.suppress[].address": "lets a finding go, and changes nothing; see test/policy",
  "policies.suppress[].reason": "lets a finding go, and changes nothing; see test/policy",
  "workload.requestsPerSecond": "what `compare` works from",
  "workload.requestsPerSecond.average": "what `compare` works from",
  "workload.requestsPerSecond.peak": "what `compare` works from",
  "workload.hourly[]": "what `compare` works from",
  "workload.trace": "what `compare` works from",
  "workload.serviceTime.p50": "what `compare` works from; timeouts come from p99",
  "workload.payload.request": "what `compare` works from; targets refuse what is over their limit",
  "workload.payload.response": "what `compare` works from; targets refuse what is over their limit",
  "workload.batch.records": "what `compare` works from",
  "workload.batch.recordSize":
    "what `compare` works from; sagemaker-batch refuses what does not fit a request",
  "workload.batch.every": "what `compare` works from; `targets.sagemaker-batch.schedule` says when",
};
