/** What of a network a target needs. */
export interface NetworkNeeds {
  /** Interface endpoints by AWS's short service name, e.g. `ecr.api`, `logs`; S3 always has its gateway endpoint. */
  readonly endpoints: readonly string[];
  /** Whether something must be reachable from the internet, so that public subnets are needed. */
  readonly public: boolean;
}

/** What a target needs of the foundation stack. What the manifest gives as existing is left out before. */
export interface FoundationNeeds {
  /** A KMS key for everything at rest. */
  readonly key: boolean;
  /** A topic that alarms notify. */
  readonly topic: boolean;
  /** A registry for an image that is built. */
  readonly registry: boolean;
  /** A bucket for artifacts, captured data and results. */
  readonly bucket: boolean;
  /** A bucket that load balancers write their access logs to. */
  readonly accessLogs: boolean;
  readonly network: NetworkNeeds | null;
  /** Kinds of the targets that put resources of their own into the foundation, e.g. a cluster. */
  readonly own: readonly string[];
}

export const NO_NEEDS: FoundationNeeds = Object.freeze({
  key: false,
  topic: false,
  registry: false,
  bucket: false,
  accessLogs: false,
  network: null,
  own: [],
});

/** What all of them need together. Independent of their order. */
export function uniteNeeds(all: readonly FoundationNeeds[]): FoundationNeeds {
  const networks = all.flatMap(({ network }) => (network === null ? [] : [network]));
  const unique = (items: readonly string[]) => [...new Set(items)].sort();
  return {
    key: all.some(({ key }) => key),
    topic: all.some(({ topic }) => topic),
    registry: all.some(({ registry }) => registry),
    bucket: all.some(({ bucket }) => bucket),
    accessLogs: all.some(({ accessLogs }) => accessLogs),
    network:
      networks.length === 0
        ? null
        : {
            endpoints: unique(networks.flatMap(({ endpoints }) => endpoints)),
            public: networks.some((network) => network.public),
          },
    own: unique(all.flatMap(({ own }) => own)),
  };
}

/** The part that a shared foundation has for all its models, and the one that stays each model's own. */
export function splitNeeds(needs: FoundationNeeds): {
  readonly common: FoundationNeeds;
  readonly own: FoundationNeeds;
} {
  const { registry, own } = needs;
  return { common: { ...needs, registry: false, own: [] }, own: { ...NO_NEEDS, registry, own } };
}

export function isEmpty(needs: FoundationNeeds): boolean {
  const { key, topic, registry, bucket, accessLogs, network, own } = needs;
  return !(key || topic || registry || bucket || accessLogs) && network === null && own.length === 0;
}
