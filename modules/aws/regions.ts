import data from "./data/regions.json";

/** The AWS partitions that can be deployed to. */
export type Partition = "aws" | "aws-cn" | "aws-us-gov";

/** An AWS region. */
export interface Region {
  /** The region's code, e.g. `eu-west-1`. */
  readonly name: string;
  /** The partition, the second part of every ARN. */
  readonly partition: Partition;
  /** The suffix of the region's host names: `amazonaws.com`, in China `amazonaws.com.cn`. */
  readonly dnsSuffix: string;
  /**
   * Zone names usable for new subnets, e.g. `eu-west-1a`. In the oldest regions, accounts made before November 2025 map
   * letters to places on their own and may lack one of these; {@link Region.availabilityZoneIds} holds in every account.
   */
  readonly availabilityZones: readonly string[];
  /** Zone ids usable for new subnets, e.g. `euw1-az1`. Not in the order of {@link Region.availabilityZones}. */
  readonly availabilityZoneIds: readonly string[];
  /** Why a zone of this region is left out. */
  readonly note?: string;
}

/** Where regions and zones come from. */
export const regionsSource = { source: data.source, asOf: data.asOf } as const;

const partitions: readonly string[] = ["aws", "aws-cn", "aws-us-gov"] satisfies Partition[];

function isPartition(name: string): name is Partition {
  return partitions.includes(name);
}

const regions: ReadonlyMap<string, Region> = new Map(
  data.rows.map((row) => {
    if (!isPartition(row.partition))
      throw new Error(`regions.json: ${row.name}: unknown partition ${row.partition}`);
    return [
      row.name,
      {
        name: row.name,
        partition: row.partition,
        dnsSuffix: row.dnsSuffix,
        availabilityZones: Array.from(row.zones, (letter) => row.name + letter),
        availabilityZoneIds: row.zoneIds,
        ...(row.note === undefined ? {} : { note: row.note }),
      },
    ];
  }),
);

const names: readonly string[] = Object.freeze([...regions.keys()].sort());

/**
 * What is known of a region; `undefined` for a name that no AWS region has.
 * @see https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-availability-zones.html (read 2026-11-23)
 */
export function regionInfo(name: string): Region | undefined {
  return regions.get(name);
}

/** The names of all commercial, China and GovCloud regions, sorted. */
export function regionNames(): readonly string[] {
  return names;
}
