import { kubernetesCron, timeZoneProblem } from "../../../targets/eks/schedule";

describe("a schedule of AWS as one of Kubernetes", () => {
  test.each([
    ["0 8 * * ? *", "0 8 * * *"],
    ["0 8 ? * MON-FRI *", "0 8 * * 1-5"],
    ["0 8 ? * 2-6 *", "0 8 * * 1-5"],
    ["0 8 ? * 1 *", "0 8 * * 0"],
    ["0 8 ? * 7 *", "0 8 * * 6"],
    ["0 8 ? * SUN,3,SAT *", "0 8 * * 0,2,6"],
    ["0 8 ? * 1-7 *", "0 8 * * 0-6"],
    // Round the end of the week and of the year, which Kubernetes does not go.
    ["0 8 ? * FRI-MON *", "0 8 * * 5,6,0,1"],
    ["0 8 ? * SAT-SUN *", "0 8 * * 6,0"],
    ["0 8 1 NOV-FEB ? *", "0 8 1 11,12,1,2 *"],
    ["0 8 1 NOV-FEB/2 ? *", "0 8 1 11,1 *"],
    ["0 8 1 OCT-FEB/3 ? *", "0 8 1 10,1 *"],
    ["0 8 1 JAN-MAR,12 ? *", "0 8 1 1-3,12 *"],
    // From a number on, up to the end of the range.
    ["0/15 * * * ? *", "0-59/15 * * * *"],
    ["5/20 0/6 * * ? *", "5-59/20 0-23/6 * * *"],
    ["0 0 10/7 * ? *", "0 0 10-31/7 * *"],
    ["0 0 1 3/4 ? *", "0 0 1 3-12/4 *"],
    ["*/10 8-18/2 1,15 * ? *", "*/10 8-18/2 1,15 * *"],
    ["* * ? * * *", "* * * * *"],
  ])("%s is %s", (aws, kubernetes) => {
    expect(kubernetesCron(aws)).toEqual({ schedule: kubernetes });
  });

  test.each([
    ["0 8 L * ? *", 'has "L" as day of month, and a CronJob knows no L, W and #'],
    ["0 8 LW * ? *", 'has "LW" as day of month, and a CronJob knows no L, W and #'],
    ["0 8 15W * ? *", 'has "15W" as day of month, and a CronJob knows no L, W and #'],
    ["0 8 ? * L *", 'has "L" as day of week, and a CronJob knows no L, W and #'],
    ["0 8 ? * FRIL *", 'has "FRIL" as day of week, and a CronJob knows no L, W and #'],
    ["0 8 ? * WED#2 *", 'has "WED#2" as day of week, and a CronJob knows no L, W and #'],
    ["0 8 ? * 6#5 *", 'has "6#5" as day of week, and a CronJob knows no L, W and #'],
    ["0 8 * * ? 2027", 'has "2027" as year, and a CronJob runs in every year'],
    ["0 8 * * ? 2027-2030", 'has "2027-2030" as year, and a CronJob runs in every year'],
    // What AWS itself refuses.
    ["0 8 * * *", "has 5 fields, not 6"],
    ["0 8 * * * *", "needs ? as exactly one of day of month and day of week"],
    ["60 8 * * ? *", 'has "60" as minutes'],
    ["0 8 ? * 0 *", 'has "0" as day of week'],
  ])("%s is none", (aws, problem) => {
    expect(kubernetesCron(aws)).toEqual({ problem });
  });
});

test.each([
  ["UTC", undefined],
  ["Europe/Dublin", undefined],
  ["Etc/GMT+1", undefined],
  ["America/Argentina/Buenos_Aires", undefined],
  ["Asia/Kolkata", undefined],
  ["Europe/Atlantis", "is no time zone of the IANA database"],
  ["Local", "is no time zone of the IANA database"],
  // Found here whatever the case, but not by Kubernetes.
  ["europe/dublin", "is spelled Europe/Dublin"],
  ["EUROPE/DUBLIN", "is spelled Europe/Dublin"],
  ["utc", "is spelled UTC"],
  [
    "asia/kolkata",
    expect.stringMatching(/^is (?:spelled Asia\/Kolkata|not spelled as in the IANA database)$/),
  ],
])("the time zone %s: %s", (name, problem) => {
  expect(timeZoneProblem(name)).toEqual(problem);
});
