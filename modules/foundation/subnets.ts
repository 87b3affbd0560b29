/** A zone's address ranges in a created network. */
export interface ZoneSubnets {
  readonly private: string;
  readonly public: string;
}

/** Zones that a created network spans where the manifest names none. */
export const DEFAULT_ZONES = 2;

/** A load balancer's subnet is a /27 at least: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html (2026-08). */
const LOAD_BALANCER_PREFIX_MAX = 27;
/** Below this size a private subnet is too tight to keep room for zones that may come. */
const ROOMY_PREFIX = 26;
/** Public subnets hold load balancers and gateways only, so an eighth of a private one is plenty. */
const PUBLIC_SHRINK = 3;

/** Why a network cannot be laid out in an address range, with what would do. */
export interface CidrProblem {
  readonly message: string;
  readonly allowed: string;
  readonly fix: string;
}

/** Checks an address range of `/16` to `/24` for a network over a number of zones. Null where it will do. */
export function cidrProblem(cidr: string, zones: number): CidrProblem | null {
  const parsed = parseCidr(cidr);
  if (parsed === null) {
    return {
      message: `${cidr} is not an IPv4 range`,
      allowed: "four numbers of 0 to 255, a slash and a prefix length of 16 to 24",
      fix: "for example 10.0.0.0/16",
    };
  }
  const { address, prefix } = parsed;
  const start = network(address, prefix);
  if (start !== address) {
    return {
      message: `${cidr} does not start where its range starts`,
      allowed: `the first address of the range, ${formatCidr(start, prefix)}`,
      fix: `write ${formatCidr(start, prefix)}`,
    };
  }
  const { slots, privatePrefix } = layout(prefix, zones);
  if (privatePrefix > LOAD_BALANCER_PREFIX_MAX) {
    return {
      message: `${cidr} is too small for subnets in ${zones} zones`,
      allowed: `subnets of /${LOAD_BALANCER_PREFIX_MAX} or larger, as load balancers need them`,
      fix: `use a /${LOAD_BALANCER_PREFIX_MAX - 1 - Math.log2(slots)}, or fewer zones`,
    };
  }
  return null;
}

/**
 * Lays out a network: the lower half of the range holds the private subnets, one per zone; the upper half starts with
 * the public ones and is otherwise left to the team. Public ranges are reserved even where none are created, and a
 * range holds up to four zones (eight, where more than four are asked for) unless it is a /24, so that turning internet
 * access on or adding a zone moves nothing.
 * @throws where {@link cidrProblem} finds one.
 */
export function layOutSubnets(cidr: string, zones: number): readonly ZoneSubnets[] {
  const problem = cidrProblem(cidr, zones);
  const parsed = parseCidr(cidr);
  if (problem !== null || parsed === null) throw new Error(problem?.message ?? cidr);
  const { address, prefix } = parsed;
  const { privatePrefix, publicPrefix } = layout(prefix, zones);
  const half = 2 ** (32 - prefix - 1);
  return Array.from({ length: zones }, (_, index) => ({
    private: formatCidr(address + index * 2 ** (32 - privatePrefix), privatePrefix),
    public: formatCidr(address + half + index * 2 ** (32 - publicPrefix), publicPrefix),
  }));
}

function layout(prefix: number, zones: number) {
  let slots = zones > 4 ? 8 : 4;
  if (zones <= 2 && prefix + 1 + Math.log2(slots) > ROOMY_PREFIX) slots = 2;
  const privatePrefix = prefix + 1 + Math.log2(slots);
  const publicPrefix = Math.min(
    privatePrefix + PUBLIC_SHRINK,
    Math.max(privatePrefix, LOAD_BALANCER_PREFIX_MAX),
  );
  return { slots, privatePrefix, publicPrefix };
}

function parseCidr(cidr: string): { readonly address: number; readonly prefix: number } | null {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(1[6-9]|2[0-4])$/.exec(cidr);
  if (match === null) return null;
  const octets = match.slice(1, 5).map(Number);
  if (octets.some((octet) => octet > 255)) return null;
  return { address: octets.reduce((sum, octet) => sum * 256 + octet, 0), prefix: Number(match[5]) };
}

function network(address: number, prefix: number): number {
  const size = 2 ** (32 - prefix);
  return Math.floor(address / size) * size;
}

function formatCidr(address: number, prefix: number): string {
  const octets = [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256);
  return `${octets.join(".")}/${prefix}`;
}
