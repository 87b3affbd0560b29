import { baseManifest, issues, type Json, synth } from "../../support/synth";

export const KIND = "ecs-fargate";

/** A resource's arguments. */
export type Block = Readonly<Record<string, unknown>>;

/** A synthesized stack, for typed digging. */
export class Stack {
  constructor(private readonly json: Json) {}

  all(type: string): Readonly<Record<string, Block>> {
    const resources = this.json.resource as Readonly<
      Record<string, Readonly<Record<string, Block>> | undefined>
    >;
    return resources[type] ?? {};
  }

  get(type: string, id: string): Block {
    const found = this.all(type)[id];
    if (found === undefined) throw new Error(`no ${type}.${id}`);
    return found;
  }

  output(name: string): unknown {
    const outputs = this.json.output as Readonly<Record<string, { readonly value: unknown } | undefined>>;
    return outputs[name]?.value;
  }

  get service(): Block {
    return this.get("aws_ecs_service", "service");
  }

  get task(): Block {
    return this.get("aws_ecs_task_definition", "task");
  }

  get balancer(): Block {
    return this.get("aws_lb", "load-balancer");
  }

  get targetGroup(): Block {
    return this.get("aws_lb_target_group", "target-group");
  }

  get containers(): readonly Block[] {
    return JSON.parse(this.task.container_definitions as string) as readonly Block[];
  }

  container(name: string): Block {
    const found = this.containers.find((container) => container.name === name);
    if (found === undefined) throw new Error(`no container ${name}`);
    return found;
  }

  /** Statements of a role's own policy; none where it has no policy. */
  rights(role: "execution-role" | "task-role" | "traffic-role"): readonly Block[] {
    const policy = this.all("aws_iam_role_policy")[`${role}-policy`];
    if (policy === undefined) return [];
    return (JSON.parse(policy.policy as string) as { readonly Statement: readonly Block[] }).Statement;
  }
}

/** What a policy stops and a test needs all the same. */
const suppress = ["POLICY_CONTAINER_WRITABLE", "POLICY_IMAGE_PINNED"].map((code) => ({
  code,
  reason: "The test is about an option that the policy advises against.",
}));

export function manifest(changes: Json = {}, options: Json = {}): Json {
  return baseManifest({ policies: { suppress }, ...changes, targets: { [KIND]: options } });
}

export function ecs(changes: Json = {}, options: Json = {}, directory?: string): Stack {
  const input = { manifest: manifest(changes, options), target: KIND };
  return new Stack(synth(directory === undefined ? input : { ...input, directory }).stack(KIND));
}

/** Codes and paths of the findings, warnings that every manifest without a certificate has left out. */
export function findings(changes: Json = {}, options: Json = {}): readonly string[] {
  return issues({ manifest: manifest(changes, options), target: KIND })
    .filter(({ code }) => code !== "ECS_PLAIN_HTTP")
    .map(({ code, path }) => `${code} ${path}`);
}

export const EXISTING = {
  vpcId: "vpc-0a1b2c3d4e5f60718",
  subnetIds: ["subnet-0a1b2c3d4e5f60718", "subnet-0a1b2c3d4e5f60719"],
};

export const CERTIFICATE =
  "arn:aws:acm:eu-west-1:123456789012:certificate/1234abcd-12ab-34cd-56ef-1234567890ab";
