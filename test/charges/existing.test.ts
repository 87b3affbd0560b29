import { workload } from "../support/month";
import { baseManifest, type Json, resolve } from "../support/synth";

const VPC = { network: { vpcId: "vpc-0a1b2c3d", subnetIds: ["subnet-0a1b2c3d", "subnet-1a1b2c3d"] } };
const NETWORK = ["network's endpoints and gateways"];
const CLUSTER = ["cluster's control plane and network"];
const BATCH = { input: "s3://in/data/", output: "s3://out/" };

/** What the first size of a target says to use without being billed for it. */
function existing(target: string, options: Json, changes: Json) {
  const manifest = baseManifest({
    region: "us-east-1",
    account: "123456789012",
    model: { image: `123456789012.dkr.ecr.us-east-1.amazonaws.com/fraud@sha256:${"a".repeat(64)}` },
    target,
    targets: { [target]: options },
    ...changes,
  });
  const { deployments, issues } = resolve({ manifest });
  const [first] = deployments[0]?.candidates({ workload: workload(), scalingGiven: true }) ?? [];
  if (first === undefined) throw new Error(issues.map(({ message }) => message).join("\n"));
  return first.existing ?? [];
}

test.each<[string, Json, Json, readonly string[]]>([
  ["ecs-fargate", {}, VPC, NETWORK],
  ["ecs-fargate", {}, {}, []],
  // What its container tells its own cluster is a note: few dollars.
  ["ecs-fargate", { cluster: "shared" }, {}, []],
  ["lambda", {}, VPC, NETWORK],
  ["lambda", { vpc: false }, VPC, []],
  ["lambda", { vpc: true }, {}, []],
  ["sagemaker-realtime", { mode: "provisioned" }, VPC, NETWORK],
  ["sagemaker-realtime", { mode: "provisioned" }, {}, []],
  ["sagemaker-realtime", { mode: "serverless" }, {}, []],
  ["sagemaker-batch", BATCH, VPC, NETWORK],
  ["sagemaker-batch", BATCH, {}, []],
  ["eks", {}, VPC, NETWORK],
  ["eks", {}, {}, []],
  ["eks", { cluster: "shared" }, {}, CLUSTER],
  // Its pods run in the cluster's network, whatever the manifest has for other targets.
  ["eks", { cluster: "shared" }, VPC, CLUSTER],
  ["docker", {}, VPC, []],
])("%s with %j and %j", (target, options, changes, expected) => {
  expect(existing(target, options, changes)).toEqual(expected);
});
