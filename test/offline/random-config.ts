import type { ProviderRules } from "../../modules/offline/provider-rules";
import type { Block, CtyType } from "../../modules/offline/schema";

/** A source of repeatable choices (mulberry32). */
export function randomSource(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 0x100000000;
  };
}

/** A configuration that the schema allows: everything required, and some of what is optional. */
export function randomConfig(block: Block, random: () => number, depth = 0): Record<string, unknown> {
  const config: Record<string, unknown> = {};
  for (const attribute of block.attributes) {
    const wanted = attribute.required || (attribute.optional && random() < 0.4);
    // A write-only value wants its version beside it; `id` is not for the configuration to set.
    if (wanted && !attribute.writeOnly && (attribute.required || attribute.name !== "id")) {
      config[attribute.name] = randomValue(attribute.type, random);
    }
  }
  for (const nested of block.blocks) {
    const spare = random() < 0.4 / (depth + 1) ? 1 + Math.floor(random() * 2) : 0;
    const wanted = Math.max(nested.min, spare);
    const count =
      nested.nesting === "single"
        ? Math.min(wanted, 1)
        : Math.min(wanted, nested.max > 0 ? nested.max : wanted);
    if (count === 0) continue;
    const items = Array.from({ length: count }, () => randomConfig(nested.block, random, depth + 1));
    if (nested.nesting === "single") config[nested.name] = items[0];
    else if (nested.nesting === "map")
      config[nested.name] = Object.fromEntries(items.map((item, i) => [`k${i}`, item]));
    else config[nested.name] = items;
  }
  return config;
}

type Config = Record<string, unknown>;

/** Sets and removes what the rules about arguments of the top level demand. */
export function satisfy(
  block: Block,
  rules: Pick<ProviderRules, "conflicts" | "exactlyOneOf" | "requiredWith">,
  config: Config,
): Config {
  const isTop = (name: string): boolean => !name.includes(".");
  for (const group of rules.exactlyOneOf.filter((names) => names.every(isTop))) {
    const [kept = ""] = [...group.filter((name) => name in config), ...group];
    const attribute = block.attributes.find(({ name }) => name === kept);
    const value = attribute === undefined ? [{}] : randomValue(attribute.type, () => 0.5);
    config[kept] ??= value;
    for (const name of group) if (name !== kept) Reflect.deleteProperty(config, name);
  }
  for (const [name, others] of Object.entries({ ...rules.conflicts, ...rules.requiredWith })) {
    if (!(name in config)) continue;
    // Whatever it excludes or demands inside of blocks is beyond this: without it, there is nothing to violate.
    const isKept = name in rules.conflicts && others.every((other) => isTop(other) && !(other in config));
    if (!isKept) Reflect.deleteProperty(config, name);
  }
  return config;
}

function randomValue(type: CtyType, random: () => number): unknown {
  if (typeof type === "string") {
    if (type === "number") return Math.floor(random() * 100);
    if (type === "bool") return random() < 0.5;
    return `v${Math.floor(random() * 1e9)}`;
  }
  if (type[0] === "object") {
    return Object.fromEntries(
      Object.entries(type[1]).map(([name, field]) => [name, randomValue(field, random)]),
    );
  }
  if (type[0] === "map") return { key: randomValue(type[1], random) };
  return [randomValue(type[1], random), randomValue(type[1], random)];
}
