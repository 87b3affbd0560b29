import { pullImages } from "../../modules/iam/image";

it("pulls from the named repositories only, and asks for no token where there are none", () => {
  const repository = "arn:aws:ecr:eu-west-1:123456789012:repository/fraud";
  expect(pullImages([])).toEqual([]);
  expect(pullImages([repository])).toEqual([
    { sid: "ImageToken", actions: ["ecr:GetAuthorizationToken"], resources: ["*"] },
    {
      sid: "ImagePull",
      actions: ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
      resources: [repository],
    },
  ]);
});
