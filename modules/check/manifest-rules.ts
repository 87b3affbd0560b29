import { isLogRetention, logRetentionDays, nearestLogRetention } from "../aws/log-retention";
import { parseImageReference } from "../aws/image-reference";
import { regionInfo, regionNames } from "../aws/regions";
import { cidrProblem, DEFAULT_ZONES } from "../foundation/subnets";
import { type Finding, type ManifestPath, show } from "../issues/issue";
import { nearest } from "../issues/nearest";
import { secretVariable } from "../plan/container-environment";
import { type Data, type DataObject, isDataObject, valueAt } from "../manifest/data";
import { Duration } from "../units/duration";

/** Tags that one resource may carry, less those that modelport adds: https://docs.aws.amazon.com/tag-editor/latest/userguide/tagging.html (2026-08). */
const MAX_TAGS = 50 - 5;

/**
 * Rules between fields, whatever the target. They look at the data as written, not at the parsed manifest, so that
 * they speak even where another field is malformed.
 */
export function* manifestRules(data: Data): Iterable<Finding> {
  const at = (...path: ManifestPath) => valueAt(data, path);
  yield* exclusive(data, ["model"], ["image", "build"], true);
  const workload = at("workload");
  if (isDataObject(workload)) {
    yield* exclusive(
      data,
      ["workload"],
      ["requestsPerSecond", "hourly", "trace"],
      workload.batch === undefined,
    );
  }
  yield* image(at("model", "image"));
  yield* repository(data);
  yield* region(data);
  yield* arns(data);

  yield* ordered(data, ["scaling", "min"], ["scaling", "max"]);
  yield* ordered(
    data,
    ["workload", "requestsPerSecond", "average"],
    ["workload", "requestsPerSecond", "peak"],
  );
  yield* ordered(data, ["workload", "serviceTime", "p50"], ["workload", "serviceTime", "p99"]);
  yield* policies(at("scaling", "policies"), replicaRange(at("scaling")));

  const hourly = at("workload", "hourly");
  if (Array.isArray(hourly) && hourly.length > 24 && hourly.length < 168) {
    yield {
      path: ["workload", "hourly"],
      code: "RANGE",
      message: `has ${hourly.length} entries`,
      allowed: "24 (hours of the day) or 168 (hours of the week)",
    };
  }

  yield* together(data, ["network"], "vpcId", "subnetIds");
  yield* together(data, ["network"], "subnetIds", "vpcId");
  yield* together(data, ["network"], "securityGroupIds", "vpcId");
  if (isDataObject(at("network")) && at("network", "domain") !== undefined) {
    yield* together(data, ["network"], "domain", "certificateArn");
  }
  for (const created of ["cidr", "availabilityZones", "internetAccess"]) {
    if (at("network", "vpcId") !== undefined && at("network", created) !== undefined) {
      yield {
        path: ["network", created],
        code: "CONFLICT",
        message: "describes a network to create, but network.vpcId names an existing one",
        fix: `remove network.${created}, or network.vpcId and network.subnetIds`,
      };
    }
  }

  yield* createdNetwork(data);

  const retention = at("observability", "logRetention");
  const days = typeof retention === "string" ? Duration.tryParse(retention)?.days : undefined;
  if (days !== undefined && days >= 1 && !isLogRetention(days)) {
    yield {
      path: ["observability", "logRetention"],
      code: "LOG_RETENTION",
      message: `CloudWatch Logs does not keep logs for ${show(retention)}`,
      allowed: `${logRetentionDays.join("d, ")}d`,
      fix: `for example ${nearestLogRetention(days)}d`,
    };
  }

  const variables = at("model", "environment");
  const secrets = at("model", "secrets");
  if (isDataObject(variables) && isDataObject(secrets)) {
    for (const name of Object.keys(secrets)) {
      if (Object.hasOwn(variables, name)) {
        yield {
          path: ["model", "secrets", name],
          code: "CONFLICT",
          message: `"${name}" stands in model.environment too`,
          fix: "remove one of the two",
          atKey: true,
        };
      } else if (Object.hasOwn(variables, secretVariable(name))) {
        yield {
          path: ["model", "environment", secretVariable(name)],
          code: "CONFLICT",
          message: `carries the ARN of model.secrets.${name} where a target cannot inject the secret itself`,
          fix: "rename one of the two",
          atKey: true,
        };
      }
    }
  }

  yield* namedOnce(at("network", "subnetIds"), ["network", "subnetIds"]);
  yield* namedOnce(at("network", "securityGroupIds"), ["network", "securityGroupIds"]);

  const tags = at("tags");
  if (isDataObject(tags)) yield* tagKeys(tags);
  if (isDataObject(tags) && Object.keys(tags).length > MAX_TAGS) {
    yield {
      path: ["tags"],
      code: "RANGE",
      message: `has ${Object.keys(tags).length} tags`,
      allowed: `at most ${MAX_TAGS}: AWS takes 50, and five are modelport's`,
      fix: "remove some",
    };
  }
}

