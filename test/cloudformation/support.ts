import { join } from "node:path";
import {
  type ImportedManifest,
  type ImportOptions,
  type ImportReport,
  convertTemplate,
  importTemplate,
} from "../../modules/cloudformation/import";
import type { NotCarried } from "../../modules/cloudformation/report";
import { loadTemplateText, type Template, type TemplateNode } from "../../modules/cloudformation/template";
import { targets } from "../../targets";

export const TEMPLATES = join(__dirname, "templates");

const OPTIONS: ImportOptions = {
  parameters: [],
  region: "eu-west-1",
  account: "123456789012",
  out: "out",
  registry: targets,
};

export function importFile(name: string, options: Partial<ImportOptions> = {}): ImportReport {
  return importTemplate(join(TEMPLATES, name), { ...OPTIONS, ...options });
}

/** Reads a template that is expected to be one. */
export function templateOf(text: string): Template {
  const { template, issues } = loadTemplateText(text, "template.yaml");
  if (template === null) throw new Error(JSON.stringify(issues));
  return template;
}

export function importText(text: string, options: Partial<ImportOptions> = {}): ImportReport {
  return convertTemplate(templateOf(text), { ...OPTIONS, ...options });
}

export function only(report: ImportReport): ImportedManifest {
  const [manifest, second] = report.manifests;
  if (manifest === undefined || second !== undefined) throw new Error(`${report.manifests.length} manifests`);
  return manifest;
}

/** `12 Resource.Path: reason` of what has one of the effects. */
export function lost(
  { notCarried }: { readonly notCarried: readonly NotCarried[] },
  effect: NotCarried["effect"],
): readonly string[] {
  return notCarried
    .filter((entry) => entry.effect === effect)
    .map(({ resource, path, line }) => `${line} ${[resource, path].filter((part) => part !== "").join(".")}`);
}

/**
 * Properties of a template's resources that a report does not speak of: neither of themselves, nor of what they stand
 * in, nor of something in them.
 */
export function unspoken(template: Template, report: ImportReport): readonly string[] {
  const spoken = new Map<string, string[]>();
  const entries = [
    ...report.notCarried,
    ...report.manifests.flatMap(({ carried, notCarried }) => [...carried, ...notCarried]),
  ];
  for (const { resource, path } of entries) spoken.set(resource, [...(spoken.get(resource) ?? []), path]);
  const within = (inner: string, outer: string) =>
    outer === "" || inner === outer || inner.startsWith(`${outer}.`) || inner.startsWith(`${outer}[`);
  return [...template.resources.values()].flatMap(({ id, properties }) => {
    const paths = spoken.get(id) ?? [];
    return leaves(properties, "Properties")
      .filter((leaf) => !paths.some((path) => within(leaf, path)))
      .map((leaf) => `${id}.${leaf}`);
  });
}

function leaves(node: TemplateNode, path: string): readonly string[] {
  if (node.kind === "map")
    return [...node.entries].flatMap(([name, { value }]) => leaves(value, `${path}.${name}`));
  if (node.kind === "list") return node.items.flatMap((item, index) => leaves(item, `${path}[${index}]`));
  return [path];
}
