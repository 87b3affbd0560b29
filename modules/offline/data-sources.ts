import type { ValueMap } from "./msgpack";
import { renderPolicyDocument } from "./policy-document";
import { ACCOUNT_ID } from "./values";

/** Values of data sources that stacks compute with; all others are made up by the shape of their type. */
export function dataValues(type: string, config: ValueMap, region: string): ValueMap {
  switch (type) {
    case "aws_caller_identity":
      return {
        account_id: ACCOUNT_ID,
        id: ACCOUNT_ID,
        arn: `arn:aws:iam::${ACCOUNT_ID}:user/offline`,
        user_id: "AIDAOFFLINE",
      };
    case "aws_region":
      return {
        name: region,
        id: region,
        region,
        description: region,
        endpoint: `ec2.${region}.amazonaws.com`,
      };
    case "aws_partition":
      return {
        partition: "aws",
        id: "aws",
        dns_suffix: "amazonaws.com",
        reverse_dns_prefix: "com.amazonaws",
      };
    case "aws_availability_zones":
      return {
        id: region,
        names: ["a", "b", "c"].map((zone) => `${region}${zone}`),
        zone_ids: [1, 2, 3].map((zone) => `${region.replaceAll("-", "")}-az${zone}`),
        group_names: [region],
      };
    case "aws_subnets":
      return { ids: ["a", "b", "c"].map((zone) => `subnet-0${zone.repeat(16)}`) };
    case "aws_iam_policy_document":
      return policyValues(config);
    default:
      return {};
  }
}

function policyValues(config: ValueMap): ValueMap {
  const json = renderPolicyDocument(config, 2);
  return { json, minified_json: renderPolicyDocument(config, 0), id: String(json.length) };
}
