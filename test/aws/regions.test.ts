import { regionInfo, regionNames, regionsSource } from "../../modules/aws/regions";

describe("regionInfo", () => {
  test("a commercial region", () => {
    expect(regionInfo("eu-west-1")).toEqual({
      name: "eu-west-1",
      partition: "aws",
      dnsSuffix: "amazonaws.com",
      availabilityZones: ["eu-west-1a", "eu-west-1b", "eu-west-1c"],
      availabilityZoneIds: ["euw1-az1", "euw1-az2", "euw1-az3"],
    });
  });

  test.each([
    ["us-west-1", ["us-west-1a", "us-west-1b"], ["usw1-az1", "usw1-az3"]],
    [
      "ap-northeast-1",
      ["ap-northeast-1a", "ap-northeast-1c", "ap-northeast-1d"],
      ["apne1-az1", "apne1-az2", "apne1-az4"],
    ],
    [
      "ca-central-1",
      ["ca-central-1a", "ca-central-1b", "ca-central-1d"],
      ["cac1-az1", "cac1-az2", "cac1-az4"],
    ],
    [
      "us-east-1",
      ["us-east-1a", "us-east-1b", "us-east-1c", "us-east-1d", "us-east-1f"],
      ["use1-az1", "use1-az2", "use1-az4", "use1-az5", "use1-az6"],
    ],
    ["cn-north-1", ["cn-north-1a", "cn-north-1b"], ["cnn1-az1", "cnn1-az2"]],
  ])("%s lacks constrained zones, and says why", (name, zones, ids) => {
    const region = regionInfo(name);
    expect(region?.availabilityZones).toEqual(zones);
    expect(region?.availabilityZoneIds).toEqual(ids);
    expect(region?.note).toMatch(/\.$/);
  });

  test.each([
    ["cn-northwest-1", "aws-cn", "amazonaws.com.cn"],
    ["us-gov-west-1", "aws-us-gov", "amazonaws.com"],
    ["us-gov-east-1", "aws-us-gov", "amazonaws.com"],
    ["mx-central-1", "aws", "amazonaws.com"],
    ["ap-southeast-7", "aws", "amazonaws.com"],
  ])("%s is in partition %s with suffix %s", (name, partition, dnsSuffix) => {
    expect(regionInfo(name)).toMatchObject({ partition, dnsSuffix });
  });

  test.each(["", "eu-west-9", "EU-WEST-1", "eu-west-1a", "us-iso-east-1", "__proto__", "constructor"])(
    "%j is no region",
    (name) => expect(regionInfo(name)).toBeUndefined(),
  );
});

describe("regionNames", () => {
  test("34 commercial, 2 China and 2 GovCloud regions, sorted", () => {
    const names = regionNames();
    expect(names).toHaveLength(38);
    expect(names).toEqual([...names].sort());
    const count = (partition: string): number =>
      names.filter((name) => regionInfo(name)?.partition === partition).length;
    expect([count("aws"), count("aws-cn"), count("aws-us-gov")]).toEqual([34, 2, 2]);
  });

  test.each(regionNames().map((name) => [name]))(
    "%s has two or more zones, named and numbered after it",
    (name) => {
      const region = regionInfo(name);
      const zones = region?.availabilityZones ?? [];
      const ids = region?.availabilityZoneIds ?? [];
      expect(zones.length).toBeGreaterThanOrEqual(2);
      expect(ids).toHaveLength(zones.length);
      expect(new Set([...zones, ...ids]).size).toBe(zones.length + ids.length);
      for (const zone of zones) expect(zone).toMatch(new RegExp(`^${name}[a-f]$`));
      for (const id of ids) expect(id).toMatch(/^[a-z]{3,5}[0-9]-az[1-6]$/);
    },
  );

  test("the list cannot be changed", () => {
    expect(Object.isFrozen(regionNames())).toBe(true);
  });
});

test("the data names its source and date", () => {
  expect(regionsSource.source).toContain("docs.aws.amazon.com");
  expect(regionsSource.asOf).toMatch(/^\d{4}-\d{2}-\d{2}$/);
});
