import type { ITerraformDependable } from "cdktf";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { IamRolePolicyAttachment } from "@cdktf/provider-aws/lib/iam-role-policy-attachment";
import type { Construct } from "constructs";
import { resourceName, shortHash } from "../stack/names";
import { policyJson, type Statement } from "./policy";

/** Characters of a role's name: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html (2026-08). */
const ROLE_NAME_LIMIT = 64;

export interface ServiceRoleOptions {
  /** Parts of the name, joined with hyphens. */
  readonly name: readonly string[];
  readonly description: string;
  /** Service principals that may assume it, e.g. `lambda.amazonaws.com`. */
  readonly services: readonly string[];
  /** Further actions of the trust policy, e.g. `sts:TagSession`. */
  readonly trustActions?: readonly string[];
  /** Conditions of the trust policy, e.g. on `aws:SourceAccount`. */
  readonly trustConditions?: Statement["conditions"];
  readonly statements: readonly Statement[];
  /** Policies of AWS, where a service documents one as its minimum. Default none. */
  readonly managedPolicyArns?: readonly string[];
  readonly permissionsBoundaryArn: string | null;
  /**
   * What the rights depend on, where something that still runs, or that a rollback returns to, must keep the rights it
   * was started with. The role is then named after it.
   */
  readonly generation?: readonly string[];
}

/** A role that a service assumes. */
export interface ServiceRole {
  readonly arn: string;
  /** As it is written, for the names of what must be made anew with another role. */
  readonly identity: string;
  /** What must exist before the role is of use: put it into `dependsOn` of whatever runs under the role. */
  readonly dependencies: readonly ITerraformDependable[];
}

/** Whoever runs under a role moves to the next one before the old one goes. */
const lifecycle = { createBeforeDestroy: true } as const;

/** Creates a role with one inline policy, so that role and rights come and go together. */
export function createServiceRole(scope: Construct, id: string, options: ServiceRoleOptions): ServiceRole {
  const { generation } = options;
  const name =
    generation === undefined ? options.name : [...options.name, shortHash(JSON.stringify(generation))];
  const identity = resourceName(name, ROLE_NAME_LIMIT);
  const role = new IamRole(scope, id, {
    name: identity,
    description: options.description,
    assumeRolePolicy: policyJson([
      {
        sid: "Assume",
        principals: { Service: options.services },
        actions: ["sts:AssumeRole", ...(options.trustActions ?? [])],
        ...(options.trustConditions === undefined ? {} : { conditions: options.trustConditions }),
      },
    ]),
    ...(options.permissionsBoundaryArn === null
      ? {}
      : { permissionsBoundary: options.permissionsBoundaryArn }),
    lifecycle,
  });
  const attachments = (options.managedPolicyArns ?? []).map(
    (policyArn) =>
      new IamRolePolicyAttachment(scope, `${id}-${policyArn.split("/").at(-1) ?? policyArn}`, {
        role: role.name,
        policyArn,
        lifecycle,
      }),
  );
  const policies =
    options.statements.length === 0
      ? []
      : [
          new IamRolePolicy(scope, `${id}-policy`, {
            name: "permissions",
            role: role.name,
            policy: policyJson(options.statements),
            lifecycle,
          }),
        ];
  const dependencies = [...policies, ...attachments];
  return { arn: role.arn, identity, dependencies: dependencies.length === 0 ? [role] : dependencies };
}

/** A role that the manifest names: used as it is, never changed. */
export function existingRole(arn: string): ServiceRole {
  return { arn, identity: arn, dependencies: [] };
}
