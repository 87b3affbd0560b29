import { isDeepStrictEqual } from "node:util";
import { formatPath, type ManifestPath } from "../issues/issue";
import { type Data, isDataObject } from "../manifest/data";
import { Size } from "../units/size";
import { type Context, symbolicName, symbolOf, TARGET } from "./context";
import type { Draft } from "./draft";
import { convertInstances } from "./instances";
import { convertModel } from "./model";
import type { Reader, Reasons, Value } from "./reader";
import { type Effect, type NotCarried, type Place, stepsOf } from "./report";
import { convertFurtherScaling, leaveScaling } from "./scaling";
import type { Resource } from "./template";

const OPTIONS = ["targets", TARGET] as const;

/** The main variant's name in what modelport creates. */
export const MAIN = "AllTraffic";

/** The shadow variant's name in what modelport creates. */
const SHADOW = "Shadow";

/** Decimals of a share that is no round number of percent. */
const SHARE_DIGITS = 4;

/** A variant of the template. */
export interface TemplateVariant {
  readonly reader: Reader;
  /** SageMaker asks for one; 1 where there is none. */
  readonly weight: Value<number>;
}

/** Properties of a variant that nothing is made of. */
export const VARIANT_REASONS: Reasons = {
  ManagedInstanceScaling: {
    reason: "belongs to inference components, which a manifest has not",
    effect: "differs",
  },
  AcceleratorType: { reason: "Elastic Inference is no longer offered", effect: "differs" },
};

/** Fields that a variant may have of its own, by the manifest's field that they take the place of. */
const OWN: Readonly<Record<string, string | undefined>> = {
  "model.image": "image",
  "model.artifact": "artifact",
  [formatPath([...OPTIONS, "instanceType"])]: "instanceType",
};

/** Fields of the main variant that hold for all. */
const SHARED: readonly ManifestPath[] = [
  ["model", "server", "startup"],
  ...["volumeSize", "downloadTimeout", "amiVersion", "routing", "networkIsolation"].map((name) => [
    ...OPTIONS,
    name,
  ]),
  ["security", "roleArn"],
  ["network", "subnetIds"],
  ["network", "securityGroupIds"],
];

/** What beside the main variant is carried over. */
export interface Variants {
  readonly endpoint: Resource;
  readonly main: TemplateVariant;
  /** Whether a scalable target scales the main variant. */
  readonly mainScales: boolean;
  readonly others: readonly TemplateVariant[];
}

/**
 * Carries over the further production variants, by their weights' shares. What is as with the main variant is left out.
 * @returns their models' properties, for the tags.
 */
export function convertVariants(
  context: Context,
  draft: Draft,
  { endpoint, main, mainScales, others }: Variants,
): readonly Reader[] {
  const share = shares([main, ...others]);
  const taken = new Set([MAIN.toLowerCase()]);
  const converted = others.map(({ reader, weight }, index) => {
    const path = [...OPTIONS, "variants", index];
    const symbol = symbolOf(context, reader, "VariantName");
    nameOf(draft, reader, path, taken);
    const part = share(weight);
    const at = weight?.place ?? reader.placeOf("InitialVariantWeight");
    if (typeof part === "string") draft.fill([...path, "percent"], at, part);
    else percentage(draft, part, [...path, "percent"], at);
    return { reader, path, symbol, ...convertParts(context, draft, reader, path) };
  });
  // Those that scale come first: where the main variant does not, theirs are the manifest's policies.
  const scaled = converted.map(({ path, symbol, vcpu }) => {
    if (symbol === undefined) return undefined;
    const endpointName = symbolicName(context, endpoint);
    const variant = { endpointName, variantName: symbol, mode: "provisioned", vcpu, path };
    return convertFurtherScaling(context, draft, variant, mainScales);
  });
  for (const [index, { reader, path }] of converted.entries()) {
    replicas(draft, reader, path, scaled[index], mainScales);
    draft.loseAll(reader.rest(VARIANT_REASONS));
  }
  return converted.flatMap(({ model }) => (model === undefined ? [] : [model]));
}

/** Carries over the shadow variant. @returns its model's properties, for the tags. */
export function convertShadow(
  context: Context,
  draft: Draft,
  { endpoint, main, shadow }: Pick<Variants, "endpoint" | "main"> & { readonly shadow: TemplateVariant },
): readonly Reader[] {
  const { reader, weight } = shadow;
  const path = [...OPTIONS, "shadow"];
  const name = reader.node("VariantName");
  if (name !== undefined)
    draft.lose(name.place, `the shadow variant is named ${SHADOW}: dashboards must follow`);
  sampling(draft, main.weight, weight, reader, [...path, "percent"]);
  const { model } = convertParts(context, draft, reader, path);
  const count = reader.number("InitialInstanceCount");
  if (count?.kind === "given") draft.need([...path, "instances"], count.value, count.place);
  else if (count !== undefined) draft.fillFrom([...path, "instances"], count);
  const symbol = symbolOf(context, reader, "VariantName");
  if (symbol !== undefined)
    leaveScaling(
      context,
      draft,
      { endpointName: symbolicName(context, endpoint), variantName: symbol },
      "a shadow variant has a fixed number of instances",
    );
  draft.loseAll(reader.rest(VARIANT_REASONS));
  return model === undefined ? [] : [model];
}

