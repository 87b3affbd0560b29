import type { FoundationNeeds } from "../foundation/needs";
import { DEFAULT_ZONES } from "../foundation/subnets";
import type { EnvironmentPlan } from "../plan/plan";
import { HOURS_PER_MONTH } from "../simulate/capacity";
import type { Charge } from "./target-comparison";

/** What the foundation stack of one target alone costs, and what of it cannot be counted. */
export interface FoundationCharges {
  readonly charges: readonly Charge[];
  /** What is paid for too, in a sentence each, with why it is not on the bill. */
  readonly notCounted: readonly string[];
}

/** What the foundation has of the manifest instead of creating it, and does not bill; as `Candidate.existing` says it. */
export function existingParts({ security }: EnvironmentPlan): readonly string[] {
  return security.kmsKeyArn === null ? [] : ["KMS key"];
}

/** A key that rotates costs more with each of its first two rotations: https://aws.amazon.com/kms/pricing/ (read 2026-11). */
const KEY_ASSUMPTION = "its first year: the first and second yearly rotation add the price of one key each";

/**
 * What AWS bills for what the foundation stack creates for a target. Everything that the manifest gives as existing is
 * somebody else's bill already.
 * @param own what the target itself is billed for: what it logs passes the endpoint for logs, where there is one.
 */
export function foundationCharges(
  needs: FoundationNeeds,
  plan: EnvironmentPlan,
  own: readonly Charge[],
): FoundationCharges {
  const charges: Charge[] = [];
  const notCounted: string[] = [];
  if (needs.key) {
    charges.push({
      name: "KMS key",
      key: "kms/key",
      quantity: 1,
      basis: "provisioned",
      assumption: KEY_ASSUMPTION,
    });
    notCounted.push("requests to the KMS key: they depend on what is read and written, not on the load");
  }
  if (needs.topic) notCounted.push("notifications of alarms: none where nothing goes wrong");
  if (needs.registry)
    notCounted.push("storage of the image in ECR: its size is not known before it is built");
  if (needs.bucket) notCounted.push("what the S3 bucket holds: artifacts, results and captured data");
  if (needs.accessLogs)
    notCounted.push("access logs in S3, until their retention ends: their size depends on the requests");
  if (needs.network !== null && plan.network.existing === null) {
    const zones = plan.network.availabilityZones?.length ?? DEFAULT_ZONES;
    network(needs.network.endpoints, zones, plan, own, charges, notCounted);
  }
  return { charges, notCounted };
}

function network(
  services: readonly string[],
  zones: number,
  { network: { internetAccess } }: EnvironmentPlan,
  own: readonly Charge[],
  charges: Charge[],
  notCounted: string[],
): void {
  const across = `${zones} zones`;
  // S3 has its gateway endpoint, which costs nothing.
  const interfaces = [...new Set(services)].filter((service) => service !== "s3").sort();
  if (interfaces.length > 0) {
    charges.push({
      name: `interface endpoints (${interfaces.length} in ${across})`,
      key: "vpc/interface-endpoint-hour",
      quantity: interfaces.length * zones * HOURS_PER_MONTH,
      basis: "provisioned",
      assumption: `for ${interfaces.join(", ")}`,
    });
    const logged = own.find(({ key }) => key === "cloudwatch/log-ingestion");
    if (interfaces.includes("logs") && logged !== undefined) {
      charges.push({
        name: "data through interface endpoints: logs",
        key: "vpc/interface-endpoint-data",
        quantity: logged.quantity,
        basis: "on-demand",
      });
    }
    notCounted.push("images and secrets pulled through interface endpoints: their size is not known");
  }
  if (internetAccess) {
    charges.push(
      {
        name: `NAT gateways in ${across}`,
        key: "vpc/nat-hour",
        quantity: zones * HOURS_PER_MONTH,
        basis: "provisioned",
      },
      {
        name: "public IPv4 addresses of NAT gateways",
        key: "vpc/public-ipv4",
        quantity: zones * HOURS_PER_MONTH,
        basis: "provisioned",
      },
    );
    notCounted.push("data through NAT gateways: what the model fetches from the internet is not known");
  }
  notCounted.push("flow logs of the network: their size depends on its connections");
}
