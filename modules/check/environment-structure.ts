import { type Finding, formatPath, type ManifestPath } from "../issues/issue";
import type { Manifest } from "../manifest/schema";
import { Duration } from "../units/duration";
import { Size } from "../units/size";

/** One environment of a manifest: its fields with defaults, and the options of the targets that were chosen. */
export interface ResolvedEnvironment {
  readonly environment: string;
  readonly manifest: Manifest;
  readonly options: Readonly<Record<string, unknown>>;
}

/**
 * How a field decides on structure:
 * - `presence`: whether it is there, true, or more than nothing;
 * - `value`: what it says;
 * - `keys`: which keys it has;
 * - `policies`: which kinds of scaling policies, on which metrics;
 * - `scheme`: where the artifact comes from.
 */
type Aspect = "presence" | "value" | "keys" | "policies" | "scheme";

/**
 * The fields that decide which types of resources a stack has, and what its policies allow. A test holds the list
 * against what is synthesized for every field of the manifest.
 */
const STRUCTURE: Readonly<Record<string, Aspect>> = {
  target: "value",
  "model.artifact": "scheme",
  "model.secrets": "keys",
  "resources.architecture": "value",
  "resources.gpu": "presence",
  "scaling.min": "presence",
  "scaling.policies": "policies",
  "rollout.strategy": "value",
  "rollout.rollback": "presence",
  "network.vpcId": "presence",
  "network.securityGroupIds": "presence",
  "network.internetAccess": "presence",
  "network.public": "presence",
  "network.certificateArn": "presence",
  "network.domain": "presence",
  "security.kmsKeyArn": "presence",
  "security.roleArn": "presence",
  "security.permissionsBoundaryArn": "presence",
  "registry.repository": "presence",
  "storage.bucket": "presence",
  "storage.accessLogBucket": "presence",
  "observability.alarms": "presence",
  "observability.dashboard": "presence",
  "observability.dataCapture": "presence",
  "observability.notify": "presence",
};

/** Options whose word chooses between architectures. */
const ENUMERATED = /\.(mode|nodeScaling|autoScalingServiceRole)$/;

/** Options of targets that are settings only, whatever their type. */
const SETTINGS: readonly string[] = [
  "targets.docker.restart",
  "targets.ecs-fargate.routing",
  "targets.lambda.logLevel",
  "targets.sagemaker-realtime.routing",
];

/**
 * Fields in which the environments of a manifest differ in structure, so that what works in one proves little for
 * another. They may differ in size, account and region.
 * @param isSet whether the manifest says something at a path, so that a finding points at what makes the difference.
 */
export function environmentStructure(
  environments: readonly ResolvedEnvironment[],
  isSet: (path: ManifestPath) => boolean,
): readonly Finding[] {
  // A target that only one of them runs on differs as a whole: `target` says so.
  const shared = Object.keys(environments[0]?.options ?? {}).filter((kind) =>
    environments.every(({ options }) => Object.hasOwn(options, kind)),
  );
  const all = environments.map((each) => structureOf(each, shared));
  const paths = [...new Set(all.flatMap((structure) => [...structure.keys()]))].sort();
  return paths.flatMap((path): Finding[] => {
    const shown = all.map((structure) => structure.get(path) ?? "none");
    const [first] = shown;
    if (shown.every((value) => value === first)) return [];
    const said = [...new Set(shown)].map((value) => {
      const members = environments.filter((_each, index) => shown[index] === value);
      return `${value} in ${members.map(({ environment }) => environment).join(" and ")}`;
    });
    const own = path.split(".");
    const overlays = environments.map(({ environment }) => ["environments", environment, ...own]);
    return [
      {
        path: overlays.find(isSet) ?? own,
        code: "ENVIRONMENTS_DIFFER",
        message: `${said.join(", ")}: they differ in structure, so one proves little about the other`,
        fix: "set it alike in all of them; let them differ in size, account and region",
      },
    ];
  });
}

/** What decides on structure, by dotted path; what is absent is left out. */
function structureOf(
  { manifest, options }: ResolvedEnvironment,
  kinds: readonly string[],
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [path, aspect] of Object.entries(STRUCTURE)) {
    const value = path.split(".").reduce<unknown>(at, manifest);
    const shown = show(value, aspect);
    if (shown !== "none") found.set(path, shown);
  }
  for (const kind of kinds) collectOptions(options[kind], ["targets", kind], found);
  return found;
}

/**
 * Options say whether something is there, or choose among a few words; sizes and names are no structure. Of a list of
 * maps it is how many there are, and what each of them has.
 */
function collectOptions(value: unknown, path: ManifestPath, found: Map<string, string>): void {
  const name = formatPath(path);
  if (SETTINGS.includes(name) || value instanceof Size || value instanceof Duration) return;
  if (isFields(value)) {
    for (const [key, inner] of Object.entries(value)) collectOptions(inner, [...path, key], found);
    return;
  }
  const shown = isListOfFields(value)
    ? value.map(fieldsGiven).sort().join(" and ")
    : show(value, ENUMERATED.test(name) ? "value" : "presence");
  if (shown !== "none") found.set(name, shown);
}

function isListOfFields(value: unknown): value is readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) && value.length > 0 && value.every(isFields);
}

function fieldsGiven(item: Readonly<Record<string, unknown>>): string {
  const given = Object.keys(item).filter((key) => {
    const value = item[key];
    return value !== undefined && value !== null && !(isFields(value) && Object.keys(value).length === 0);
  });
  return given.sort().join(", ");
}

function show(value: unknown, aspect: Aspect): string {
  if (value === undefined || value === null || value === 0) return "none";
  // An option that is off is not one that is left to what surrounds it.
  if (typeof value === "boolean") return value ? "on" : "off";
  switch (aspect) {
    case "presence":
      return Array.isArray(value) && value.length === 0 ? "none" : "given";
    case "value":
      return typeof value === "string" ? value : "given";
    case "keys": {
      const keys = isFields(value) ? Object.keys(value).sort() : [];
      return keys.length === 0 ? "none" : keys.join(" and ");
    }
    case "scheme":
      return typeof value === "string" && value.startsWith("s3://") ? "in S3" : "a local file";
    case "policies": {
      const kinds = (Array.isArray(value) ? value : []).map((policy: unknown) =>
        ["type", "metric"]
          .map((key) => at(policy, key))
          .filter((part) => typeof part === "string")
          .join(" on "),
      );
      return kinds.length === 0 ? "none" : [...new Set(kinds)].sort().join(" and ");
    }
  }
}

function at(value: unknown, key: string): unknown {
  return isFields(value) ? value[key] : undefined;
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Size) &&
    !(value instanceof Duration)
  );
}
