import {
  isLogRetention,
  logRetentionDays,
  logRetentionSource,
  nearestLogRetention,
} from "../../modules/aws/log-retention";

test("the 22 periods, ascending", () => {
  expect(logRetentionDays).toEqual([
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
  ]);
  expect(Object.isFrozen(logRetentionDays)).toBe(true);
});

test.each([
  [0, false],
  [1, true],
  [2, false],
  [30, true],
  [31, false],
  [3653, true],
  [3654, false],
  [NaN, false],
])("%d days is accepted: %s", (days, accepted) => expect(isLogRetention(days)).toBe(accepted));

test.each([
  [0, 1],
  [2, 3],
  [10, 7],
  [31, 30],
  [75, 90],
  [4000, 3653],
])("nearest to %d is %d", (days, nearest) => expect(nearestLogRetention(days)).toBe(nearest));

test("the list names its source", () => {
  expect(logRetentionSource.source).toContain("API_PutRetentionPolicy");
});
