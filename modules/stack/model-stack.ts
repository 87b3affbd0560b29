import {
  App,
  TerraformElement,
  TerraformOutput,
  TerraformResource,
  TerraformStack,
  TerraformVariable,
} from "cdktf";
import { Construct } from "constructs";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import type { EnvironmentPlan } from "../plan/plan";
import { PolicyGate } from "../policy/gate";
import { withoutCreationStacks } from "./creation-stacks";
import { assertOwnExpressions } from "./expressions";
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
  readonly foreign: readonly string[];
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
  readonly #foreign: readonly string[];
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
      "modelport:model": name,
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

/** All texts of a plan, keys included, that contain a template marker. */
export function templateTexts(value: unknown): readonly string[] {
  const found: string[] = [];
  const visit = (item: unknown): void => {
    if (typeof item === "string") {
      if (/[$%]\{/.test(item)) found.push(item);
    } else if (Array.isArray(item)) {
      item.forEach(visit);
    } else if (
      typeof item === "object" &&
      item !== null &&
      Object.getPrototypeOf(item) === Object.prototype
    ) {
      for (const [key, inner] of Object.entries(item)) {
        visit(key);
        visit(inner);
      }
    }
  };
  visit(value);
  return found;
}