/** Terraform would fold what is named twice into one, and the service then find too few. */
function* namedOnce(list: Data | undefined, path: ManifestPath): Iterable<Finding> {
  if (!Array.isArray(list)) return;
  const items: readonly Data[] = list;
  for (const [index, item] of items.entries()) {
    if (typeof item !== "string" || items.indexOf(item) === index) continue;
    yield {
      path: [...path, index],
      code: "RANGE",
      message: `${show(item)} is named twice`,
      allowed: "each of them once",
      fix: "remove one of the two",
    };
  }
}

/**
 * Keys that are one to somebody: IAM ignores their case, and refuses a role with two such tags
 * (aws/aws-cdk#26253, github-aws-runners/terraform-aws-github-runner#1346; read 2026-11); Terraform writes all text in
 * Unicode's composed form.
 */
function* tagKeys(tags: DataObject): Iterable<Finding> {
  const seen = new Map<string, string>();
  for (const key of Object.keys(tags)) {
    const folded = key.normalize("NFC").toLowerCase();
    const other = seen.get(folded);
    if (other === undefined) {
      seen.set(folded, key);
      continue;
    }
    yield {
      path: ["tags", key],
      code: "CONFLICT",
      message: `${show(key)} and ${show(other)} are one key to IAM, which takes no role with both`,
      allowed: "keys that differ in more than upper and lower case",
      fix: "remove one of the two",
      atKey: true,
    };
  }
}

function* exclusive(
  data: Data,
  parent: ManifestPath,
  fields: readonly string[],
  required: boolean,
): Iterable<Finding> {
  const map = valueAt(data, parent);
  if (!isDataObject(map)) return;
  const given = fields.filter((name) => map[name] !== undefined);
  const names = fields.join(", ");
  if (given.length > 1) {
    yield {
      path: [...parent, given[1] ?? ""],
      code: "EXCLUSIVE",
      message: `${given.join(" and ")} are given`,
      allowed: `exactly one of ${names}`,
      fix: `remove ${given.slice(1).join(" and ")}, or ${given[0] ?? ""}`,
      atKey: true,
    };
  } else if (given.length === 0 && required) {
    yield {
      path: parent,
      code: "EXCLUSIVE",
      message: `none of ${names} is given`,
      allowed: `exactly one of ${names}`,
      fix: `add ${fields[0] ?? ""}`,
    };
  }
}

function* together(data: Data, parent: ManifestPath, given: string, needed: string): Iterable<Finding> {
  if (valueAt(data, [...parent, given]) === undefined || valueAt(data, [...parent, needed]) !== undefined)
    return;
  yield {
    path: [...parent, given],
    code: "TOGETHER",
    message: `needs ${[...parent, needed].join(".")} beside it`,
    fix: `add ${[...parent, needed].join(".")}, or remove ${[...parent, given].join(".")}`,
    atKey: true,
  };
}

