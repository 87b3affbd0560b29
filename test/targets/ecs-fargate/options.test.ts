import { synth } from "../../support/synth";
import type { options } from "../../../targets/ecs-fargate/options";
import { EXISTING, KIND, manifest } from "./support";

const DIGEST = `@sha256:${"a".repeat(64)}`;
const KEY = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const BASE = {
  account: "123456789012",
  model: { image: `docker.io/team/fraud${DIGEST}`, artifact: "s3://models/fraud/model.tar.gz" },
  network: EXISTING,
};

/** Each option with a value that is not its default, and what it needs beside it. */
const OTHER: Readonly<Record<keyof typeof options.shape, unknown>> = {
  cluster: "shared",
  cpu: 2,
  memory: "4Gi",
  spot: 10,
  onDemandBase: 2,
  user: "1000",
  readOnlyRootFilesystem: false,
  tmp: "512Mi",
  writablePaths: ["/var/cache"],
  executeCommand: true,
  minimumHealthyPercent: 50,
  maximumPercent: 200,
  trafficShifting: true,
  bakeTime: "20m",
  waitForSteadyState: false,
  stopTimeout: "60s",
  healthCheck: { interval: "20s" },
  deregistrationDelay: "31s",
  idleTimeout: "61s",
  routing: "round_robin",
  allowedCidrs: ["10.1.0.0/16"],
  loadBalancerSubnetIds: ["subnet-00000001", "subnet-00000002"],
  webAclArn: "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/m/1234abcd-12ab-34cd-56ef-1234567890ab",
  registryCredentials: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:registry-AbCdEf",
  downloadImage: `docker.io/team/cli${DIGEST}`,
  unpackImage: `docker.io/team/tar${DIGEST}`,
  decryptKeyArns: [KEY],
  encryptEphemeralStorage: false,
};

// Four tasks by default leave `maximumPercent` room to differ; ECS Exec needs a writable file system either way.
function text(given: Record<string, unknown>, changes: Record<string, unknown> = {}): string {
  const input = manifest({ ...BASE, scaling: { min: 4 }, ...changes }, given);
  return synth({ manifest: input, target: KIND }).texts[`fraud-scorer-default-${KIND}`] ?? "";
}

test.each(Object.entries(OTHER))("%s changes the output", (name, value) => {
  const around: Record<string, unknown> = name === "executeCommand" ? { readOnlyRootFilesystem: false } : {};
  const changes = name === "bakeTime" ? { rollout: { strategy: "canary" } } : {};
  expect(text({ ...around, [name]: value }, changes)).not.toBe(text(around, changes));
});

test("defaults are what the documentation says", () => {
  expect(text({})).toBe(
    text({
      spot: 0,
      onDemandBase: 1,
      readOnlyRootFilesystem: true,
      tmp: "256Mi",
      writablePaths: [],
      executeCommand: false,
      minimumHealthyPercent: 100,
      maximumPercent: 125,
      trafficShifting: false,
      waitForSteadyState: true,
      stopTimeout: "30s",
      healthCheck: { interval: "15s", timeout: "5s", healthyThreshold: 2, unhealthyThreshold: 3 },
      deregistrationDelay: "30s",
      idleTimeout: "60s",
      routing: "least_outstanding_requests",
      decryptKeyArns: [],
      encryptEphemeralStorage: true,
    }),
  );
});

test("defaults where traffic shifts are what the documentation says", () => {
  const canary = { rollout: { strategy: "canary" } };
  expect(text({}, canary)).toBe(text({ trafficShifting: true, bakeTime: "10m" }, canary));
});

test("the same manifest gives the same bytes, whatever the order of its options", () => {
  expect(text({ spot: 10, cpu: 2, user: "1000" })).toBe(text({ user: "1000", cpu: 2, spot: 10 }));
});
