import { cidrProblem, layOutSubnets } from "../../modules/foundation/subnets";

const range = (cidr: string): readonly [number, number] => {
  const [address = "", prefix = ""] = cidr.split("/");
  const start = address.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
  return [start, start + 2 ** (32 - Number(prefix))];
};

describe("layOutSubnets", () => {
  it("splits the default range so that two more zones find room", () => {
    expect(layOutSubnets("10.0.0.0/16", 2)).toEqual([
      { private: "10.0.0.0/19", public: "10.0.128.0/22" },
      { private: "10.0.32.0/19", public: "10.0.132.0/22" },
    ]);
    expect(layOutSubnets("10.0.0.0/16", 4).slice(0, 2)).toEqual(layOutSubnets("10.0.0.0/16", 2));
  });

  it("gives the smallest range to two zones in full", () => {
    expect(layOutSubnets("192.168.5.0/24", 2)).toEqual([
      { private: "192.168.5.0/26", public: "192.168.5.128/27" },
      { private: "192.168.5.64/26", public: "192.168.5.160/27" },
    ]);
  });

  const cases = [16, 17, 18, 19, 20, 21, 22, 23, 24].flatMap((prefix) =>
    [2, 3, 4, 5, 6].map((zones) => [prefix, zones] as const),
  );
  it.each(cases)(
    "lays out /%i over %i zones within the range, without overlap, or refuses",
    (prefix, zones) => {
      const cidr = `10.128.0.0/${prefix}`;
      if (prefix === 24 && zones > 4) {
        expect(cidrProblem(cidr, zones)?.fix).toBe("use a /23, or fewer zones");
        expect(() => layOutSubnets(cidr, zones)).toThrow("too small");
        return;
      }
      expect(cidrProblem(cidr, zones)).toBeNull();
      const [start, end] = range(cidr);
      const subnets = layOutSubnets(cidr, zones).flatMap((zone) => [zone.private, zone.public]);
      expect(subnets).toHaveLength(2 * zones);
      const ranges = subnets.map(range).sort(([a], [b]) => a - b);
      for (const [index, [from, to]] of ranges.entries()) {
        expect(to - from).toBeGreaterThanOrEqual(32);
        expect(from % (to - from)).toBe(0);
        expect(from).toBeGreaterThanOrEqual(index === 0 ? start : (ranges[index - 1]?.[1] ?? Infinity));
        expect(to).toBeLessThanOrEqual(end);
      }
    },
  );
});

describe("cidrProblem", () => {
  it.each(["10.0.0/16", "10.0.0.0/15", "10.0.0.0/25", "10.0.256.0/16", "10.0.0.0", "a.b.c.d/16"])(
    "refuses %s",
    (cidr) => {
      expect(cidrProblem(cidr, 2)?.message).toBe(`${cidr} is not an IPv4 range`);
    },
  );

  it("names the range that was meant", () => {
    expect(cidrProblem("10.0.5.0/16", 2)).toEqual({
      message: "10.0.5.0/16 does not start where its range starts",
      allowed: "the first address of the range, 10.0.0.0/16",
      fix: "write 10.0.0.0/16",
    });
  });
});
