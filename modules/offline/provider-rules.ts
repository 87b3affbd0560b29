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
  /** Blocks of the top level that cannot be removed again: without them the resource is replaced. */
  forceNewOnRemoval: readonly string[];
  /**
   * Blocks of the top level whose change replaces the resource, by the attribute that prevents it when true. Going
   * from none to some, or back, replaces the resource in any case.
   */
  forceNewUnless: Readonly<Record<string, string>>;
  /** Attributes whose value Terraform hides, as dotted paths. */
  sensitive: readonly string[];
  /** Fewest and most elements of a block or collection, 0 for no limit, by dotted path. */
  items: Readonly<Record<string, readonly [number, number]>>;
  /**
   * What must not be set beside an attribute or block, by its dotted path. What is named is an address with indexes
   * ("launch_template.0.name"), as the providers name it.
   */
  conflicts: Readonly<Record<string, readonly string[]>>;
  /** What must be set beside an attribute, in the same notation. */
  requiredWith: Readonly<Record<string, readonly string[]>>;
  /** Groups of addresses with indexes, of each of which one must be set, and no more. */
  exactlyOneOf: readonly (readonly string[])[];
  /** Whether the type is built on the newer plug-in framework, whose messages differ. */
  framework: boolean;
  /** Blocks of the top level that the provider fills in when the configuration leaves them out. */
  computedBlocks: readonly string[];
  /** Attributes of the top level that the provider decides anew with every update. */
  recomputed: readonly string[];
  /**
   * Attributes and blocks, as dotted paths, that the package has and the source of the rules had not: whether their
   * change replaces the resource is not known here, and the rules say nothing of it.
   */
  unread: readonly string[];
}

interface RulesFile {
  sources: Record<string, { source: string; asOf: string }>;
  types: Record<string, TypeRules>;
}

interface TypeRules extends Partial<ProviderRules> {
  /** Key of `sources`; `also` names a second one whose facts were added. */
  source?: string;
  also?: string;
  sameAs?: string;
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
    forceNewOnRemoval: entry?.forceNewOnRemoval ?? [],
    forceNewUnless: entry?.forceNewUnless ?? {},
    sensitive: entry?.sensitive ?? [],
    items: entry?.items ?? {},
    conflicts: entry?.conflicts ?? {},
    requiredWith: entry?.requiredWith ?? {},
    exactlyOneOf: entry?.exactlyOneOf ?? [],
    framework: entry?.framework ?? false,
    computedBlocks: entry?.computedBlocks ?? [],
    recomputed: entry?.recomputed ?? [],
    unread: entry?.unread ?? [],
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