/** Shares in percent, or why they cannot be told. */
function shares(
  variants: readonly TemplateVariant[],
): (weight: Value<number>) => { readonly exact: number } | string {
  const unknown = variants.flatMap(({ weight }) => (weight?.kind === "open" ? [weight.reason] : []))[0];
  if (unknown !== undefined) return () => `the shares cannot be told: a weight ${unknown}`;
  const total = variants.reduce((sum, { weight }) => sum + weightOf(weight), 0);
  return (weight) => ({ exact: total > 0 ? (100 * weightOf(weight)) / total : 0 });
}

function weightOf(weight: Value<number>): number {
  return weight?.kind === "given" ? weight.value : 1;
}

/** SageMaker copies the shadow's weight of the main variant's: https://docs.aws.amazon.com/sagemaker/latest/dg/model-shadow-deployment.html (2026-11). */
function sampling(
  draft: Draft,
  main: Value<number>,
  shadow: Value<number>,
  reader: Reader,
  path: ManifestPath,
): void {
  const at = shadow?.place ?? reader.placeOf("InitialVariantWeight");
  const unknown = [main, shadow].find((weight) => weight?.kind === "open");
  if (unknown?.kind === "open") {
    draft.fill(path, at, `the share cannot be told: a weight ${unknown.reason}`, unknown.fix);
    return;
  }
  const [whole, part] = [weightOf(main), weightOf(shadow)];
  if (whole <= 0 || part <= 0)
    draft.fill(path, at, "nothing is copied with these weights; say how much, or remove shadow");
  else if (part > whole) {
    draft.set(path, 100);
    draft.lose(at, "is more than the production variant's weight; every request is copied");
  } else percentage(draft, { exact: (100 * part) / whole }, path, at);
}

function percentage(
  draft: Draft,
  { exact }: { readonly exact: number },
  path: ManifestPath,
  at: Place,
): void {
  const percent = Number(exact.toFixed(SHARE_DIGITS));
  draft.need(path, percent, at);
  if (Math.abs(percent - exact) > 1e-9)
    draft.lose(at, `is ${exact.toPrecision(12)} percent, which is rounded to ${percent}`);
}

/** The variant's own name, unless the manifest does not take it, or the main one has it now. */
function nameOf(draft: Draft, reader: Reader, path: ManifestPath, taken: Set<string>): void {
  const given = reader.text("VariantName");
  const at = given?.place ?? reader.placeOf("VariantName");
  const own = given?.kind === "given" ? given.value : "variant";
  const named = draft.problem([...path, "name"], own) === undefined ? own : "variant";
  let name = named;
  for (let number = 2; taken.has(name.toLowerCase()); number += 1) name = `${named.slice(0, 59)}-${number}`;
  taken.add(name.toLowerCase());
  draft.need([...path, "name"], name, at);
  if (given?.kind === "given" && name === own) return;
  const why = given?.kind === "open" ? `${given.reason}; ` : "";
  draft.lose(
    at,
    `${why}the variant is named ${name}: whoever names it (TargetVariant, dashboards) must follow`,
  );
}

/** What a variant runs and on what, held against the main one: what differs is its own, or cannot be carried over. */
function convertParts(
  context: Context,
  draft: Draft,
  variant: Reader,
  path: ManifestPath,
): { readonly vcpu: number | undefined; readonly model: Reader | undefined } {
  const own = draft.beside();
  own.set(OPTIONS, {});
  const vcpu = convertInstances(own, variant, "provisioned");
  const model = convertModel(context, own, variant, "provisioned");
  // Variants may share a model: what is said of it is said once.
  const said = new Set([...draft.carried, ...draft.notCarried].map(keyOf));
  const same = (to: ManifestPath) => isDeepStrictEqual(own.at(to), draft.at(to));
  const told = new Set<string>();

  for (const entry of own.carried) {
    const to = stepsOf(entry.to);
    const field = OWN[entry.to] ?? (isVariable(to) ? ["environment", ...to.slice(2)] : undefined);
    told.add(entry.to);
    const target =
      entry.to === "model"
        ? path
        : same(to)
          ? to
          : field === undefined
            ? undefined
            : [...path, ...(typeof field === "string" ? [field] : field)];
    if (target === undefined) {
      if (!said.has(keyOf(entry))) draft.lose(placeOf(entry), alike(entry.to));
      continue;
    }
    if (field !== undefined && target !== to) draft.set(target, own.at(to) ?? null);
    if (!said.has(keyOf(entry))) draft.coverAll([{ ...entry, to: formatPath(target) }]);
  }
  for (const entry of own.notCarried) {
    if (said.has(keyOf(entry))) continue;
    if (entry.effect === "fill") gap(draft, entry, path);
    else draft.loseAll([entry]);
  }
  const silent = SHARED.filter((field) => !told.has(formatPath(field)) && !same(field));
  const missing = [
    ...silent.map(formatPath),
    ...(draft.has(["model", "artifact"]) && !own.has(["model", "artifact"]) ? ["model.artifact"] : []),
    ...namesOnly(draft, own, "environment"),
    ...namesOnly(draft, own, "secrets"),
  ];
  if (missing.length > 0)
    draft.lose(variant.place, `gets what it does not have here from the main variant: ${missing.join(", ")}`);
  lower(draft, own);
  return { vcpu, model };
}

