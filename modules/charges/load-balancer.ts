import type { Charge, Month } from "../compare/target-comparison";
import { HOURS_PER_MONTH } from "../simulate/capacity";
import { GB } from "./quantities";

/**
 * What one load balancer capacity unit (LCU) holds, for targets other than Lambda functions; an hour is billed by the
 * dimension that needs most.
 */
export const LCU = {
  newConnectionsPerSecond: 25,
  activeConnections: 3_000,
  bytesPerHour: GB,
  ruleEvaluationsPerSecond: 1_000,
  /** Rules of a listener whose evaluation is free. */
  freeRules: 10,
  source:
    "https://aws.amazon.com/elasticloadbalancing/pricing/, as quoted by https://handbook.vantage.sh/aws/services/elb-pricing",
  asOf: "2026-11-23",
} as const;

/**
 * LCU-hours of a month. All dimensions grow with the requests, so that the largest of the month is the largest of every hour.
 * @param rules of the listener, with its default rule.
 */
export function lcuHours(
  { requests, busySeconds, bytesIn, bytesOut }: Month,
  rules: number,
): { readonly hours: number; readonly dimension: string } {
  const perHour = 3600;
  const dimensions = [
    // No caller keeps its connection: the most that it can be.
    { dimension: "new connections", hours: requests / (LCU.newConnectionsPerSecond * perHour) },
    { dimension: "active connections", hours: busySeconds / (LCU.activeConnections * perHour) },
    { dimension: "bytes", hours: (bytesIn + bytesOut) / LCU.bytesPerHour },
    {
      dimension: "rules",
      hours: (requests * Math.max(0, rules - LCU.freeRules)) / (LCU.ruleEvaluationsPerSecond * perHour),
    },
  ];
  return dimensions.reduce((largest, one) => (one.hours > largest.hours ? one : largest));
}

/** An application load balancer. */
export interface BalancerUse {
  readonly rules: number;
  /** Public addresses: one for each subnet where it is reached from the internet, else 0. */
  readonly publicAddresses: number;
}

/** The load balancer's hours, its capacity units and its public addresses. */
export function balancerCharges(month: Month, { rules, publicAddresses }: BalancerUse): readonly Charge[] {
  const { hours, dimension } = lcuHours(month, rules);
  return [
    {
      name: "application load balancer",
      key: "elb/alb-hour",
      quantity: HOURS_PER_MONTH,
      basis: "provisioned",
    },
    {
      name: "load balancer capacity",
      key: "elb/alb-lcu",
      quantity: hours,
      basis: "on-demand",
      assumption: `By its ${dimension}, with a new connection for each request; callers that keep theirs pay less (${LCU.source}, ${LCU.asOf})`,
    },
    {
      name: "public IPv4 addresses of the load balancer",
      key: "vpc/public-ipv4",
      quantity: publicAddresses * HOURS_PER_MONTH,
      basis: "provisioned",
      assumption: "One for each subnet; under heavy load it takes more",
    },
  ];
}
