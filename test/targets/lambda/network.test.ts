import { type Json, only } from "../../support/synth";
import { codes, needs, stackOf } from "./support";

const EXISTING = {
  vpcId: "vpc-0a1b2c3d4e5f60718",
  subnetIds: ["subnet-0a1b2c3d4e5f60718", "subnet-0a1b2c3d4e5f60719"],
};
const GROUPS = ["sg-0a1b2c3d4e5f60718"];
const IMAGE = `123456789012.dkr.ecr.eu-west-1.amazonaws.com/fraud@sha256:${"a".repeat(64)}`;
const output = (name: string) => `\${data.terraform_remote_state.foundation.outputs.${name}}`;

describe("the VPC", () => {
  it("is left out by default", () => {
    expect(needs().network).toBeNull();
    expect(only(stackOf(), "aws_lambda_function")).not.toHaveProperty("vpc_config");
  });

  it("is created where asked for, with a security group that lets HTTPS out and nothing in", () => {
    const stack = stackOf({ vpc: true });
    expect(only(stack, "aws_lambda_function").vpc_config).toEqual({
      subnet_ids: output("private_subnet_ids"),
      security_group_ids: ["${aws_security_group.replicas.id}"],
    });
    expect(only(stack, "aws_security_group").vpc_id).toBe(output("vpc_id"));
    expect(only(stack, "aws_vpc_security_group_egress_rule")).toMatchObject({
      ip_protocol: "tcp",
      from_port: 443,
      to_port: 443,
    });
    expect(stack.resource).not.toHaveProperty("aws_vpc_security_group_ingress_rule");
  });

  it("is left by the function before its security group and role go", () => {
    const stack = stackOf({ vpc: true });
    expect(only(stack, "aws_lambda_function").depends_on).toEqual([
      "aws_iam_role_policy.role-policy",
      "aws_vpc_security_group_egress_rule.replicas-https",
    ]);
    for (const type of [
      "aws_security_group",
      "aws_vpc_security_group_egress_rule",
      "aws_iam_role",
      "aws_iam_role_policy",
    ]) {
      expect(only(stack, type).lifecycle).toEqual({ create_before_destroy: true });
    }
  });

  it("has endpoints for what the container calls, and none for image and logs", () => {
    expect(needs({ vpc: true }).network).toEqual({ endpoints: [], public: false });
    const secrets = {
      A: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:one-AbCdEf",
      B: "arn:aws:ssm:eu-west-1:123456789012:parameter/two",
    };
    expect(needs({ vpc: true }, { model: { image: IMAGE, secrets } }).network).toEqual({
      endpoints: ["secretsmanager", "ssm"],
      public: false,
    });
  });

  it("is the manifest's where it names one", () => {
    expect(needs({}, { network: EXISTING }).network).toBeNull();
    const stack = stackOf({}, { network: { ...EXISTING, securityGroupIds: GROUPS } });
    expect(only(stack, "aws_lambda_function").vpc_config).toEqual({
      subnet_ids: EXISTING.subnetIds,
      security_group_ids: GROUPS,
    });
    expect(stack.resource).not.toHaveProperty("aws_security_group");
  });

  it("gets a security group of the function's own where none is given", () => {
    const stack = stackOf({}, { network: EXISTING });
    expect(only(stack, "aws_security_group").vpc_id).toBe(EXISTING.vpcId);
  });

  it("can be declined", () => {
    const stack = stackOf({ vpc: false }, { network: EXISTING });
    expect(only(stack, "aws_lambda_function")).not.toHaveProperty("vpc_config");
    const policies = JSON.stringify((stack.resource as Json).aws_iam_role_policy);
    expect(policies).not.toContain("ec2:");
  });

  it("is checked", () => {
    expect(codes({}, { network: { securityGroupIds: GROUPS } })).toEqual(["TOGETHER"]);
    const single = { ...EXISTING, subnetIds: EXISTING.subnetIds.slice(0, 1) };
    expect(codes({}, { network: single })).toEqual(["LAMBDA_SINGLE_ZONE"]);
    expect(codes({ vpc: false }, { network: single })).toEqual([]);
    expect(codes({}, { network: EXISTING })).toEqual([]);
  });
});
