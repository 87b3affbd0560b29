import {
  isObject,
  list,
  objectAt,
  parseJson,
  type Json,
  type JsonObject,
  type Resource,
} from "../conformance/document";

/** A statement of a policy document, with the resource that holds the document. */
export interface PolicyStatement {
  readonly resource: Resource;
  /** The attribute that holds the document: `policy`, `assume_role_policy`. */
  readonly attribute: string;
  readonly statement: JsonObject;
}

/** Attributes that hold documents of IAM's policy language. */
const DOCUMENTS = ["assume_role_policy", "policy"] as const;

/** Resources whose `policy` is a document of another kind. */
const OTHER_DOCUMENTS = new Set(["aws_ecr_lifecycle_policy", "aws_appautoscaling_policy"]);

/** A synthesized stack as policies see it: what Terraform will read, by type. */
export class PolicyStack {
  readonly #byType: ReadonlyMap<string, readonly Resource[]>;
  readonly #all: readonly Resource[];
  #statements: readonly PolicyStatement[] | undefined;

  constructor(
    /** `<name>-<environment>-<component>`. */
    readonly name: string,
    /** A target's kind, or `foundation`. */
    readonly component: string,
    /** `cdk.tf.json`, parsed. */
    readonly document: JsonObject,
  ) {
    this.#byType = new Map(
      Object.entries(objectAt(document, "resource")).map(([type, byName]) => [
        type,
        Object.entries(objectAt(byName)).map(([id, config]) => ({
          type,
          name: id,
          address: `${type}.${id}`,
          config: objectAt(config),
        })),
      ]),
    );
    this.#all = [...this.#byType.values()].flat();
  }

  /** Types of resources that the stack has. */
  get types(): readonly string[] {
    return [...this.#byType.keys()];
  }

  /** The resources of some types; of all where none is named. */
  resources(...types: readonly string[]): readonly Resource[] {
    return types.length === 0 ? this.#all : types.flatMap((type) => this.#byType.get(type) ?? []);
  }

  /** Whether there is a resource of a type. */
  has(type: string): boolean {
    return this.#byType.has(type);
  }

  /**
   * The resources of a type that belong to another, by an attribute that refers to it: `bucket` of an
   * `aws_s3_bucket_versioning`.
   */
  of(type: string, attribute: string, owner: Resource): readonly Resource[] {
    return this.resources(type).filter(({ config }) => refersTo(config[attribute], owner));
  }

  /** Every statement of every IAM document of the stack: of roles, and of resources that have policies. */
  get statements(): readonly PolicyStatement[] {
    this.#statements ??= this.resources().flatMap((resource) =>
      resource.type.startsWith("aws_") && !OTHER_DOCUMENTS.has(resource.type) ? statementsOf(resource) : [],
    );
    return this.#statements;
  }
}

function statementsOf(resource: Resource): readonly PolicyStatement[] {
  return DOCUMENTS.flatMap((attribute) => {
    const text = resource.config[attribute];
    if (typeof text !== "string" || !text.includes("Statement")) return [];
    const document = parseJson(text);
    return isObject(document)
      ? list(document.Statement).map((statement) => ({ resource, attribute, statement: objectAt(statement) }))
      : [];
  });
}

/** Whether a value is a reference to a resource: `${aws_s3_bucket.data.bucket}`. */
export function refersTo(value: Json | undefined, { address }: Resource): boolean {
  return typeof value === "string" && value.includes(`\${${address}.`);
}
