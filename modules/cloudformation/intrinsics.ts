import type { Region } from "../aws/regions";
import type { Position } from "../manifest/load";
import type { CallNode, ListNode, MapNode, Resource, ScalarNode, Template, TemplateNode } from "./template";

/** What a stack is made with beside its template. */
export interface StackInputs {
  /** `--parameter`, by name. */
  readonly parameters: ReadonlyMap<string, string>;
  /** Undefined leaves `AWS::Region`, `AWS::Partition` and `AWS::URLSuffix` open. */
  readonly region: Region | undefined;
  readonly account: string | undefined;
  readonly stackName: string | undefined;
}

/** A value that the template alone does not give. */
export interface Unresolved {
  readonly kind: "unresolved";
  readonly position: Position;
  /** Why, in words that fit after the property's name. */
  readonly reason: string;
  /** What to do about it, where a further run of the command can have the value. */
  readonly fix?: string;
  /** A dynamic reference as it is written, without its braces: `resolve:secretsmanager:...`. */
  readonly dynamic?: string;
}

/** A property that is removed by `AWS::NoValue`. */
export interface Absent {
  readonly kind: "absent";
  readonly position: Position;
}

/** A value without functions at its top; what is inside a list or a map is still to be resolved. */
export type Resolved = ScalarNode | ListNode | MapNode | Unresolved | Absent;

export interface Text {
  readonly kind: "text";
  readonly text: string;
}

/** Bounds of evaluation, for templates that were made to have none. */
const LIMITS = {
  /** Characters of one value; CloudFormation's own limit for a parameter's value is 4,096. */
  characters: 16_384,
  /** Functions within functions, references followed. */
  depth: 256,
} as const;

/**
 * Encloses a resource's id where its name, which nobody knows yet, would stand. The reader refuses control characters,
 * so no template can hold one.
 */
const MARK = "\u0000";

/** Resources whose name `Ref` returns, or whose name is the last part of what it returns, by the property that sets it. */
const NAMED: Readonly<
  Record<string, { readonly property: string; readonly attribute?: string } | undefined>
> = {
  "AWS::S3::Bucket": { property: "BucketName" },
  "AWS::ECR::Repository": { property: "RepositoryName" },
  "AWS::SNS::Topic": { property: "TopicName", attribute: "TopicName" },
  "AWS::CloudWatch::Alarm": { property: "AlarmName" },
  "AWS::SageMaker::Model": { property: "ModelName", attribute: "ModelName" },
  "AWS::SageMaker::EndpointConfig": { property: "EndpointConfigName", attribute: "EndpointConfigName" },
  "AWS::SageMaker::Endpoint": { property: "EndpointName", attribute: "EndpointName" },
  "AWS::Logs::LogGroup": { property: "LogGroupName" },
};

/**
 * Evaluates the intrinsic functions of a template as far as its own text and the inputs go. Nothing is fetched; what
 * only AWS knows stays unresolved, with the reason.
 *
 * A symbolic evaluator puts marks where names stand that the stack makes up, so that two places that mean the same
 * resource can be compared. Its values are for comparing only.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html (2026-11)
 */
export class Evaluator {
  private depth = 0;
  /** Outcomes by function, as a template is asked for the same places again and again. */
  private readonly outcomes = new WeakMap<CallNode, Resolved>();
  private readonly conditions = new Map<string, boolean | Unresolved | "open">();
  private readonly names = new Map<string, Text | Unresolved | Absent | "open">();

  constructor(
    private readonly template: Template,
    private readonly inputs: StackInputs,
    private readonly symbolic = false,
  ) {}

  /** A value with the functions at its top evaluated. */
  resolve(node: TemplateNode): Resolved {
    if (node.kind === "scalar" && node.problem !== undefined) return unresolved(node, node.problem);
    if (node.kind !== "call") return node;
    const known = this.outcomes.get(node);
    if (known !== undefined) return known;
    if (this.depth >= LIMITS.depth) return unresolved(node, TOO_MANY);
    this.depth += 1;
    const outcome = this.call(node);
    this.depth -= 1;
    this.outcomes.set(node, outcome);
    return outcome;
  }