/** Two numbers or durations, the lower first. */
function* ordered(data: Data, low: ManifestPath, high: ManifestPath): Iterable<Finding> {
  const [lower, upper] = [valueAt(data, low), valueAt(data, high)];
  const [a, b] = [magnitude(lower), magnitude(upper)];
  if (a === undefined || b === undefined || a <= b) return;
  yield {
    path: high,
    code: "ORDER",
    message: `${show(upper)} is below ${low.join(".")}, which is ${show(lower)}`,
    allowed: `at least ${show(lower)}`,
    fix: `raise ${high.join(".")} or lower ${low.join(".")}`,
  };
}

function magnitude(value: Data | undefined): number | undefined {
  if (typeof value === "number") return value;
  return typeof value === "string" ? Duration.tryParse(value)?.milliseconds : undefined;
}

function* image(value: Data | undefined): Iterable<Finding> {
  if (typeof value !== "string") return;
  const path = ["model", "image"];
  const parsed = parseImageReference(value);
  if (!parsed.ok) {
    yield {
      path,
      code: "FORMAT",
      message: `${show(value)} ${parsed.reason}`,
      allowed: "[registry/]repository[:tag][@sha256:digest], lower case",
      fix: "for example 123456789012.dkr.ecr.eu-west-1.amazonaws.com/fraud@sha256:...",
    };
    return;
  }
  const { tag, digest, repository } = parsed.image;
  if (digest !== undefined) return;
  const name = repository.split("/").at(-1) ?? repository;
  const fix = `append the digest: ${name}@sha256:..., as \`docker buildx imagetools inspect\` shows it`;
  if (tag === undefined || tag === "latest") {
    yield {
      path,
      code: "IMAGE_LATEST",
      message: `${show(value)} names no fixed image`,
      allowed: "a digest, or at least a tag that is not moved",
      fix,
    };
  } else {
    yield { path, code: "IMAGE_NOT_PINNED", message: `the tag "${tag}" can be moved to another image`, fix };
  }
}

/** A repository keeps what is built, and nothing else. Roles of one partition have no rights in another. */
function* repository(data: Data): Iterable<Finding> {
  const path: ManifestPath = ["registry", "repository"];
  const value = valueAt(data, path);
  if (value === undefined || value === null) return;
  const built = valueAt(data, ["model", "build"]);
  if (built === undefined || built === null) {
    yield {
      path,
      code: "TOGETHER",
      message: "is where the image of model.build is pushed to, and nothing is built",
      fix: "remove it; model.image names a repository of its own",
      atKey: true,
    };
  }
  const regionName = valueAt(data, ["region"]);
  const home = typeof regionName === "string" ? regionInfo(regionName) : undefined;
  const parsed = typeof value === "string" ? parseImageReference(value) : undefined;
  if (parsed === undefined) return;
  if (!parsed.ok || parsed.image.ecr === undefined) {
    yield {
      path,
      code: "FORMAT",
      message: `${show(value)} ${parsed.ok ? "is no repository of a private ECR registry" : parsed.reason}`,
      allowed: "<account>.dkr.ecr.<region>.amazonaws.com/<repository>, without tag or digest",
      fix: "for example 123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/fraud",
    };
    return;
  }
  const { region: place } = parsed.image.ecr;
  const partition = regionInfo(place)?.partition;
  if (home === undefined || partition === undefined || partition === home.partition) return;
  yield {
    path,
    code: "ARN_MISMATCH",
    message: `${show(value)}: the partition of ${place} is ${partition}, not ${home.partition}`,
    fix: "name one that fits",
  };
}