/** A replica must fit the instances of every variant: it needs what the smallest has. */
function lower(draft: Draft, own: Draft): void {
  const path = (name: string) => ["resources", name];
  const amounts = ["cpu", "memory", "gpu"].map((name) => {
    const [theirs, mine] = [draft, own].map((each) => amountOf(each.at(path(name)), name === "gpu"));
    return { name, less: theirs !== undefined && mine !== undefined && mine < theirs };
  });
  for (const { name, less } of amounts) if (less) draft.set(path(name), own.at(path(name)) ?? 0);
  if (amounts.some(({ less }) => less))
    draft.remark(["resources"], "what every variant's instances have; say less where a replica needs less");
}

/** A number, or a size in bytes; undefined where there is none to compare. */
function amountOf(value: Data | undefined, absentIsNone: boolean): number | undefined {
  if (value === undefined) return absentIsNone ? 0 : undefined;
  if (typeof value === "number") return value;
  return typeof value === "string" ? Size.tryParse(value)?.bytes : undefined;
}

function isVariable(path: ManifestPath): boolean {
  return path[0] === "model" && path[1] === "environment";
}

/** Variables that the main variant has, and this one does not. */
function namesOnly(draft: Draft, own: Draft, map: "environment" | "secrets"): readonly string[] {
  const [theirs, mine] = [draft.at(["model", map]), own.at(["model", map])];
  if (!isDataObject(theirs)) return [];
  return Object.keys(theirs)
    .filter((name) => !isDataObject(mine) || !Object.hasOwn(mine, name))
    .map((name) => `model.${map}.${name}`);
}

/** A gap of a variant: in what it has of its own; what it shares is the main one's to fill in. */
function gap(draft: Draft, entry: NotCarried, path: ManifestPath): void {
  const to = stepsOf(entry.to ?? "");
  const field = OWN[entry.to ?? ""];
  if (field !== undefined) draft.fill([...path, field], placeOf(entry), entry.reason, entry.fix);
  else if (isVariable(to)) draft.fill([...path, ...to.slice(1)], placeOf(entry), entry.reason, entry.fix);
  else if (to[0] !== "resources") {
    const effect: Effect = draft.has(to) ? "none" : "differs";
    draft.lose(placeOf(entry), `${entry.reason}; ${alike(entry.to ?? "")}`, effect);
  }
}

/** Instances without a range, and the number that a range starts with. */
function replicas(
  draft: Draft,
  variant: Reader,
  path: ManifestPath,
  scaled: { readonly min: number | undefined } | undefined,
  mainScales: boolean,
): void {
  const count = variant.number("InitialInstanceCount");
  const at = count?.place ?? variant.placeOf("InitialInstanceCount");
  if (scaled !== undefined) {
    if (count?.kind === "given" && count.value === scaled.min)
      draft.cover(at, formatPath([...path, "scaling"]));
    else if (count !== undefined) draft.lose(at, "a variant starts with the fewest of its range");
    return;
  }
  const field = [...path, "scaling", "min"];
  if (count?.kind !== "given")
    draft.fill(field, at, count?.reason ?? "the variant has no number of instances", count?.fix);
  else if (!mainScales && !draft.has(["scaling", "policies"]) && draft.at(["scaling", "min"]) === count.value)
    draft.cover(at, "scaling.min");
  else draft.need(field, count.value, at);
}

function alike(to: string): string {
  return `${to} is one for all variants, and the main one's is taken`;
}

function keyOf({ resource, path }: Pick<NotCarried, "resource" | "path">): string {
  return `${resource}\u0000${path}`;
}

function placeOf({ resource, path, line, column }: Omit<NotCarried, "reason" | "effect">): Place {
  return { resource, path, position: { line, column } };
}
