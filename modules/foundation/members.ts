import type { Issue, ManifestPath } from "../issues/issue";
import type { Resolution } from "../plan/resolve";
import type { EnvironmentPlan } from "../plan/plan";
import type { Suppression } from "../policy/suppression";
import { FOUNDATION, stackName } from "../stack/names";
import { isEmpty, splitNeeds, uniteNeeds, type FoundationNeeds } from "./needs";

type Place = Pick<Issue, "file" | "line" | "column">;

/** One value that all members of a shared foundation must agree on. */
interface Setting {
  readonly path: string;
  /** As JSON; `null` where the manifest does not say. */
  readonly value: string;
  readonly at: Place;
}

/** What one model of one environment brings to the foundation that it shares. Plain data. */
export interface FoundationMember {
  /** Name of the foundation's stack. */
  readonly stack: string;
  readonly foundation: string;
  readonly environment: string;
  readonly model: string;
  readonly nameAt: Place;
  readonly needs: FoundationNeeds;
  readonly tags: Readonly<Record<string, string>>;
  readonly settings: readonly Setting[];
  readonly suppressions: readonly Suppression[];
}

/** What the foundation is made from, beside needs and tags. */
const SETTINGS: readonly (readonly [ManifestPath, (plan: EnvironmentPlan) => unknown])[] = [
  [["region"], ({ region }) => region?.name ?? null],
  [["account"], ({ account }) => account],
  [["network", "vpcId"], ({ network }) => network.existing?.vpcId ?? null],
  [["network", "availabilityZones"], ({ network }) => network.availabilityZones],
  [["network", "cidr"], ({ network }) => network.cidr],
  [["network", "internetAccess"], ({ network }) => network.internetAccess],
  [["security", "kmsKeyArn"], ({ security }) => security.kmsKeyArn],
  [["security", "permissionsBoundaryArn"], ({ security }) => security.permissionsBoundaryArn],
  [["security", "deletionProtection"], ({ security }) => security.deletionProtection],
  [["storage", "bucket"], ({ storage }) => storage.bucket],
  [["storage", "accessLogBucket"], ({ storage }) => storage.accessLogBucket],
  [["observability", "logRetention"], ({ observability }) => observability.logRetentionDays],
];

/** What a resolved manifest brings to a shared foundation; null where it shares none, or nothing of it runs on AWS. */
export function foundationMember(resolution: Resolution): FoundationMember | null {
  const { plan, manifest, deployments, declared, nameAt, locate } = resolution;
  if (plan === null || plan.foundation === null) return null;
  if (!deployments.some(({ platform }) => platform === "aws")) return null;
  const { foundation, environment } = plan;
  return {
    stack: stackName(foundation, environment, FOUNDATION),
    foundation,
    environment,
    model: plan.name,
    nameAt,
    needs: splitNeeds(uniteNeeds([...deployments, ...declared].map(({ needs }) => needs))).common,
    tags: plan.tags,
    settings: SETTINGS.map(([path, read]) => ({
      path: path.join("."),
      value: JSON.stringify(read(plan)),
      at: locate(path),
    })),
    suppressions: (manifest?.policies.suppress ?? []).map(({ code, address = null, reason }) => ({
      code,
      address,
      reason,
    })),
  };
}

/** The members of each foundation, by the name of its stack; those that need nothing of it are left out. */
export function foundationGroups(
  members: readonly FoundationMember[],
): ReadonlyMap<string, readonly FoundationMember[]> {
  const groups = new Map<string, FoundationMember[]>();
  // By name, so that the order of files and patterns changes nothing.
  for (const member of [...members].sort((a, b) => (a.model < b.model ? -1 : 1))) {
    if (isEmpty(member.needs)) continue;
    groups.set(member.stack, [...(groups.get(member.stack) ?? []), member]);
  }
  return groups;
}

/** Where members of one foundation say different things of what it is made from. */
export function foundationMismatches(members: readonly FoundationMember[]): readonly Issue[] {
  return [...foundationGroups(members).values()].flatMap(([first, ...others]) =>
    first === undefined
      ? []
      : others.flatMap((member) =>
          member.settings.flatMap((setting, index): Issue[] => {
            const expected = first.settings[index];
            if (expected === undefined || expected.value === setting.value) return [];
            return [
              {
                ...setting.at,
                path: setting.path,
                code: "FOUNDATION_MISMATCH",
                severity: "error",
                message: `is ${said(setting.value)}, but ${first.model} (${first.nameAt.file}) shares the foundation "${member.foundation}" and has ${said(expected.value)}`,
                allowed: "one value for all models that share a foundation",
                fix: "say the same in both, or name another foundation",
              },
            ];
          }),
        ),
  );
}

function said(value: string): string {
  return value === "null" ? "absent" : value;
}

/** Tags that all members have, with the same value. */
export function commonTags(members: readonly FoundationMember[]): Readonly<Record<string, string>> {
  const [first, ...others] = members;
  return Object.fromEntries(
    Object.entries(first?.tags ?? {}).filter(([key, value]) =>
      others.every(({ tags }) => Object.hasOwn(tags, key) && tags[key] === value),
    ),
  );
}
