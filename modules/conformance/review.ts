import type { IamReview } from "./iam";

/**
 * What modelport's own helpers write into any target's policies, reviewed.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html (2026-11)
 */
const HELPERS: IamReview["anyResource"] = {
  ImageToken: {
    actions: ["ecr:GetAuthorizationToken"],
    reason: "the token is the registry's: the action takes no resource",
  },
};

/** A caller's review, beside what was reviewed here. */
export function withHelpers(own: IamReview | undefined): IamReview {
  return {
    anyResource: { ...HELPERS, ...own?.anyResource },
    managedPolicies: { ...own?.managedPolicies },
  };
}
