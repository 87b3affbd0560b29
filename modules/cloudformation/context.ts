import type { Target } from "../../targets/target";
import type { Evaluator } from "./intrinsics";
import { Reader } from "./reader";
import { type NotCarried, placed } from "./report";
import type { Resource, Template } from "./template";

/** The target that SageMaker endpoints are carried over to. */
export const TARGET = "sagemaker-realtime";

/** What a conversion works with. */
export interface Context {
  readonly template: Template;
  readonly evaluator: Evaluator;
  /** For comparing what two places refer to; its values go nowhere. */
  readonly symbols: Evaluator;
  /** The target that endpoints are carried over to. */
  readonly target: Target;
  /** Resources that some endpoint accounts for, by logical id. */
  readonly used: Set<string>;
  /** Alarms by what their actions refer to, as {@link alarmsByAction} finds them. */
  readonly alarms: ReadonlyMap<string, readonly Resource[]>;
}

/** Resources of a type that exist, as far as their conditions can be told. In the template's order. */
export function resourcesOf(
  { template, evaluator }: Pick<Context, "template" | "evaluator">,
  type: string,
): readonly Resource[] {
  return [...template.resources.values()].filter(
    (resource) => resource.type === type && exists(evaluator, resource) !== false,
  );
}

/** Whether a resource is made; undefined where that cannot be told. */
export function exists(evaluator: Evaluator, { attributes }: Resource): boolean | undefined {
  const condition = attributes.get("Condition");
  if (condition === undefined) return true;
  const { value, keyPosition } = condition;
  if (value.kind !== "scalar" || typeof value.value !== "string") return undefined;
  const holds = evaluator.condition(value.value, keyPosition);
  return typeof holds === "boolean" ? holds : undefined;
}

/** What a place refers to, with marks for names that the stack makes up; undefined where it cannot be told. */
export function symbolOf({ symbols }: Context, reader: Reader, name: string): string | undefined {
  const item = reader.node(name);
  if (item === undefined) return undefined;
  const text = symbols.text(item.node);
  return text.kind === "text" ? text.text : undefined;
}

/** The name that places refer to a resource by. */
export function symbolicName({ symbols }: Context, resource: Resource): string {
  const name = symbols.nameOf(resource);
  return name.kind === "text" ? name.text : `\u0000${resource.id}\u0000`;
}

/** Whether a symbol is a name, or an ARN that ends in it. */
export function isNamed(symbol: string | undefined, name: string): boolean {
  return symbol === name || (symbol?.startsWith("arn:") === true && symbol.endsWith(`/${name}`));
}

/** Alarms by what their actions refer to. */
export function alarmsByAction(
  context: Pick<Context, "template" | "evaluator" | "symbols">,
): ReadonlyMap<string, readonly Resource[]> {
  const found = new Map<string, Resource[]>();
  for (const alarm of resourcesOf(context, "AWS::CloudWatch::Alarm")) {
    const actions = Reader.of(alarm, context.evaluator).list("AlarmActions");
    if (actions?.kind !== "given") continue;
    for (const { node } of actions.value) {
      const symbol = context.symbols.text(node);
      if (symbol.kind !== "text") continue;
      const alarms = found.get(symbol.text) ?? [];
      if (!alarms.includes(alarm)) alarms.push(alarm);
      found.set(symbol.text, alarms);
    }
  }
  return found;
}

/** What `Ref` and attributes of a resource without a name of its own look like to a symbolic evaluator. */
export function symbolsOf(id: string): readonly string[] {
  return ["", ".Id", ".Arn"].map((suffix) => `\u0000${id}${suffix}\u0000`);
}

/** Whether a symbol stands for a resource that has no name of its own: by `Ref`, or by its id or ARN. */
export function refersTo(symbol: string | undefined, { id }: Resource): boolean {
  return (
    symbol !== undefined && ["", ".Id", ".Arn"].some((suffix) => symbol === `\u0000${id}${suffix}\u0000`)
  );
}

const KEPT = "Terraform removes what is taken out of the configuration";

/** A resource's attributes beside its properties; what of them the deployment will not have. */
export function attributesOf({ evaluator }: Context, resource: Resource): readonly NotCarried[] {
  const { id, attributes } = resource;
  return [...attributes].flatMap(([name, { keyPosition, value }]): NotCarried[] => {
    const entry = (reason: string, effect: NotCarried["effect"]): NotCarried[] => [
      { ...placed({ resource: id, path: name, position: keyPosition }), reason, effect },
    ];
    switch (name) {
      case "Condition": {
        const known = exists(evaluator, resource);
        return known === undefined
          ? entry("cannot be decided with what is known; the resource is taken to exist", "differs")
          : entry("was evaluated with the values at hand", "none");
      }
      case "DependsOn":
        return entry("the order follows from what refers to what", "none");
      case "Metadata":
        return entry("is CloudFormation's own", "none");
      case "DeletionPolicy":
      case "UpdateReplacePolicy":
        return value.kind === "scalar" && value.value === "Delete"
          ? entry("is what Terraform does too", "none")
          : entry(KEPT, "differs");
      case "Properties":
        return entry("are made by a function, which is not evaluated there", "differs");
      default:
        return entry("has no counterpart in the manifest", "differs");
    }
  });
}