  /** A value as text; numbers and truth values as CloudFormation passes them on. */
  text(node: TemplateNode): Text | Unresolved | Absent {
    const resolved = this.resolve(node);
    if (resolved.kind === "unresolved" || resolved.kind === "absent") return resolved;
    if (resolved.kind !== "scalar") return unresolved(node, "is a list or a map where text belongs");
    if (resolved.value === null) return unresolved(node, "is empty");
    const text = String(resolved.value);
    const dynamic = this.symbolic ? undefined : /\{\{(resolve:[^{}]{1,2048})\}\}/.exec(text)?.[1];
    if (dynamic !== undefined) {
      const secret = !dynamic.startsWith("resolve:ssm:");
      const reason = `is a dynamic reference to ${secret ? "a secret" : "an SSM parameter"}, which only AWS can read`;
      return { ...unresolved(node, reason), dynamic };
    }
    return { kind: "text", text };
  }

  /** Whether a condition holds. */
  condition(name: string, position: Position): boolean | Unresolved {
    const known = this.conditions.get(name);
    if (known === "open")
      return unresolved({ position }, `hangs on the condition ${name}, which refers to itself`);
    if (known !== undefined) return known;
    const section = this.template.root.entries.get("Conditions")?.value;
    const node = section?.kind === "map" ? section.entries.get(name)?.value : undefined;
    if (node === undefined)
      return unresolved({ position }, `hangs on the condition ${name}, which does not exist`);
    this.conditions.set(name, "open");
    const outcome = this.test(node);
    const result =
      typeof outcome === "boolean"
        ? outcome
        : { ...outcome, reason: `hangs on the condition ${name}, which ${outcome.reason}` };
    this.conditions.set(name, result);
    return result;
  }

  /** The name of a resource: as it is set, or in a symbolic evaluator a mark where the stack makes one up. */
  nameOf(resource: Resource): Text | Unresolved | Absent {
    const known = this.names.get(resource.id);
    if (known === "open")
      return unresolved(resource, `refers to ${resource.id}, whose name refers to itself`);
    if (known !== undefined) return known;
    this.names.set(resource.id, "open");
    const property = NAMED[resource.type]?.property;
    const node = property === undefined ? undefined : resource.properties.entries.get(property)?.value;
    const given = node === undefined ? undefined : this.text(node);
    const name =
      given !== undefined && given.kind !== "absent"
        ? given
        : this.symbolic
          ? ({ kind: "text", text: `${MARK}${resource.id}${MARK}` } as const)
          : unresolved(resource, `refers to ${described(resource)}, whose name CloudFormation makes up`);
    this.names.set(resource.id, name);
    return name;
  }

  /** The outcome of a condition's expression; false and true win over what is not known, where they decide. */
  private test(node: TemplateNode): boolean | Unresolved {
    if (node.kind === "map" && node.entries.size === 1) {
      const named = node.entries.get("Condition")?.value;
      if (named !== undefined) return this.named(named);
    }
    if (node.kind !== "call") return unresolved(node, "is no condition");
    if (this.depth >= LIMITS.depth) return unresolved(node, TOO_MANY);
    this.depth += 1;
    const outcome = this.testCall(node);
    this.depth -= 1;
    return outcome;
  }

  private testCall({ name, argument, position }: CallNode): boolean | Unresolved {
    if (name === "Condition") return this.named(argument);
    const items = argument.kind === "list" ? argument.items : [];
    switch (name) {
      case "Fn::Equals": {
        const [left, right] = items;
        if (left === undefined || right === undefined)
          return unresolved({ position }, "compares less than two values");
        const [a, b] = [this.text(left), this.text(right)];
        if (a.kind === "unresolved") return a;
        if (b.kind === "unresolved") return b;
        return a.kind === "text" && b.kind === "text" && a.text === b.text;
      }
      case "Fn::Not": {
        const [only] = items;
        if (only === undefined) return unresolved({ position }, "negates nothing");
        const outcome = this.test(only);
        return typeof outcome === "boolean" ? !outcome : outcome;
      }
      case "Fn::And":
      case "Fn::Or": {
        const decisive = name === "Fn::Or";
        let open: Unresolved | undefined;
        for (const item of items) {
          const outcome = this.test(item);
          if (outcome === decisive) return decisive;
          if (typeof outcome !== "boolean") open ??= outcome;
        }
        return open ?? !decisive;
      }
      default:
        return unresolved({ position }, `uses ${name}, which is not evaluated in conditions`);
    }
  }

  private named(node: TemplateNode): boolean | Unresolved {
    return node.kind === "scalar" && typeof node.value === "string"
      ? this.condition(node.value, node.position)
      : unresolved(node, "names no condition");
  }