function* region(data: Data): Iterable<Finding> {
  const name = valueAt(data, ["region"]);
  if (
    typeof name !== "string" ||
    !/^[a-z]{2}(?:-[a-z]+){1,2}-\d$/.test(name) ||
    regionInfo(name) !== undefined
  )
    return;
  const similar = nearest(name, regionNames());
  yield {
    path: ["region"],
    code: "REGION_UNKNOWN",
    message: `${show(name)} is not a region that this release knows`,
    allowed: regionNames().join(", "),
    fix:
      similar === undefined
        ? "check the name"
        : `did you mean "${similar}"? A new region needs a newer modelport`,
  };
}

/** ARNs that name something used in the manifest's own region and account, with whether the account may differ. */
const OWN_ARNS: readonly { readonly path: ManifestPath; readonly account: "same" | "any" }[] = [
  { path: ["security", "kmsKeyArn"], account: "any" },
  { path: ["security", "roleArn"], account: "same" },
  { path: ["security", "permissionsBoundaryArn"], account: "same" },
  { path: ["network", "certificateArn"], account: "same" },
  { path: ["observability", "notify"], account: "any" },
];

function* arns(data: Data): Iterable<Finding> {
  const regionName = valueAt(data, ["region"]);
  const account = valueAt(data, ["account"]);
  const home = typeof regionName === "string" ? regionInfo(regionName) : undefined;
  for (const { path, account: accounts } of OWN_ARNS) {
    const value = valueAt(data, path);
    if (typeof value !== "string" || home === undefined) continue;
    const [, partition, , arnRegion, arnAccount] = value.split(":");
    if (partition === undefined || arnAccount === undefined) continue;
    const wrong: string[] = [];
    if (partition !== home.partition) wrong.push(`the partition is ${partition}, not ${home.partition}`);
    if (arnRegion !== undefined && arnRegion !== "" && arnRegion !== home.name) {
      wrong.push(`the region is ${arnRegion}, not ${home.name}`);
    }
    if (accounts === "same" && typeof account === "string" && arnAccount !== "" && arnAccount !== account) {
      wrong.push(`the account is ${arnAccount}, not ${account}`);
    }
    if (wrong.length > 0) {
      yield {
        path,
        code: "ARN_MISMATCH",
        message: `${show(value)}: ${wrong.join("; ")}`,
        fix: "name one that fits",
      };
    }
  }
}

function* createdNetwork(data: Data): Iterable<Finding> {
  const zonesPath: ManifestPath = ["network", "availabilityZones"];
  const regionName = valueAt(data, ["region"]);
  const given = valueAt(data, zonesPath);
  const zones: readonly Data[] = Array.isArray(given) ? given : [];
  for (const [index, zone] of zones.entries()) {
    if (typeof zone !== "string") continue;
    if (typeof regionName === "string" && !zone.startsWith(regionName)) {
      yield {
        path: [...zonesPath, index],
        code: "RANGE",
        message: `${show(zone)} is not in ${regionName}`,
        allowed: `zones of ${regionName}, such as ${regionName}a`,
      };
    } else if (zones.indexOf(zone) !== index) {
      yield {
        path: [...zonesPath, index],
        code: "RANGE",
        message: `${show(zone)} is named twice`,
        allowed: "each zone once",
        fix: "remove one of the two",
      };
    }
  }
  const cidr = valueAt(data, ["network", "cidr"]);
  const count = zones.length === 0 ? DEFAULT_ZONES : zones.length;
  const problem = typeof cidr === "string" ? cidrProblem(cidr, count) : null;
  // A range that is not even spelled like one is reported by the schema.
  if (
    problem !== null &&
    typeof cidr === "string" &&
    /^\d{1,3}(?:\.\d{1,3}){3}\/(?:1[6-9]|2[0-4])$/.test(cidr)
  ) {
    yield { path: ["network", "cidr"], code: "RANGE", ...problem };
  }
}

