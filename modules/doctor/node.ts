import { satisfies } from "semver";
import { engines } from "../../package.json";
import type { Check } from "./check";

/** The running Node against the versions that modelport is made for. */
export const node: Check = {
  id: "node",
  title: "Node",
  needs: [],
  neededFor: ["every command"],
  run: ({ nodeVersion }) => {
    const details = { version: nodeVersion, required: engines.node };
    if (satisfies(nodeVersion, engines.node, { includePrerelease: true }))
      return { status: "ok", found: nodeVersion, details };
    return {
      status: "failed",
      found: `${nodeVersion}, where modelport asks for ${engines.node}`,
      fix: "install a newer Node (https://nodejs.org, or `nvm install 22`), then run `npm ci` again",
      details,
    };
  },
};