  private call(node: CallNode): Resolved {
    const { name, argument, position } = node;
    const items = argument.kind === "list" ? argument.items : [];
    const malformed = unresolved(node, `has a malformed ${name}`);
    switch (name) {
      case "Ref":
        return argument.kind === "scalar" && typeof argument.value === "string"
          ? this.reference(argument.value, position)
          : malformed;
      case "Fn::GetAtt": {
        const [id, attribute] = items;
        const [of, what] = [id, attribute].map((item) => (item === undefined ? undefined : this.text(item)));
        if (of?.kind === "unresolved") return of;
        if (what?.kind === "unresolved") return what;
        return of?.kind === "text" && what?.kind === "text"
          ? this.attribute(of.text, what.text, position)
          : malformed;
      }
      case "Fn::Sub":
        return this.substitute(node);
      case "Fn::Join": {
        const [delimiter, list] = items;
        if (delimiter === undefined || list === undefined) return malformed;
        const by = this.text(delimiter);
        if (by.kind === "unresolved") return by;
        const parts = this.texts(list);
        if ("kind" in parts) return parts.kind === "absent" ? scalarOf("", position) : parts;
        return scalarOf(parts.join(by.kind === "text" ? by.text : ""), position);
      }
      case "Fn::Split": {
        const [delimiter, source] = items;
        if (delimiter === undefined || source === undefined) return malformed;
        const [by, text] = [this.text(delimiter), this.text(source)];
        if (by.kind === "unresolved") return by;
        if (text.kind !== "text" || by.kind !== "text") return text.kind === "unresolved" ? text : malformed;
        if (by.text === "") return malformed;
        return listOf(text.text.split(by.text), position);
      }
      case "Fn::Select":
        return this.select(items, node);
      case "Fn::If": {
        const [condition, yes, no] = items;
        if (condition === undefined || yes === undefined || no === undefined) return malformed;
        const holds = this.named(condition);
        return typeof holds === "boolean" ? this.resolve(holds ? yes : no) : { ...holds, position };
      }
      case "Fn::FindInMap":
        return this.findInMap(items, node);
      case "Fn::Base64": {
        const text = this.text(argument);
        return text.kind === "text" ? scalarOf(Buffer.from(text.text).toString("base64"), position) : text;
      }
      case "Fn::ImportValue":
        return unresolved(
          node,
          "is imported from another stack (Fn::ImportValue), and only AWS knows its value",
        );
      case "Fn::Transform":
        return unresolved(node, "is made by a macro (Fn::Transform), which is not run");
      case "Fn::GetAZs":
        return unresolved(
          node,
          "lists availability zones (Fn::GetAZs), which differ from account to account",
        );
      case "Fn::Cidr":
        return unresolved(node, "divides an address range (Fn::Cidr), which is not evaluated");
      default:
        return unresolved(node, `uses ${name}, which is not evaluated`);
    }
  }

  private texts(node: TemplateNode): readonly string[] | Unresolved | Absent {
    const list = this.resolve(node);
    if (list.kind === "unresolved" || list.kind === "absent") return list;
    if (list.kind !== "list") return unresolved(node, "is no list where one belongs");
    const parts: string[] = [];
    let length = 0;
    for (const item of list.items) {
      const text = this.text(item);
      if (text.kind === "unresolved") return text;
      if (text.kind !== "text") continue;
      length += text.text.length;
      if (length > LIMITS.characters) return unresolved(node, TOO_LONG);
      parts.push(text.text);
    }
    return parts;
  }

  private select(items: readonly TemplateNode[], node: CallNode): Resolved {
    const [index, source] = items;
    const malformed = unresolved(node, "has a malformed Fn::Select");
    if (index === undefined || source === undefined) return malformed;
    const at = this.text(index);
    if (at.kind === "unresolved") return at;
    const list = this.resolve(source);
    if (list.kind === "unresolved") return list;
    if (at.kind !== "text" || list.kind !== "list" || !/^\d{1,6}$/.test(at.text)) return malformed;
    const item = list.items[Number(at.text)];
    return item === undefined
      ? unresolved(node, `selects item ${at.text} of a list of ${list.items.length}`)
      : this.resolve(item);
  }

