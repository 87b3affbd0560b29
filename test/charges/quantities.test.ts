import { monthlyWeight, overReplicas, share } from "../../modules/charges/quantities";

test("a share is never below nothing or above all", () => {
  expect([share(1, 4), share(5, 4), share(-1, 4), share(1, 0)]).toEqual([0.25, 1, 0, 0]);
});

test("hours count by the number of replicas in them", () => {
  const hoursAtReplicas = new Map([
    [1, 700],
    [4, 30],
  ]);
  expect(overReplicas({ hoursAtReplicas }, (replicas) => Math.ceil(replicas / 3))).toBe(700 + 2 * 30);
});

test("a weight is known where all of its prices are", () => {
  const spot = ["fargate/spot-vcpu/x86_64", 1] as const;
  // 730 × (0.04048 + 0.01224056).
  expect(monthlyWeight("eu-west-1", [["fargate/vcpu/x86_64", 1], spot])).toBeCloseTo(38.4860088, 9);
  expect(monthlyWeight("eu-west-2", [["fargate/vcpu/x86_64", 1], spot])).toBeNull();
});
