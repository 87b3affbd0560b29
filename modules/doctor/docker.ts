import { existsSync } from "node:fs";
import type { ProcessResult } from "../process/run";
import type { Check, DoctorContext, Outcome } from "./check";
import { ask, SLOW } from "./deadline";
import type { Need } from "./project-facts";

/** How bad it is that something is missing which only some projects need. */
function lacking(need: Need, found: string, fix: string): Outcome {
  if (need === "no") return { status: "not-needed", found: `${found}; nothing here needs it` };
  return { status: need === "yes" ? "failed" : "absent", found, fix };
}

/** Docker's command line. */
export const docker: Check = {
  id: "docker",
  title: "Docker",
  needs: [],
  neededFor: ["target docker", "model.build (building the image)"],
  run: async (context) => {
    const need = context.project.needs.docker;
    const answer = await ask(context, "docker", ["--version"]);
    if (answer === SLOW)
      return lacking(need, "`docker --version` does not answer", "run it by hand to see what it waits for");
    const version = /version (\d+\.\d+\.\d+[\w.+-]*)/i.exec(answer?.stdout ?? "")?.[1];
    if (answer === null || answer.exitCode !== 0 || version === undefined) {
      return lacking(
        need,
        answer === null ? "not installed" : "`docker --version` fails",
        "install Docker Engine or Docker Desktop: https://docs.docker.com/get-started/get-docker/",
      );
    }
    const product = /^podman/i.test(answer.stdout) ? "Podman" : "Docker";
    return {
      status: "ok",
      found: `client ${version}${product === "Podman" ? " (Podman)" : ""}`,
      details: { product, version },
    };
  },
};

/** The engine that Docker's command line talks to. */
export const dockerEngine: Check = {
  id: "docker-engine",
  title: "Docker engine",
  needs: ["docker"],
  neededFor: docker.neededFor,
  run: async (context) => {
    const need = context.project.needs.docker;
    const answer = await ask(context, "docker", ["version", "--format", "{{json .}}"]);
    if (answer === SLOW || answer === null) {
      return lacking(
        need,
        "it does not answer",
        "restart Docker Desktop or the engine (`sudo systemctl restart docker`); check DOCKER_HOST if it is set",
      );
    }
    const { server, name } = versions(answer.stdout);
    if (server === null) return lacking(need, ...unreachable(answer, context));
    const details = { version: server, context: name };
    const elsewhere = contextOnlyDockerKnows(name, context);
    if (elsewhere !== null) return { ...elsewhere, details };
    return { status: "ok", found: `${server} answers (context ${name})`, details };
  },
};

/** Version of the engine and name of the context in what `docker version` prints as JSON. */
function versions(stdout: string): { readonly server: string | null; readonly name: string } {
  try {
    const { Server, Client } = JSON.parse(stdout) as {
      Server?: { Version?: unknown } | null;
      Client?: { Context?: unknown } | null;
    };
    const [server, name] = [Server?.Version, Client?.Context];
    return {
      server: typeof server === "string" ? server : null,
      name: typeof name === "string" ? name : "default",
    };
  } catch {
    return { server: null, name: "default" };
  }
}

/** Why the engine does not answer, and what helps. Docker's own words may hold addresses: they are not passed on. */
function unreachable(
  { stderr }: ProcessResult,
  { env, platform }: DoctorContext,
): [found: string, fix: string] {
  if (/permission denied/i.test(stderr)) {
    return [
      "permission denied on the engine's socket",
      "add yourself to its group (`sudo usermod -aG docker $USER`) and log in again, or use rootless Docker: " +
        "https://docs.docker.com/engine/security/rootless/",
    ];
  }
  if (/x509|certificate|tls/i.test(stderr))
    return ["its TLS certificate is refused", "check DOCKER_CERT_PATH, DOCKER_TLS_VERIFY and DOCKER_HOST"];
  if ((env.DOCKER_HOST ?? "") !== "") {
    return [
      "the engine that DOCKER_HOST names does not answer",
      "unset DOCKER_HOST for the engine of this machine, or start the one that it names",
    ];
  }
  if (
    /cannot connect|failed to connect|error during connect|no such file|refused|daemon running/i.test(stderr)
  ) {
    return [
      "the engine is not running",
      platform === "linux"
        ? "start it: `sudo systemctl start docker`, or Docker Desktop; `docker context ls` shows which engine is meant"
        : "start Docker Desktop (or what stands in for it); `docker context ls` shows which engine is meant",
    ];
  }
  return ["it cannot be reached", "run `docker version` to see why"];
}

/**
 * Terraform's Docker provider takes `targets.docker.host`, DOCKER_CONTEXT, DOCKER_HOST, else the usual socket; it does
 * not know which context `docker context use` chose.
 * @see https://registry.terraform.io/providers/kreuzwerker/docker/3.6.2/docs
 */
function contextOnlyDockerKnows(
  name: string,
  { env, dockerSocket, project, platform }: DoctorContext,
): Outcome | null {
  const told = ["DOCKER_HOST", "DOCKER_CONTEXT"].some((variable) => (env[variable] ?? "") !== "");
  if (name === "default" || told || platform === "win32" || existsSync(dockerSocket)) return null;
  if (!project.models.some(({ kinds, dockerHost }) => kinds.includes("docker") && dockerHost === null))
    return null;
  return {
    status: "warning",
    found: `the docker command uses the context ${name}; Terraform looks for ${dockerSocket}, which is not there`,
    fix: "`export DOCKER_HOST=$(docker context inspect --format '{{.Endpoints.docker.Host}}')`",
  };
}

/** The builder that makes images for other architectures than this machine's, without attestations. */
export const buildx: Check = {
  id: "buildx",
  title: "Docker buildx",
  needs: ["docker"],
  neededFor: ["model.build (building the image)"],
  run: async (context) => {
    const answer = await ask(context, "docker", ["buildx", "version"]);
    const version =
      answer === null || answer === SLOW ? undefined : /v?(\d+\.\d+\.\d+)/.exec(answer.stdout)?.[1];
    if (answer === null || answer === SLOW || answer.exitCode !== 0 || version === undefined) {
      return lacking(
        context.project.needs.build,
        "not installed",
        "install the plug-in docker-buildx-plugin, which Docker Desktop has already: " +
          "https://github.com/docker/buildx#installing",
      );
    }
    return { status: "ok", found: version, details: { version } };
  },
};
