/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: "node",
  roots: ["<rootDir>/test"],
  testMatch: ["**/*.test.ts"],
  transform: { "^.+\\.ts$": "@swc/jest" },
  reporters: ["default", "<rootDir>/test/support/closing-line-reporter.js"],
  testTimeout: 60000,
  // Many tests wait for processes; by default Jest leaves one of two cores idle.
  maxWorkers: "100%",
};