  private findInMap(items: readonly TemplateNode[], node: CallNode): Resolved {
    const keys: string[] = [];
    for (const item of items.slice(0, 3)) {
      const key = this.text(item);
      if (key.kind === "unresolved") return key;
      if (key.kind === "text") keys.push(key.text);
    }
    let at: TemplateNode | undefined = this.template.root.entries.get("Mappings")?.value;
    for (const key of keys) at = at?.kind === "map" ? at.entries.get(key)?.value : undefined;
    if (keys.length !== 3 || at === undefined)
      return unresolved(
        node,
        `finds nothing in the mapping ${keys.map((key) => JSON.stringify(key)).join(".")}`,
      );
    // A mapping holds text and lists of text; anything else would be another way to loop.
    const plain =
      at.kind === "scalar" || (at.kind === "list" && at.items.every(({ kind }) => kind === "scalar"));
    return plain ? this.resolve(at) : unresolved(node, "finds no plain value in its mapping");
  }

  private substitute({ argument, position }: CallNode): Resolved {
    const [given, variables] = argument.kind === "list" ? argument.items : [argument];
    if (given?.kind !== "scalar" || typeof given.value !== "string")
      return unresolved({ position }, "has a malformed Fn::Sub");
    if (given.problem !== undefined) return unresolved({ position }, given.problem);
    const own = variables?.kind === "map" ? variables.entries : new Map<string, never>();
    const values = new Map<string, Text | Unresolved | Absent>();
    let failed: Unresolved | undefined;
    let length = given.value.length;
    const text = given.value.replace(/\$\{([^{}]*)\}/g, (whole, inner: string) => {
      if (failed !== undefined) return "";
      if (inner.startsWith("!")) return `\${${inner.slice(1)}}`;
      const name = inner.trim();
      const value = values.get(name) ?? this.variable(name, own.get(name)?.value, position);
      values.set(name, value);
      if (value.kind === "unresolved") failed = value;
      if (value.kind !== "text") return "";
      length += value.text.length;
      if (length > LIMITS.characters) failed = unresolved({ position }, TOO_LONG);
      return length > LIMITS.characters ? whole : value.text;
    });
    return failed ?? scalarOf(text, position);
  }

  private variable(
    name: string,
    own: TemplateNode | undefined,
    position: Position,
  ): Text | Unresolved | Absent {
    if (own !== undefined) return this.text(own);
    const dot = name.indexOf(".");
    const found =
      dot < 0
        ? this.reference(name, position)
        : this.attribute(name.slice(0, dot), name.slice(dot + 1), position);
    return found.kind === "unresolved" || found.kind === "absent" ? found : this.text(found);
  }

  private reference(name: string, position: Position): Resolved {
    if (name.startsWith("AWS::")) return this.pseudo(name, position);
    const parameters = this.template.root.entries.get("Parameters")?.value;
    const parameter = parameters?.kind === "map" ? parameters.entries.get(name)?.value : undefined;
    if (parameter !== undefined) return this.parameter(name, parameter, position);
    const resource = this.template.resources.get(name);
    if (resource === undefined)
      return this.open(name, position, `refers to ${name}, which the template does not have`);
    return this.own(resource, undefined, position);
  }

  private attribute(id: string, attribute: string, position: Position): Resolved {
    const resource = this.template.resources.get(id);
    if (resource === undefined)
      return this.open(id, position, `refers to ${id}, which the template does not have`);
    return this.own(resource, attribute, position);
  }

  /** What a resource of this template returns, where that can be said before the stack exists. */
  private own(resource: Resource, attribute: string | undefined, position: Position): Resolved {
    const { type } = resource;
    const created = `refers to ${described(resource)}, which the stack creates`;
    const { region, account } = this.inputs;
    const from = (build: (name: string) => string | Unresolved): Resolved => {
      const name = this.nameOf(resource);
      if (name.kind !== "text") return name;
      const built = build(name.text);
      return typeof built === "string" ? scalarOf(built, position) : built;
    };
    const named = NAMED[type];
    if (attribute !== undefined && attribute === named?.attribute) return from((name) => name);
    if (type === "AWS::ECR::Repository" && attribute === "RepositoryUri" && !this.symbolic) {
      return from((name) => {
        if (region === undefined) return openRegion(position);
        if (account === undefined) return openAccount(position);
        return `${account}.dkr.ecr.${region.name}.${region.dnsSuffix}/${name}`;
      });
    }
    const arn = attribute === undefined || attribute.endsWith("Arn");
    if (type === "AWS::SNS::Topic" && arn && !this.symbolic) {
      return from((name) => {
        if (region === undefined) return openRegion(position);
        if (account === undefined) return openAccount(position);
        return `arn:${region.partition}:sns:${region.name}:${account}:${name}`;
      });
    }
    if (attribute !== undefined) return this.open(`${resource.id}.${attribute}`, position, created);
    if (!type.startsWith("AWS::SageMaker::")) {
      return named === undefined || type === "AWS::SNS::Topic"
        ? this.open(resource.id, position, created)
        : from((name) => name);
    }
    // SageMaker's resources return their ARN, which ends in the name.
    return this.symbolic
      ? from((name) => `arn:aws:sagemaker:::any/${name}`)
      : unresolved({ position }, created);
  }