function* policies(list: Data | undefined, range: ReplicaRange): Iterable<Finding> {
  if (!Array.isArray(list)) return;
  const entries: readonly Data[] = list;
  for (const [index, policy] of entries.entries()) {
    if (!isDataObject(policy)) continue;
    const path: ManifestPath = ["scaling", "policies", index];
    if (policy.type === "scheduled") {
      if (policy.min === undefined && policy.max === undefined) {
        yield {
          path,
          code: "TOGETHER",
          message: "a scheduled policy changes min, max or both",
          fix: "add min or max",
        };
      }
      for (const finding of ordered({ policy }, ["policy", "min"], ["policy", "max"]))
        yield rebase(path, finding);
      yield* scheduledRange(policy, path, range);
    }
    if (policy.type === "target-tracking" && typeof policy.target === "number" && policy.target > 100) {
      const { metric } = policy;
      if (
        typeof metric === "string" &&
        ["cpu", "memory", "provisioned-concurrency-utilization"].includes(metric)
      ) {
        yield {
          path: [...path, "target"],
          code: "RANGE",
          message: `${policy.target} is no percentage of ${metric}`,
          allowed: "a number above 0, up to 100",
        };
      }
    }
    if (policy.type === "step" && Array.isArray(policy.steps))
      yield* steps(policy.steps as readonly Data[], path);
  }
}

interface ReplicaRange {
  readonly min: number;
  readonly max: number;
}

/** `scaling.min` and `scaling.max` with their defaults. */
function replicaRange(scaling: Data | undefined): ReplicaRange {
  const { min, max } = isDataObject(scaling) ? scaling : {};
  const least = typeof min === "number" ? min : 1;
  return { min: least, max: typeof max === "number" ? max : Math.max(least, 1) };
}

/** A schedule that sets one bound keeps the other, which must still be on its other side. */
function* scheduledRange(policy: DataObject, path: ManifestPath, range: ReplicaRange): Iterable<Finding> {
  const { min, max } = policy;
  if (typeof min === "number" && max === undefined && min > range.max) {
    yield {
      path: [...path, "min"],
      code: "ORDER",
      message: `${min} is above scaling.max, which is ${range.max}`,
      allowed: `at most ${range.max}`,
      fix: "set max in the policy too, or raise scaling.max",
    };
  }
  if (typeof max === "number" && min === undefined && max < range.min) {
    yield {
      path: [...path, "max"],
      code: "ORDER",
      message: `${max} is below scaling.min, which is ${range.min}`,
      allowed: `at least ${range.min}`,
      fix: "set min in the policy too, or lower scaling.min",
    };
  }
}

/** AWS takes steps that touch each other: https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-step-scaling-policies.html (2026-08). */
function* steps(list: readonly Data[], policyPath: ManifestPath): Iterable<Finding> {
  const ranges = list.flatMap((step, index) => {
    if (!isDataObject(step) || typeof step.from !== "number") return [];
    return [{ index, from: step.from, to: typeof step.to === "number" ? step.to : Infinity }];
  });
  for (const { index, from, to } of ranges) {
    if (from >= to) {
      yield {
        path: [...policyPath, "steps", index, "to"],
        code: "ORDER",
        message: `${to} is not above \`from\`, which is ${from}`,
        allowed: `more than ${from}`,
      };
    }
  }
  const sorted = [...ranges].sort((a, b) => a.from - b.from);
  for (const [position, range] of sorted.entries()) {
    const next = sorted[position + 1];
    if (next !== undefined && range.to !== next.from && !(range.to <= 0 && next.from >= 0)) {
      yield {
        path: [...policyPath, "steps", next.index, "from"],
        code: "ORDER",
        message: `the step before it ends at ${range.to === Infinity ? "no bound" : range.to}, this one starts at ${next.from}`,
        allowed: "steps that touch without gap or overlap",
        fix:
          range.to === Infinity ? `give the step before it \`to: ${next.from}\`` : `start it at ${range.to}`,
      };
    }
  }
}

function rebase(path: ManifestPath, finding: Finding): Finding {
  return { ...finding, path: [...path, ...finding.path.slice(1)] };
}
