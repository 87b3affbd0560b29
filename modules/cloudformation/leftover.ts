import type { Position } from "../manifest/load";
import { type Context, exists } from "./context";
import { type Effect, type NotCarried, placed } from "./report";
import type { Template, TemplateNode } from "./template";

/** A macro somewhere in a template. */
export interface Macro {
  readonly name: string;
  readonly position: Position;
}

/** The macros of a template: of its `Transform` section, and functions anywhere in it. */
export function macros({ root }: Template): readonly Macro[] {
  const found: Macro[] = [];
  const section = root.entries.get("Transform");
  if (section !== undefined) {
    const { value, keyPosition } = section;
    const names = value.kind === "list" ? value.items : [value];
    for (const node of names)
      found.push({ name: node.kind === "scalar" ? String(node.value) : "Transform", position: keyPosition });
  }
  const visit = (node: TemplateNode): void => {
    if (node.kind === "call") {
      if (isMacro(node.name)) found.push({ name: node.name, position: node.position });
      visit(node.argument);
    }
    if (node.kind === "list") node.items.forEach(visit);
    if (node.kind !== "map") return;
    for (const [name, { keyPosition, value }] of node.entries) {
      if (isMacro(name)) found.push({ name, position: keyPosition });
      visit(value);
    }
  };
  visit(root);
  return found;
}

function isMacro(name: string): boolean {
  return name === "Fn::Transform" || name.startsWith("Fn::ForEach");
}

interface Verdict {
  readonly reason: string;
  readonly effect: Effect;
}

const ELSEWHERE: Verdict = {
  reason: "is no part of an endpoint: leave it in a stack, and name it in the manifest where it is used",
  effect: "none",
};
const NOBODY: Verdict = { reason: "no endpoint that was imported uses it", effect: "none" };

const TYPES: Readonly<Record<string, Verdict | undefined>> = {
  "AWS::SageMaker::Endpoint": {
    reason: "could not be imported, for the error that is reported",
    effect: "differs",
  },
  "AWS::SageMaker::Model": NOBODY,
  "AWS::SageMaker::EndpointConfig": NOBODY,
  "AWS::ApplicationAutoScaling::ScalableTarget": {
    reason: "scales no endpoint that was imported",
    effect: "differs",
  },
  "AWS::ApplicationAutoScaling::ScalingPolicy": {
    reason: "scales no endpoint that was imported",
    effect: "differs",
  },
  "AWS::CloudWatch::Alarm": {
    reason:
      "modelport makes alarms of its own: errors, latency where workload.slo states a goal, the age of a queue",
    effect: "differs",
  },
  "AWS::CloudWatch::Dashboard": { reason: "modelport makes a dashboard of its own", effect: "differs" },
  "AWS::IAM::Role": {
    reason: "modelport makes a role with what the model needs; name one in security.roleArn to keep it",
    effect: "differs",
  },
  "AWS::KMS::Key": {
    reason: "modelport makes a key for everything; name one in security.kmsKeyArn to keep it",
    effect: "differs",
  },
};

/** Sections that are evaluated on import. */
const EVALUATED = new Set(["Parameters", "Mappings", "Conditions"]);
const IGNORED = new Set(["Resources", "AWSTemplateFormatVersion", "Transform"]);

/** What of a template is in no manifest: resources that no endpoint accounts for, and sections. */
export function leftOver({ template, evaluator, used }: Context, described: boolean): readonly NotCarried[] {
  const entries: NotCarried[] = [];
  for (const resource of template.resources.values()) {
    if (used.has(resource.id)) continue;
    const { id, type, position } = resource;
    const verdict: Verdict =
      exists(evaluator, resource) === false
        ? { reason: "is not made under its condition", effect: "none" }
        : (TYPES[type] ??
          (type.startsWith("AWS::SageMaker::")
            ? { reason: `${type} has no counterpart`, effect: "differs" }
            : ELSEWHERE));
    entries.push({ ...placed({ resource: id, path: "", position }), ...verdict });
  }
  for (const [name, { keyPosition, value }] of template.root.entries) {
    const section = { ...placed({ resource: "", path: name, position: keyPosition }) };
    if (IGNORED.has(name) || (name === "Description" && described)) continue;
    if (EVALUATED.has(name))
      entries.push({
        ...section,
        reason:
          "was evaluated with the values at hand; what differs from environment to environment belongs into `environments`",
        effect: "none",
      });
    else if (name === "Outputs" && value.kind === "map") {
      for (const [output, entry] of value.entries) {
        const exported = entry.value.kind === "map" && entry.value.entries.has("Export");
        entries.push({
          ...placed({ resource: "", path: `Outputs.${output}`, position: entry.keyPosition }),
          reason: exported
            ? "is exported to other stacks, which must take it from elsewhere"
            : "stacks of modelport have outputs of their own",
          effect: exported ? "differs" : "none",
        });
      }
    } else entries.push({ ...section, reason: "is CloudFormation's own", effect: "none" });
  }
  for (const { name, position } of macros(template))
    entries.push({
      ...placed({ resource: "", path: name, position }),
      reason: "is a macro, which is not run: what it would add is not seen",
      effect: "differs",
    });
  return entries;
}
