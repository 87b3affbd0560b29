import type { Json } from "../support/synth";
import { ACCOUNT, foundationOf, resource, statements } from "../support/foundation";

describe("the registry", () => {
  const stack = foundationOf({ key: true, registry: true }, { account: ACCOUNT });

  test("has tags that cannot move, scans, encrypts, and refuses to be destroyed", () => {
    expect(resource(stack, "aws_ecr_repository", "registry")).toEqual({
      name: "fraud-scorer/default",
      image_tag_mutability: "IMMUTABLE",
      image_scanning_configuration: { scan_on_push: true },
      encryption_configuration: [
        { encryption_type: "KMS", kms_key: "${aws_kms_alias.key-alias.target_key_arn}" },
      ],
      lifecycle: { prevent_destroy: true },
    });
  });

  test("lets Lambda pull for functions of this model", () => {
    const policy = resource(stack, "aws_ecr_repository_policy", "registry-policy");
    expect(statements(policy.policy)).toEqual({
      LambdaPullsForThisAccount: {
        Effect: "Allow",
        Principal: { Service: "lambda.amazonaws.com" },
        Action: ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
        Condition: {
          ArnLike: {
            "aws:SourceArn": `arn:aws:lambda:eu-west-1:${ACCOUNT}:function:fraud-scorer-default*`,
          },
        },
      },
    });
  });

  test("forgets untagged images only", () => {
    const policy = resource(stack, "aws_ecr_lifecycle_policy", "registry-expiry").policy as string;
    expect((JSON.parse(policy) as { rules: Json[] }).rules).toEqual([
      {
        rulePriority: 1,
        description: "Untagged images only: a tagged one may be what a deployment runs",
        selection: {
          tagStatus: "untagged",
          countType: "sinceImagePushed",
          countUnit: "days",
          countNumber: 30,
        },
        action: { type: "expire" },
      },
    ]);
  });

  test("tells its address", () => {
    expect(stack.output).toMatchObject({
      registry_url: { value: "${aws_ecr_repository.registry.repository_url}" },
      registry_arn: { value: "${aws_ecr_repository.registry.arn}" },
    });
  });
});
