import fc from "fast-check";
import { billOf, oldestPrice } from "../../modules/compare/bill";
import type { Charge } from "../../modules/compare/target-comparison";
import { freeAllowance } from "../../modules/prices/free-tier";
import { bookOf } from "./support";

const options = (book = bookOf({ "kms/key": 1, "vpc/nat-hour": 0.045 })) => ({
  book,
  region: "us-east-1",
  freeTier: false,
});
const charge = (changes: Partial<Charge> = {}): Charge => ({
  name: "NAT gateways",
  key: "vpc/nat-hour",
  quantity: 730,
  basis: "provisioned",
  ...changes,
});
const centsIn = (usd: number | null) => Math.round((usd ?? 0) * 100);

test("an item is quantity times price, with its unit and source", () => {
  const { cost, exactUsd } = billOf([charge({ assumption: "always on" })], options());
  expect(cost.items).toEqual([
    {
      name: "NAT gateways",
      quantity: 730,
      unit: "gateway-hour",
      unitPrice: 0.045,
      usd: 32.85,
      source: "test",
      asOf: "2026-11-01",
      basis: "provisioned",
      status: "published",
      note: "always on",
    },
  ]);
  expect(cost).toMatchObject({ currency: "USD", total: 32.85, provisioned: 32.85, onDemand: 0, unknown: [] });
  expect(exactUsd).toBeCloseTo(32.85, 10);
});

test.each([
  // As doubles, 1.005 x 1 is 1.00499999999999989 and would round down.
  [1.005, 1, 1.01],
  [0.005, 1, 0.01],
  [0.004999, 1, 0],
  [35, 0.041, 1.44],
  // The tie is decided by the factors as they are written: 8.115.
  [541, 0.015, 8.12],
])("%d at %d USD is rounded half up, exactly", (quantity, usd, expected) => {
  const { cost } = billOf([charge({ quantity })], options(bookOf({ "vpc/nat-hour": usd })));
  expect(cost.total).toBe(expected);
});

