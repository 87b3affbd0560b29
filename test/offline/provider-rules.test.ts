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
  ["aws_vpc_security_group_ingress_rule", "security_group_id"],
  ["kubernetes_deployment_v1", "metadata.name"],
  ["kubernetes_stateful_set_v1", "spec.service_name"],
  ["docker_container", "image"],
])("%s is replaced when %s changes", (type, path) => expect(rulesOf(type).forceNew).toContain(path));

test("a type without rules has none", () => {
  expect(rulesOf("aws_nothing")).toEqual({
    forceNew: [],
    forceNewOnPresence: [],
    sensitive: [],
    items: {},
    computedBlocks: [],
    recomputed: [],
  });
  expect(sourcesOf("aws_nothing")).toEqual([]);
});
