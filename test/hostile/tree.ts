import {
  type Arbitrary,
  array,
  constantFrom,
  double,
  nat,
  oneof,
  record,
  string,
  tuple,
  uniqueArray,
} from "fast-check";
import { KEYS, NUMBERS, TEXTS, WORD } from "./payloads";

/** A parsed manifest that may also be what a program's data cannot: keys that stand twice, numbers that are none. */
export type Tree =
  | { readonly kind: "scalar"; readonly value: string | number | boolean | null }
  | { readonly kind: "list"; readonly items: readonly Tree[] }
  | { readonly kind: "map"; readonly entries: readonly (readonly [string, Tree])[] };

export function treeOf(data: unknown): Tree {
  if (Array.isArray(data)) return { kind: "list", items: data.map(treeOf) };
  if (typeof data === "object" && data !== null) {
    return { kind: "map", entries: Object.entries(data).map(([key, item]) => [key, treeOf(item)]) };
  }
  return { kind: "scalar", value: data as string | number | boolean | null };
}

/** The tree as YAML in flow style, each value on a line of its own. */
export function emit(tree: Tree, indent = ""): string {
  const inner = `${indent} `;
  if (tree.kind === "list") {
    if (tree.items.length === 0) return "[]";
    return `[\n${tree.items.map((item) => `${inner}${emit(item, inner)}`).join(",\n")}\n${indent}]`;
  }
  if (tree.kind === "map") {
    if (tree.entries.length === 0) return "{}";
    const lines = tree.entries.map(([key, item]) => `${inner}${JSON.stringify(key)}: ${emit(item, inner)}`);
    return `{\n${lines.join(",\n")}\n${indent}}`;
  }
  const { value } = tree;
  if (typeof value !== "number") return JSON.stringify(value);
  if (Number.isNaN(value)) return ".nan";
  if (!Number.isFinite(value)) return value > 0 ? ".inf" : "-.inf";
  return Object.is(value, -0) ? "-0" : String(value);
}

/** Where a node stands: positions in lists and among the entries of maps. */
type Place = readonly number[];

interface Node {
  readonly place: Place;
  readonly tree: Tree;
  /** The keys on the way. */
  readonly path: string;
}

export function nodes(tree: Tree, place: Place = [], path = ""): readonly Node[] {
  const own = { place, tree, path };
  if (tree.kind === "list")
    return [own, ...tree.items.flatMap((item, index) => nodes(item, [...place, index], `${path}[]`))];
  if (tree.kind === "map") {
    return [
      own,
      ...tree.entries.flatMap(([key, item], index) => nodes(item, [...place, index], `${path}.${key}`)),
    ];
  }
  return [own];
}

/** The tree with what stands at a place changed; with its key, where it has one. Undefined takes both away. */
function change(
  tree: Tree,
  place: Place,
  edit: (key: string, value: Tree) => readonly (readonly [string, Tree])[],
): Tree {
  const [step, ...rest] = place;
  if (step === undefined) return edit("", tree)[0]?.[1] ?? { kind: "scalar", value: null };
  if (tree.kind === "list") {
    return {
      kind: "list",
      items: tree.items.flatMap((item, index) =>
        index !== step
          ? [item]
          : rest.length === 0
            ? edit("", item).map(([, value]) => value)
            : [change(item, rest, edit)],
      ),
    };
  }
  if (tree.kind === "map") {
    return {
      kind: "map",
      entries: tree.entries.flatMap(([key, item], index): readonly (readonly [string, Tree])[] =>
        index !== step
          ? [[key, item]]
          : rest.length === 0
            ? edit(key, item)
            : [[key, change(item, rest, edit)]],
      ),
    };
  }
  return tree;
}

const scalar = (value: string | number | boolean | null): Tree => ({ kind: "scalar", value });
const list = (...items: readonly Tree[]): Tree => ({ kind: "list", items });
const map = (...entries: readonly (readonly [string, Tree])[]): Tree => ({ kind: "map", entries });

function nested(levels: number, wrap: (inner: Tree) => Tree): Tree {
  let tree = scalar(1);
  for (let level = 0; level < levels; level += 1) tree = wrap(tree);
  return tree;
}

