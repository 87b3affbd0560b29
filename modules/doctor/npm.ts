import type { Check } from "./check";
import { ask, SLOW } from "./deadline";

/** npm, which installs a project's packages. */
export const npm: Check = {
  id: "npm",
  title: "npm",
  needs: [],
  neededFor: ["npm ci", "modelport init (its lock file)"],
  run: async (context) => {
    // npm is a batch file on Windows, which only a shell starts.
    const [command, args] =
      context.platform === "win32"
        ? (["cmd.exe", ["/d", "/s", "/c", "npm --version"]] as const)
        : (["npm", ["--version"]] as const);
    const answer = await ask(context, command, args);
    if (answer === SLOW) {
      return {
        status: "warning",
        found: "`npm --version` does not answer",
        fix: "run it by hand to see what it waits for",
      };
    }
    const version = /^\d+\.\d+\.\d+\S*/.exec(answer?.stdout ?? "")?.[0];
    if (answer === null || answer.exitCode !== 0 || version === undefined) {
      return {
        status: "warning",
        found: answer === null ? "not found" : "`npm --version` fails",
        fix: "npm comes with Node: install Node again (https://nodejs.org), and check PATH",
      };
    }
    return { status: "ok", found: version, details: { version } };
  },
};
