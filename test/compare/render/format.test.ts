import {
  amount,
  bytes,
  duration,
  large,
  latency,
  money,
  named,
  percent,
  price,
  quantity,
  rate,
} from "../../../modules/compare/render/format";

test.each([
  [0, "$0"],
  [0.001, "<$0.01"],
  [0.005, "$0.01"],
  [0.42, "$0.42"],
  [9.999, "$10.00"],
  [99.994, "$99.99"],
  [99.996, "$100"],
  [1234.4, "$1,234"],
  [1_234_567, "$1,234,567"],
  [-20, "-$20.00"],
  [-0.001, "-<$0.01"],
])("money %p", (usd, words) => expect(money(usd)).toBe(words));

test.each([
  [0, "0 %"],
  [0.00001, "<0.01 %"],
  [0.0021, "0.21 %"],
  [0.0999, "10 %"],
  [0.34, "34 %"],
  [0.9999, ">99 %"],
  [1, "100 %"],
])("percent %p", (share, words) => expect(percent(share)).toBe(words));

test.each([
  [4.54, "4.5 ms"],
  [180.4, "180 ms"],
  [999.6, "1 s"],
  [1430, "1.43 s"],
  [59_960, "59 s"],
  [125_000, "2 min 5 s"],
])("latency %p", (milliseconds, words) => expect(latency(milliseconds)).toBe(words));

test.each([
  [0.4, "0.4 s"],
  [59.9, "59 s"],
  [60, "1 min"],
  [2537, "42 min 17 s"],
  [3600, "1 h"],
  [86_400, "1 d"],
  [90_061, "1 d 1 h"],
])("duration %p", (seconds, words) => expect(duration(seconds)).toBe(words));

test("quantities, rates, prices and bytes", () => {
  expect(quantity(51_840_000)).toBe("51,840,000");
  expect(quantity(11.123)).toBe("11.12");
  expect(rate(0.01234)).toBe("0.0123");
  expect(rate(0.000_01)).toBe("<0.001");
  expect([amount(1, "request"), amount(2, "request"), amount(2, "GB"), amount(2, "hours")]).toEqual([
    "1 request",
    "2 requests",
    "2 GB",
    "2 hours",
  ]);
  expect(price(0.0000166667)).toBe("$0.0000166667");
  expect([1023, 1024, 1.5 * 2 ** 20].map(bytes)).toEqual(["1,023 B", "1 KiB", "1.5 MiB"]);
  expect([999_400, 999_600, 51_840_000, 3.2e9].map(large)).toEqual([
    "999,400",
    "1 million",
    "51.8 million",
    "3.2 billion",
  ]);
  expect(named({ cpuPercent: 62, extraUsd: 88.25, fits: true })).toBe(
    "cpu percent 62, extra USD 88.3, fits yes",
  );
});