/** Values of other types, and of other shapes. */
const STRUCTURES: readonly Tree[] = [
  scalar(null),
  scalar(true),
  scalar(false),
  list(),
  map(),
  list(scalar(null)),
  list(list(list())),
  list(scalar("#{TfToken[TOKEN.2]}")),
  list(scalar("x"), scalar("x")),
  list(scalar(1), map(["a", list()])),
  map(["a", scalar(1)]),
  map(["__proto__", map(["polluted", scalar(true)])]),
  map(["constructor", map(["prototype", scalar(1)])]),
  map(["${TfToken[TOKEN.0]}", scalar("x")]),
  map(["resolve", scalar("x")], ["creationStack", list()]),
  map(["type", scalar("target-tracking")]),
  map(["min", scalar(0)], ["max", scalar(0)]),
  map(["a", scalar(1)], ["a", scalar(2)]),
  list(...Array.from({ length: 400 }, () => scalar("x"))),
  map(...Array.from({ length: 400 }, (_none, index): [string, Tree] => [`K${index}`, scalar("x")])),
  nested(30, (inner) => list(inner)),
  nested(200, (inner) => map(["a", inner])),
];

/** Places that take any text, or nearly. */
const FREE =
  /^(?:\.environments\.[^.]+)?\.(?:description|tags|model\.environment|model\.build\.args|policies)(?:$|[.[])|\.(?:environment|compilerOptions)(?:$|\.)/;

export const OPERATIONS = [
  "free value",
  "free key",
  "free addition",
  "text",
  "number",
  "structure",
  "append",
  "prepend",
  "key",
  "key's end",
  "delete",
  "delete leaf",
  "double",
  "copy under another key",
  "add",
  "swap values",
  "swap keys",
  "overlay",
  "scale",
] as const;
export type Operation = (typeof OPERATIONS)[number];

/** One change; which place and which payload follow from the numbers, so that it fits any tree. */
export interface Edit {
  readonly operation: Operation;
  readonly at: number;
  readonly other: number;
  readonly payload: number;
  readonly text: string;
  readonly factor: number;
}

/** Any code units at all, unpaired surrogates among them, and short texts of a few signs. */
const anyText: Arbitrary<string> = oneof(
  string({ unit: "binary", maxLength: 12 }),
  array(nat(0xffff), { maxLength: 4 }).map((units) => String.fromCharCode(...units)),
  array(constantFrom("$", "%", "{", "}", "$${", "%%{", '"', "\\", "a", "hostile_marker", "é", "\n", " "), {
    maxLength: 10,
  }).map((pieces) => pieces.join("")),
);

const anyEdit = (operations: readonly Operation[]): Arbitrary<Edit> =>
  record({
    operation: constantFrom(...operations),
    at: nat(),
    other: nat(),
    payload: nat(),
    text: anyText,
    factor: double({ min: -4, max: 4, noNaN: true }),
  });

/** Mostly one change, of any kind; often one in a place that takes text, because those lead to output. */
export const edits: Arbitrary<readonly Edit[]> = oneof(
  {
    weight: 8,
    arbitrary: array(anyEdit(["free value", "free value", "free addition", "free addition", "free key"]), {
      minLength: 1,
      maxLength: 3,
    }),
  },
  { weight: 5, arbitrary: tuple(anyEdit(OPERATIONS)) },
  { weight: 1, arbitrary: uniqueArray(anyEdit(OPERATIONS), { minLength: 2, maxLength: 4 }) },
);

const pick = <T>(from: readonly T[], index: number): T | undefined => from[index % Math.max(1, from.length)];

/** Texts that Terraform would evaluate, and others. */
const LIVE = TEXTS.filter((text) => text.includes(WORD) && text.length < 256);

export function apply(given: Tree, edit: Edit): Tree {
  const isFree = edit.operation.startsWith("free");
  const tree = isFree ? withFreePlaces(given) : given;
  const all = nodes(tree);
  const keyed = all.filter(({ place, path }) => place.length > 0 && !path.endsWith("[]"));
  const leaves = all.filter((node) => node.tree.kind === "scalar");
  const free = all.filter(({ path }) => FREE.test(path));
  // A third of the texts is made up.
  const texts = isFree && edit.other % 2 === 0 ? LIVE : TEXTS;
  const text = edit.payload % 3 === 0 ? edit.text : (pick(texts, Math.floor(edit.payload / 3)) ?? "");
  const key = edit.payload % 3 === 0 ? edit.text : (pick(KEYS, Math.floor(edit.payload / 3)) ?? "");
  const at = (from: readonly Node[], edited: Parameters<typeof change>[2]): Tree => {
    const node = pick(from, edit.at);
    return node === undefined ? tree : change(tree, node.place, edited);
  };
  const onText = (edited: (old: string) => string): Tree =>
    at(leaves, (name, value) => [
      [name, value.kind === "scalar" ? scalar(edited(String(value.value))) : value],
    ]);
  const added = (value: Tree): Tree => {
    if (value.kind === "map") return map(...value.entries, [key, scalar(text)]);
    return value.kind === "list" ? list(...value.items, scalar(text)) : value;
  };
  switch (edit.operation) {
    case "free value":
      return at(
        free.filter((node) => node.tree.kind === "scalar" && !node.path.includes(".tags")),
        (name) => [[name, scalar(text)]],
      );
    case "free key":
      return at(
        free.filter(({ path }) => /\.(?:tags|environment|args)\.[^.]*$/.test(path)),
        (_name, value) => [[key, value]],
      );
    case "free addition":
      return at(
        free.filter((node) => node.tree.kind === "map" && !node.path.endsWith(".tags")),
        (name, value) => [
          [name, value.kind === "map" ? map(...value.entries, [variable(edit), scalar(text)]) : value],
        ],
      );
    case "text":
      return at(leaves, (name) => [[name, scalar(text)]]);
    case "number":
      return at(leaves, (name) => [[name, scalar(pick(NUMBERS, edit.payload) ?? 0)]]);
    case "structure":
      return at(all, (name) => [[name, pick(STRUCTURES, edit.payload) ?? scalar(null)]]);
    case "append":
      return onText((old) => `${old}${text}`);
    case "prepend":
      return onText((old) => `${text}${old}`);
    case "key":
      return at(keyed, (_name, value) => [[key, value]]);
    case "key's end":
      return at(keyed, (name, value) => [[`${name}${key}`, value]]);
    case "delete":
      return at(all.slice(1), () => []);
    case "delete leaf":
      return at(leaves, () => []);
    case "double":
      return at(all.slice(1), (name, value) => [
        [name, value],
        [name, value],
      ]);
    case "copy under another key":
      return at(all.slice(1), (name, value) => [
        [name, value],
        [key, value],
      ]);
    case "add":
      return at(
        all.filter((node) => node.tree.kind !== "scalar"),
        (name, value) => [[name, added(value)]],
      );
    case "swap values": {
      const [one, two] = [pick(leaves, edit.at), pick(leaves, edit.other)];
      if (one === undefined || two === undefined) return tree;
      return change(
        change(tree, one.place, (name) => [[name, two.tree]]),
        two.place,
        (name) => [[name, one.tree]],
      );
    }
    case "swap keys": {
      const [one, two] = [pick(keyed, edit.at), pick(keyed, edit.other)];
      if (one === undefined || two === undefined) return tree;
      const nameOf = ({ path }: Node) => path.slice(path.lastIndexOf(".") + 1);
      return change(
        change(tree, one.place, (_name, value) => [[nameOf(two), value]]),
        two.place,
        (_name, value) => [[nameOf(one), value]],
      );
    }
    case "overlay": {
      // Part of the manifest once more, in the overlay of an environment of its own.
      if (tree.kind !== "map") return tree;
      const part = pick(tree.entries, edit.at) ?? ["tags", map()];
      return map(...tree.entries.filter(([name]) => name !== "environments"), [
        "environments",
        map(["prod", map(part, [key, scalar(text)])]),
      ]);
    }
    case "scale":
      return at(
        leaves.filter((node) => node.tree.kind === "scalar" && typeof node.tree.value === "number"),
        (name, value) => [
          [name, value.kind === "scalar" ? scalar(Math.round(Number(value.value) * edit.factor)) : value],
        ],
      );
  }
}

/** The manifest with a description, a tag and a variable, where it has none. */
function withFreePlaces(tree: Tree): Tree {
  if (tree.kind !== "map") return tree;
  const has = (key: string) => tree.entries.some(([name]) => name === key);
  const variables = map(["LOG_LEVEL", scalar("info")]);
  return map(
    ...tree.entries.map(([name, item]): [string, Tree] =>
      name === "model" && item.kind === "map" && !item.entries.some(([key]) => key === "environment")
        ? [name, map(...item.entries, ["environment", variables])]
        : [name, item],
    ),
    ...(has("description") ? [] : [["description", scalar("a model")] as const]),
    ...(has("tags") ? [] : [["tags", map(["team", scalar("risk")])] as const]),
  );
}

/** A name that an environment variable may have; some mean something to JavaScript, or to cdktf. */
function variable({ payload }: Edit): string {
  const names = [
    "HOSTILE",
    "toString",
    "valueOf",
    "hasOwnProperty",
    "toJSON",
    "resolve",
    "then",
    "length",
    "A",
    "a",
  ];
  return pick(names, payload) ?? "A";
}
