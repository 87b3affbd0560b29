import { balancerCharges, lcuHours } from "../../modules/charges/load-balancer";
import { lines, monthOf } from "../support/month";

test.each([
  // 25 new connections per second for an hour.
  ["new connections", { requests: 25 * 3600 }, 1, 1],
  // 3,000 open at a time for an hour.
  ["active connections", { requests: 1, busySeconds: 3000 * 3600 * 2 }, 1, 2],
  ["bytes", { requests: 1, bytesIn: 2 * 2 ** 30, bytesOut: 2 ** 30 }, 1, 3],
  // 50 rules beyond the ten that are free: 180,000 × 50 / 3,600,000; as new connections 2.
  ["rules", { requests: 50 * 3600 }, 60, 2.5],
])("%s decide where they need most", (dimension, month, rules, hours) => {
  expect(lcuHours(monthOf(month), rules)).toEqual({ dimension, hours });
});

test("ten rules cost nothing", () => {
  expect(lcuHours(monthOf({ requests: 25 * 3600 }), 10).dimension).toBe("new connections");
});

test("a load balancer without requests has its hours and addresses", () => {
  expect(lines(balancerCharges(monthOf({}), { rules: 1, publicAddresses: 3 }))).toEqual([
    ["application load balancer", "elb/alb-hour", 730],
    ["load balancer capacity", "elb/alb-lcu", 0],
    ["public IPv4 addresses of the load balancer", "vpc/public-ipv4", 2190],
  ]);
});
