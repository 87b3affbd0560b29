import {
  App,
  TerraformElement,
  TerraformOutput,
  type TerraformRemoteState,
  TerraformResource,
  TerraformStack,
  TerraformVariable,
} from "cdktf";
import { Construct } from "constructs";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { formatPath, type Issue, type ManifestPath } from "../issues/issue";
import type { EnvironmentPlan } from "../plan/plan";
import { PolicyGate } from "../policy/gate";
import { withoutCreationStacks } from "./creation-stacks";
import { assertOwnExpressions, type ForeignText } from "./expressions";
import type { Sealed } from "./seal";
import { stackName } from "./names";
import type { StateBackend } from "./state";

/** What a stack is made for. */
export interface ModelStackOptions {
  readonly plan: Sealed<EnvironmentPlan>;
  /** A target's kind, or `foundation`. */
  readonly component: string;
  /** Whether it has AWS resources. */
  readonly aws: boolean;
  readonly state: StateBackend;
  /** Texts of the manifest that contain template markers, for the last check of the output. */
  readonly foreign: readonly ForeignText[];
  /** Whether it belongs to several models, so that the plan's name is that of a foundation. Default false. */
  readonly shared?: boolean;
}

/**
 * One Terraform configuration with its own state: `<name>-<environment>-<component>`. It brings the backend and the
 * AWS provider (region, account guard, default tags), and checks what it synthesized.
 */
export class ModelStack extends TerraformStack {
  /** `<name>-<environment>`, the start of every resource's name. */
  readonly prefix: string;
  readonly component: string;
  readonly state: StateBackend;
  /** The tags that the AWS provider gives every resource, for what a service creates later by itself. */
  readonly tags: Readonly<Record<string, string>>;
  readonly #foreign: readonly ForeignText[];
  readonly #reads = new Set<string>();
  #resourceCount = 0;
  #outputs: Construct | undefined;

  constructor(scope: Construct, options: ModelStackOptions) {
    const { plan, component, state } = options;
    const { name, environment, region, account } = plan;
    const id = stackName(name, environment, component);
    super(scope, id);
    this.prefix = `${name}-${environment}`;
    this.component = component;
    this.state = state;
    this.#foreign = options.foreign;
    state.configure(this, id);
    this.tags = {
      ...plan.tags,
      [options.shared === true ? "modelport:foundation" : "modelport:model"]: name,
      "modelport:environment": environment,
      "modelport:component": component,
    };
    if (options.aws && region !== null) {
      new AwsProvider(this, "aws", {
        region: region.name,
        ...(account === null ? {} : { allowedAccountIds: [account] }),
        defaultTags: [{ tags: this.tags }],
      });
    }
  }

  /**
   * The digest of an image that is built outside of Terraform, as a variable without a default: an apply without a
   * built image must not start.
   */
  imageDigest(): string {
    const id = "image_digest";
    const existing = this.node.tryFindChild(id) as TerraformVariable | undefined;
    const variable =
      existing ??
      new TerraformVariable(this, id, {
        type: "string",
        description: "Digest of the container image that was built and pushed, sha256:<64 hex digits>.",
        nullable: false,
        validation: [
          {
            condition: '${length(var.image_digest) == 71 && substr(var.image_digest, 0, 7) == "sha256:"}',
            errorMessage: "The image digest must be sha256: and 64 hex digits, as the registry shows it.",
          },
        ],
      });
    return variable.stringValue;
  }

  /** The outputs of another stack. */
  readState(id: string, stack: string): TerraformRemoteState {
    this.#reads.add(stack);
    return this.state.read(this, id, stack);
  }

  /** Names of the stacks whose outputs it reads, which must be applied before it. */
  get reads(): ReadonlySet<string> {
    return this.#reads;
  }

  /** Resources that were synthesized; 0 before. */
  get resourceCount(): number {
    return this.#resourceCount;
  }

  /** Adds an output under exactly this name. */
  output(name: string, value: string | readonly string[]): void {
    this.#outputs ??= new Construct(this, "output");
    new TerraformOutput(this.#outputs, name, {
      value: typeof value === "string" ? value : [...value],
      staticId: true,
    });
  }

  override prepareStack(): void {
    withoutCreationStacks(() => super.prepareStack());
  }

  override toTerraform(): object {
    return PolicyGate.of(App.of(this)).pass(this, () => this.render());
  }

  private render(): object {
    const document = withoutCreationStacks(
      () => super.toTerraform() as { readonly resource?: Readonly<Record<string, object>> },
    );
    this.#resourceCount = this.assertNoCollision(document.resource ?? {});
    assertOwnExpressions(document, this.#foreign);
    return document;
  }

  /** cdktf lets the last of two resources with one address win, silently. */
  private assertNoCollision(resources: Readonly<Record<string, object>>): number {
    const emitted = Object.values(resources).reduce((sum, byName) => sum + Object.keys(byName).length, 0);
    const created = this.node
      .findAll()
      .filter(
        (node) => TerraformElement.isTerraformElement(node) && TerraformResource.isTerraformResource(node),
      );
    if (created.length !== emitted) {
      throw new Error(
        `${this.node.id}: ${created.length} resources were created, but ${emitted} have an address`,
      );
    }
    return emitted;
  }
}

/**
 * All texts of a manifest or a plan, keys included, that contain a template marker.
 * @param locate finds a path of the value in the manifest; null where its paths are not the manifest's.
 */
export function foreignTexts(
  value: unknown,
  locate: ((path: ManifestPath) => Pick<Issue, "file" | "line" | "column">) | null,
): readonly ForeignText[] {
  const found: ForeignText[] = [];
  const take = (text: string, path: ManifestPath): void => {
    if (!/[$%]\{/.test(text)) return;
    found.push({ text, at: locate === null ? null : { ...locate(path), path: formatPath(path) } });
  };
  const visit = (item: unknown, path: ManifestPath): void => {
    if (typeof item === "string") {
      take(item, path);
    } else if (Array.isArray(item)) {
      item.forEach((inner, index) => visit(inner, [...path, index]));
    } else if (
      typeof item === "object" &&
      item !== null &&
      Object.getPrototypeOf(item) === Object.prototype
    ) {
      for (const [key, inner] of Object.entries(item)) {
        take(key, [...path, key]);
        visit(inner, [...path, key]);
      }
    }
  };
  visit(value, []);
  return found;
}