test("the items add up to the total and to both halves, to the cent, whatever they are", () => {
  const charges = fc.array(
    fc.record({
      quantity: fc.double({ min: 0, max: 1e9, noNaN: true }),
      usd: fc.double({ min: 1e-9, max: 100, noNaN: true }),
      provisioned: fc.boolean(),
      used: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
    { maxLength: 20 },
  );
  const keys = ["vpc/nat-hour", "kms/key", "elb/alb-hour", "ecr/storage"] as const;
  fc.assert(
    fc.property(charges, (given) => {
      const book = bookOf(Object.fromEntries(keys.map((key, index) => [key, given[index]?.usd ?? 1])));
      const { cost } = billOf(
        given.map(({ quantity, provisioned, used }, index) =>
          charge({
            name: `item ${index}`,
            key: keys[index % keys.length] ?? "kms/key",
            quantity,
            basis: provisioned ? "provisioned" : "on-demand",
            used,
          }),
        ),
        options(book),
      );
      const sum = cost.items.reduce((cents, { usd }) => cents + centsIn(usd), 0);
      expect(centsIn(cost.total)).toBe(sum);
      expect(centsIn(cost.onDemand) + centsIn(cost.provisioned)).toBe(sum);
      expect(cost.idleShare).toBeGreaterThanOrEqual(0);
      expect(cost.idleShare).toBeLessThanOrEqual(1);
    }),
  );
});

test("a tier reached is an item of its own, and charges of one key share the tiers", () => {
  const book = bookOf({
    "lambda/duration/x86_64": [
      { upTo: 100, usd: 3 },
      { upTo: 200, usd: 2 },
      { upTo: null, usd: 1 },
    ],
  });
  const duration = (name: string, quantity: number): Charge => ({
    name,
    key: "lambda/duration/x86_64",
    quantity,
    basis: "on-demand",
  });
  const { cost } = billOf([duration("first", 80), duration("second", 150)], options(book));
  expect(cost.items.map(({ name, quantity, unitPrice, usd }) => [name, quantity, unitPrice, usd])).toEqual([
    ["first", 80, 3, 240],
    ["second, first 100", 20, 3, 60],
    ["second, up to 200", 100, 2, 200],
    ["second, over 200", 30, 1, 30],
  ]);
  expect(cost.total).toBe(530);
});

test("the idle share is what of the whole bill is paid for doing nothing", () => {
  const book = bookOf({ "vpc/nat-hour": 1, "kms/key": 1, "elb/alb-lcu": 1 });
  const { cost } = billOf(
    [
      charge({ quantity: 60, used: 0.25 }),
      charge({ name: "key", key: "kms/key", quantity: 20 }),
      charge({ name: "capacity", key: "elb/alb-lcu", quantity: 20, basis: "on-demand" }),
    ],
    options(book),
  );
  expect(cost).toMatchObject({ total: 100, provisioned: 80, onDemand: 20, idleShare: 0.45 });
});

describe("what has no price", () => {
  const unknown = charge({ name: "endpoints", key: "vpc/interface-endpoint-hour", quantity: 1000 });

  test("stands on the bill without one, and is named", () => {
    const { cost, exactUsd } = billOf([charge(), unknown], options());
    expect(cost).toMatchObject({ total: 32.85, unknown: ["endpoints"] });
    expect(exactUsd).toBeCloseTo(32.85, 10);
    expect(cost.items[1]).toEqual({
      name: "endpoints",
      quantity: 1000,
      unit: "endpoint-hour",
      unitPrice: null,
      usd: null,
      source: "no price of vpc/interface-endpoint-hour in us-east-1",
      asOf: "",
      basis: "provisioned",
      status: "unknown",
    });
  });

  test("is nothing to speak of where there is none of it", () => {
    const { cost } = billOf([{ ...unknown, quantity: 0 }], options());
    expect(cost).toMatchObject({ items: [], unknown: [], total: 0, idleShare: 0 });
  });

  test("is told apart by how much it may come to, at another region's price that is not billed", () => {
    const elsewhere = { "kms/key": 1, "vpc/interface-endpoint-hour": 0.01 };
    const real = { ...options(bookOf({ "vpc/nat-hour": 0.048 }, elsewhere)), region: "eu-west-1" };
    const key = charge({ name: "key", key: "kms/key", quantity: 1 });
    const nat = charge({ quantity: 1460 });
    // 1,460 hours of NAT at 0.048 USD are 70.08; a key is 1 USD in us-east-1, 1,000 endpoint hours are 10.
    expect(billOf([nat, key], real)).toMatchObject({
      decisive: [],
      cost: { total: 70.08, unknown: ["key"] },
    });
    const both = billOf([nat, key, unknown], real);
    expect(both.decisive).toEqual(["endpoints"]);
    expect(both.cost.total).toBe(70.08);
    expect(both.lowestUsd).toBeCloseTo(70.08 + 0.5 + 1000 * 0.005, 10);
    expect(both.highestUsd).toBeCloseTo(70.08 + 5 + 1000 * 0.05, 10);
    expect(billOf([nat], real)).toMatchObject({ lowestUsd: 70.08, highestUsd: 70.08 });
    expect(both.cost.items[2]?.note).toBe("0.01 USD in us-east-1, which this bill does not use");
  });

  test("begins where the last tier ends", () => {
    const book = bookOf({ "vpc/nat-hour": [{ upTo: 700, usd: 0.1 }] });
    const { cost } = billOf([charge()], options(book));
    expect(cost.items.map(({ name, quantity, usd }) => [name, quantity, usd])).toEqual([
      ["NAT gateways, first 700", 700, 70],
      ["NAT gateways, over 700", 30, null],
    ]);
    expect(cost).toMatchObject({ total: 70, unknown: ["NAT gateways, over 700"] });
  });
});

describe("the free tier", () => {
  const duration = (quantity: number, architecture: "x86_64" | "arm64"): Charge => ({
    name: `duration ${architecture}`,
    key: `lambda/duration/${architecture}`,
    quantity,
    basis: "on-demand",
  });
  const book = bookOf({ "lambda/duration/x86_64": 0.00001, "lambda/duration/arm64": 0.00001, "kms/key": 1 });

  test("is an item of nothing, shared by the keys that share it, only where asked for", () => {
    expect(freeAllowance("lambda/duration/arm64", "us-east-1")?.quantity).toBe(400_000);
    const charges = [duration(300_000, "x86_64"), duration(1_000_000, "arm64"), charge({ key: "kms/key" })];
    const free = billOf(charges, { ...options(book), freeTier: true }).cost.items;
    expect(free.map(({ name, quantity, unitPrice }) => [name, quantity, unitPrice])).toEqual([
      ["duration x86_64, free tier", 300_000, 0],
      ["duration arm64, free tier", 100_000, 0],
      ["duration arm64", 900_000, 0.00001],
      ["NAT gateways", 730, 1],
    ]);
    expect(free[0]?.note).toMatch(/the first 400,000 of a month are free in each account/);
    expect(billOf(charges, options(book)).cost.items.map(({ name }) => name)).toEqual([
      "duration x86_64",
      "duration arm64",
      "NAT gateways",
    ]);
  });

  test("is not taken by what AWS keeps out of it, and stays for the others", () => {
    const charges = [{ ...duration(300_000, "x86_64"), freeTier: false }, duration(450_000, "arm64")];
    const { items } = billOf(charges, { ...options(book), freeTier: true }).cost;
    expect(items.map(({ name, quantity, unitPrice }) => [name, quantity, unitPrice])).toEqual([
      ["duration x86_64", 300_000, 0.00001],
      ["duration arm64, free tier", 400_000, 0],
      ["duration arm64", 50_000, 0.00001],
    ]);
  });

  test.each(["us-gov-west-1", "cn-north-1"])("is none in %s", (region) => {
    const { items } = billOf([duration(300_000, "x86_64")], {
      ...options(book),
      region,
      freeTier: true,
    }).cost;
    expect(items.map(({ name }) => name)).toEqual(["duration x86_64"]);
  });

  test("covers the dashboards and state transitions that AWS grants, and says of which", () => {
    const granted = bookOf({ "cloudwatch/dashboard": 3, "states/transitions": 0.000025 });
    const { items, total } = billOf(
      [
        charge({ name: "dashboard", key: "cloudwatch/dashboard", quantity: 4 }),
        charge({ name: "transitions", key: "states/transitions", quantity: 5000, basis: "on-demand" }),
      ],
      { ...options(granted), freeTier: true },
    ).cost;
    expect(items.map(({ name, quantity }) => [name, quantity])).toEqual([
      ["dashboard, free tier", 3],
      ["dashboard", 1],
      ["transitions, free tier", 4000],
      ["transitions", 1000],
    ]);
    expect(items[0]?.note).toMatch(/the first 3 dashboards of up to 50 metrics each of a month are free/);
    expect(total).toBe(3.03);
  });

  test("leaves the tiers to what is paid for", () => {
    const tiered = bookOf({
      "lambda/duration/x86_64": [
        { upTo: 1_000_000, usd: 0.00002 },
        { upTo: null, usd: 0.00001 },
      ],
    });
    const { cost } = billOf([duration(1_400_000, "x86_64")], { ...options(tiered), freeTier: true });
    expect(cost.total).toBe(20);
  });
});

test("the oldest price of several bills is theirs, and that of nothing is none", () => {
  const { cost } = billOf([charge(), charge({ name: "unknown", key: "vpc/nat-data" })], options());
  const older = { ...cost, items: cost.items.map((item) => ({ ...item, asOf: "2022-09-03" })) };
  expect(oldestPrice([cost])).toBe("2026-11-01");
  expect(oldestPrice([cost, older])).toBe("2022-09-03");
  expect(oldestPrice([])).toBeNull();
});

test.each([-1, NaN, Infinity])("a quantity of %d is our own mistake", (quantity) => {
  expect(() => billOf([charge({ quantity })], options())).toThrow(RangeError);
});