  private parameter(name: string, node: TemplateNode, position: Position): Resolved {
    const at = { position };
    const field = (key: string): string | undefined => {
      const value = node.kind === "map" ? node.entries.get(key)?.value : undefined;
      return value?.kind === "scalar" && value.value !== null && value.problem === undefined
        ? String(value.value)
        : undefined;
    };
    const type = field("Type") ?? "String";
    if (field("NoEcho")?.toLowerCase() === "true")
      return this.open(name, position, `comes from the parameter ${name}, which is a secret (NoEcho)`);
    if (type.startsWith("AWS::SSM::Parameter::Value<"))
      return this.open(
        name,
        position,
        `comes from the parameter ${name}, whose value stands in SSM Parameter Store`,
      );
    const value = this.inputs.parameters.get(name) ?? field("Default");
    if (value === undefined) {
      const open = this.open(name, position, `comes from the parameter ${name}, which has no default`);
      return open.kind === "unresolved" ? { ...open, fix: `pass --parameter ${name}=<value>` } : open;
    }
    if (value.includes(MARK)) return unresolved(at, "has a control character");
    const list = type === "CommaDelimitedList" || type.startsWith("List<");
    return list
      ? listOf(
          value.split(",").map((item) => item.trim()),
          position,
        )
      : scalarOf(value, position);
  }

  private pseudo(name: string, position: Position): Resolved {
    const { region, account, stackName } = this.inputs;
    const given = (value: string | undefined, missing: Unresolved): Resolved =>
      value === undefined
        ? this.symbolic
          ? scalarOf(`${MARK}${name}${MARK}`, position)
          : missing
        : scalarOf(value, position);
    switch (name) {
      case "AWS::NoValue":
        return { kind: "absent", position };
      case "AWS::Region":
        return given(region?.name, openRegion(position));
      case "AWS::Partition":
        return given(region?.partition, openRegion(position));
      case "AWS::URLSuffix":
        return given(region?.dnsSuffix, openRegion(position));
      case "AWS::AccountId":
        return given(account, openAccount(position));
      case "AWS::StackName":
        return given(stackName, {
          ...unresolved({ position }, "has the stack's name in it"),
          fix: "pass --stack-name",
        });
      default:
        return this.open(name, position, `refers to ${name}, which only a stack has`);
    }
  }

  private open(name: string, position: Position, reason: string): Resolved {
    return this.symbolic ? scalarOf(`${MARK}${name}${MARK}`, position) : unresolved({ position }, reason);
  }
}

const TOO_MANY = "takes too many functions to evaluate";
const TOO_LONG = `has over ${LIMITS.characters} characters once it is put together`;

function unresolved({ position }: { readonly position: Position }, reason: string): Unresolved {
  return { kind: "unresolved", position, reason };
}

function openRegion(position: Position): Unresolved {
  return { ...unresolved({ position }, "hangs on the region"), fix: "pass --region" };
}

function openAccount(position: Position): Unresolved {
  return { ...unresolved({ position }, "hangs on the account"), fix: "pass --account" };
}

/** `Model (AWS::SageMaker::Model)`. */
function described({ id, type }: Resource): string {
  return type === "" ? id : `${id} (${type})`;
}

function scalarOf(value: string, position: Position): ScalarNode | Unresolved {
  return value.length > LIMITS.characters
    ? unresolved({ position }, TOO_LONG)
    : { kind: "scalar", value, position };
}

function listOf(values: readonly string[], position: Position): ListNode {
  return { kind: "list", items: values.map((value) => ({ kind: "scalar", value, position })), position };
}
