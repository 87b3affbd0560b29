import data from "./provider-rules.json";

/** What the provider packages' schemas do not say about a type, read out of the real providers. */
export interface ProviderRules {
  /**
   * Attributes and blocks whose change replaces the resource, as dotted paths without indexes
   * ("vpc_config.subnets").
   */
  forceNew: readonly string[];
  /** Attributes of the top level whose setting or removal replaces the resource, while other changes do not. */
  forceNewOnPresence: readonly string[];
  /** Attributes whose value Terraform hides, as dotted paths. */
  sensitive: readonly string[];
  /** Fewest and most blocks of a name, 0 for no limit, by dotted path. */
  items: Readonly<Record<string, readonly [number, number]>>;
  /** Blocks of the top level that the provider fills in when the configuration leaves them out. */
  computedBlocks: readonly string[];
  /** Attributes of the top level that the provider decides anew with every update. */
  recomputed: readonly string[];
}

interface RulesFile {
  sources: Record<string, { source: string; asOf: string }>;
  types: Record<string, TypeRules>;
}

interface TypeRules {
  /** Key of `sources`; `also` names a second one whose facts were added. */
  source?: string;
  also?: string;
  sameAs?: string;
  forceNew?: string[];
  forceNewOnPresence?: string[];
  sensitive?: string[];
  items?: Record<string, [number, number]>;
  computedBlocks?: string[];
  recomputed?: string[];
}

// The inferred type of a JSON file has a member for every key in it; one uniform type is what the lookup needs.
const RULES = data as unknown as RulesFile;

/** The rules of a resource type; a type without an entry has none. */
export function rulesOf(type: string): ProviderRules {
  const entry = RULES.types[type];
  if (entry?.sameAs !== undefined) return rulesOf(entry.sameAs);
  return {
    forceNew: entry?.forceNew ?? [],
    forceNewOnPresence: entry?.forceNewOnPresence ?? [],
    sensitive: entry?.sensitive ?? [],
    items: entry?.items ?? {},
    computedBlocks: entry?.computedBlocks ?? [],
    recomputed: entry?.recomputed ?? [],
  };
}

/** Every type with an entry, sorted. */
export function typesWithRules(): string[] {
  return Object.keys(RULES.types).sort();
}

/** Where the rules of a type were read, and when. Undefined for a type without rules. */
export function sourcesOf(type: string): { source: string; asOf: string }[] {
  const entry = RULES.types[type];
  if (entry?.sameAs !== undefined) return sourcesOf(entry.sameAs);
  return [entry?.source, entry?.also].flatMap((key) => {
    const source = key === undefined ? undefined : RULES.sources[key];
    return source === undefined ? [] : [source];
  });
}
