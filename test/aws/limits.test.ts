import { limit } from "../../modules/aws/limits";

describe("limit", () => {
  test("keeps figure, unit, source and date", () => {
    expect(limit(10240, "MiB", "Lambda quotas", "2026-08-01")).toStrictEqual({
      value: 10240,
      unit: "MiB",
      source: "Lambda quotas",
      asOf: "2026-08-01",
    });
  });

  test("keeps a note, and an explicit 0", () => {
    expect(limit(0, "instances", "docs", "2026-08-01", "cannot be raised")).toStrictEqual({
      value: 0,
      unit: "instances",
      source: "docs",
      asOf: "2026-08-01",
      note: "cannot be raised",
    });
  });
});
