import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { rulesOf, sourcesOf, typesWithRules } from "../../modules/offline/provider-rules";
import { deriveSchema } from "../../modules/offline/derive-schema";
import { installedProviders } from "../../modules/offline/provider-packages";
import type { Block } from "../../modules/offline/schema";

const providers = installedProviders();

function schemaOf(type: string): Block | undefined {
  const provider = providers.find(({ prefix }) => type.startsWith(`${prefix}_`));
  return provider === undefined ? undefined : deriveSchema(provider, "resource", type);
}

function resolves(block: Block, path: string[]): boolean {
  const [first, ...rest] = path;
  const nested = block.blocks.find(({ name }) => name === first);
  if (nested !== undefined) return rest.length === 0 || resolves(nested.block, rest);
  // What is below an attribute of object type is not checked further.
  return block.attributes.some(({ name }) => name === first);
}

test("every rule has a source and the date of it", () => {
  for (const type of typesWithRules()) {
    const sources = sourcesOf(type);
    expect([type, sources.length]).not.toEqual([type, 0]);
    for (const { source, asOf } of sources) {
      expect(source).not.toBe("");
      expect(asOf).toMatch(/^20\d\d(-\d\d){0,2}$/);
    }
  }
});

/** Every TypeScript file below a folder. */
function sourcesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => readFileSync(join(folder, file), "utf8"));
}

const root = join(__dirname, "../..");
const sources = ["targets", "modules"].flatMap((folder) => sourcesBelow(join(root, folder)));

/** The types that targets and modules make, each with the sources that import it. */
const used = new Map<string, string[]>();
for (const source of sources) {
  for (const [, prefix = "", name = ""] of source.matchAll(
    /from "@cdktf\/provider-([a-z]+)\/lib\/([a-z0-9-]+)"/g,
  )) {
    if (name === "provider") continue;
    const type = `${prefix}_${name.replaceAll("-", "_")}`;
    used.set(type, [...(used.get(type) ?? []), source]);
  }
}
const usedTypes = [...used.keys()].sort();

test("the types that our targets make are found", () => {
  expect(usedTypes.length).toBeGreaterThan(70);
  expect(usedTypes).toEqual(
    expect.arrayContaining(["aws_sagemaker_model", "kubernetes_deployment_v1", "docker_container"]),
  );
});

describe.each(usedTypes)("the rules of %s", (type) => {
  test("were looked up", () => {
    const found = sourcesOf(type);
    expect(found).not.toEqual([]);
    for (const { source } of found) expect(source).not.toMatch(/recall|remember/);
  });

  test("leave nothing open that our targets set", () => {
    for (const path of rulesOf(type).unread) {
      const names = path
        .split(".")
        .map((name) => name.replace(/_(\w)/g, (_match, next: string) => next.toUpperCase()));
      const users = used
        .get(type)
        ?.filter((source) => names.every((name) => new RegExp(`\\b${name}\\b`).test(source)));
      expect([path, users]).toEqual([path, []]);
    }
  });

  test("are about something the package has", () => {
    const block = schemaOf(type);
    if (block === undefined) throw new Error(`no ${type}`);
    const rules = rulesOf(type);
    const addresses = [
      ...Object.values(rules.conflicts).flat(),
      ...Object.values(rules.requiredWith).flat(),
      ...rules.exactlyOneOf.flat(),
    ];
    const paths = [
      ...rules.forceNew,
      ...rules.forceNewOnPresence,
      ...rules.forceNewOnRemoval,
      ...Object.entries(rules.forceNewUnless).flat(),
      ...rules.sensitive,
      ...Object.keys(rules.items),
      ...Object.keys(rules.conflicts),
      ...Object.keys(rules.requiredWith),
      ...addresses.map((address) => address.replaceAll(/\.\d+(?=\.|$)/g, "")),
      ...rules.unread,
      ...rules.recomputed,
      ...rules.computedBlocks,
    ];
    const isKnown = (path: string): boolean => resolves(block, path.split("."));
    expect(paths.filter((path) => !isKnown(path))).toEqual([]);
  });
});

test("nearly every rule is about something the installed packages have", () => {
  let [known, unknown] = [0, 0];
  for (const type of typesWithRules()) {
    const block = schemaOf(type);
    const { forceNew, forceNewOnPresence, sensitive, computedBlocks, items } = rulesOf(type);
    for (const path of [...forceNew, ...forceNewOnPresence, ...sensitive, ...Object.keys(items)]) {
      if (block !== undefined && resolves(block, path.split("."))) known++;
      else unknown++;
    }
    for (const name of computedBlocks) {
      expect([type, name, block?.blocks.some((nested) => nested.name === name)]).toEqual([type, name, true]);
    }
  }
  // The rules were read from other versions than the packages': a few attributes are gone, a few not there yet.
  expect(known).toBeGreaterThan(2000);
  expect(unknown / (known + unknown)).toBeLessThan(0.04);
});

test.each([
  ["aws_lambda_function", "function_name"],
  ["aws_sagemaker_endpoint_configuration", "production_variants.instance_type"],
  ["aws_ecs_task_definition", "container_definitions"],
  ["aws_lb_target_group", "port"],
  ["aws_sagemaker_endpoint_configuration", "production_variants.inference_ami_version"],
  ["aws_sagemaker_model", "vpc_config.subnets"],
  ["aws_eks_cluster", "bootstrap_self_managed_addons"],
  ["aws_vpc_security_group_ingress_rule", "security_group_id"],
  ["kubernetes_deployment_v1", "metadata.name"],
  ["kubernetes_stateful_set_v1", "spec.service_name"],
  ["docker_container", "image"],
])("%s is replaced when %s changes", (type, path) => expect(rulesOf(type).forceNew).toContain(path));

test("a type without rules has none", () => {
  expect(rulesOf("aws_nothing")).toEqual({
    forceNew: [],
    forceNewOnPresence: [],
    forceNewOnRemoval: [],
    forceNewUnless: {},
    sensitive: [],
    items: {},
    conflicts: {},
    requiredWith: {},
    exactlyOneOf: [],
    framework: false,
    computedBlocks: [],
    recomputed: [],
    unread: [],
  });
  expect(sourcesOf("aws_nothing")).toEqual([]);
});
