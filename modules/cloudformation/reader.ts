import type { Evaluator, Unresolved } from "./intrinsics";
import { type NotCarried, type Place, placed } from "./report";
import type { MapNode, Resource, ScalarNode, TemplateNode } from "./template";

/** A property's value, with where it stands. */
export interface Given<T> {
  readonly kind: "given";
  readonly value: T;
  readonly place: Place;
}

/** A property whose value cannot be had. */
export interface Open extends Omit<Unresolved, "kind" | "position"> {
  readonly kind: "open";
  readonly place: Place;
}

/** Undefined where the template does not set the property. */
export type Value<T> = Given<T> | Open | undefined;

export interface Item {
  readonly node: TemplateNode;
  readonly place: Place;
}

/** Why a property that nobody asked for has no counterpart. */
export type Reasons = Readonly<Record<string, Pick<NotCarried, "reason" | "effect"> | undefined>>;

const NO_COUNTERPART = { reason: "has no counterpart in the manifest", effect: "differs" } as const;

/** Reads the properties of one map, and knows which of them nobody has asked for. */
export class Reader {
  private readonly asked = new Set<string>();

  constructor(
    readonly evaluator: Evaluator,
    private readonly map: MapNode,
    /** The map's own place. */
    readonly place: Place,
  ) {}

  static of(resource: Resource, evaluator: Evaluator): Reader {
    const { id, position, properties } = resource;
    return new Reader(evaluator, properties, { resource: id, path: "Properties", position });
  }

  /** Where a property stands, or would. */
  placeOf(name: string): Place {
    const path = this.place.path === "" ? name : `${this.place.path}.${name}`;
    return { ...this.place, path, position: this.map.entries.get(name)?.keyPosition ?? this.place.position };
  }

  names(): readonly string[] {
    return [...this.map.entries.keys()];
  }

  /** A property as it is written. */
  node(name: string): Item | undefined {
    this.asked.add(name);
    const property = this.map.entries.get(name);
    return property === undefined ? undefined : { node: property.value, place: this.placeOf(name) };
  }

  text(name: string): Value<string> {
    const item = this.node(name);
    return item === undefined ? undefined : textOf(this.evaluator, item);
  }

  /** A number; CloudFormation takes them in quotes too. */
  number(name: string): Value<number> {
    const text = this.text(name);
    if (text?.kind !== "given") return text;
    const value = /^[+-]?\d{1,15}(?:\.\d{1,15})?(?:[eE][+-]?\d{1,2})?$/.test(text.value)
      ? Number(text.value)
      : NaN;
    return Number.isFinite(value)
      ? { ...text, value }
      : open(text.place, `is ${JSON.stringify(text.value)}, which is no number`);
  }

  flag(name: string): Value<boolean> {
    const text = this.text(name);
    if (text?.kind !== "given") return text;
    const value = text.value.toLowerCase();
    if (value === "true" || value === "false") return { ...text, value: value === "true" };
    return open(text.place, `is ${JSON.stringify(text.value)}, which is neither true nor false`);
  }

  /** A map below this one. */
  reader(name: string): Value<Reader> {
    const item = this.node(name);
    return item === undefined ? undefined : readerOf(this.evaluator, item);
  }

  list(name: string): Value<readonly Item[]> {
    const item = this.node(name);
    if (item === undefined) return undefined;
    const list = this.evaluator.resolve(item.node);
    if (list.kind === "absent") return undefined;
    if (list.kind === "unresolved") return { ...list, kind: "open", place: item.place };
    if (list.kind !== "list") return open(item.place, "is no list");
    const value = list.items.map((node, index) => ({
      node,
      place: { ...item.place, path: `${item.place.path}[${index}]`, position: node.position },
    }));
    return { kind: "given", value, place: item.place };
  }

  /** Texts of a list. Open where any of them is. */
  texts(name: string): Value<readonly string[]> {
    const list = this.list(name);
    if (list?.kind !== "given") return list;
    const texts: string[] = [];
    for (const item of list.value) {
      const text = textOf(this.evaluator, item);
      if (text?.kind === "open") return text;
      if (text !== undefined) texts.push(text.value);
    }
    return { ...list, value: texts };
  }

  /** What is removed by `AWS::NoValue`, and what nobody has asked for, with the reason that is known for it, or that there is no counterpart. */
  rest(reasons: Reasons = {}): readonly NotCarried[] {
    return this.names().flatMap((name): NotCarried[] => {
      const item = this.map.entries.get(name);
      if (item === undefined) return [];
      if (this.evaluator.resolve(item.value).kind === "absent")
        return [
          { ...placed(this.placeOf(name)), reason: "is removed with the values at hand", effect: "none" },
        ];
      if (this.asked.has(name)) return [];
      const macro = name.startsWith("Fn::")
        ? { reason: `is made by a macro (${name}), which is not run`, effect: "differs" as const }
        : undefined;
      return [{ ...placed(this.placeOf(name)), ...(macro ?? reasons[name] ?? NO_COUNTERPART) }];
    });
  }
}

export function readerOf(evaluator: Evaluator, { node, place }: Item): Value<Reader> {
  const map = evaluator.resolve(node);
  if (map.kind === "absent") return undefined;
  if (map.kind === "unresolved") return { ...map, kind: "open", place };
  if (map.kind !== "map") return open(place, "is no map");
  return { kind: "given", value: new Reader(evaluator, map, place), place };
}

export function textOf(evaluator: Evaluator, { node, place }: Item): Value<string> {
  const text = evaluator.text(node);
  if (text.kind === "absent") return undefined;
  return text.kind === "text" ? { kind: "given", value: text.text, place } : { ...text, kind: "open", place };
}

/** How an unquoted number or truth value is spelled, where another reader of YAML might take it for something else. */
export function oddSpelling({ node }: Item): ScalarNode | undefined {
  return node.kind === "scalar" && node.spelling !== undefined ? node : undefined;
}

export function open(place: Place, reason: string): Open {
  return { kind: "open", place, reason };
}
