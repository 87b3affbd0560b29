import { z } from "zod";
import { field, size, spelled } from "../../modules/manifest/fields";
import { Size } from "../../modules/units/size";

const RUN = "https://docs.docker.com/reference/cli/docker/container/run/ (2026-11)";
const IMAGE =
  "https://registry.terraform.io/providers/kreuzwerker/docker/3.6.2/docs/resources/image (2026-11)";

/** Options of `targets.docker`. */
export const options = z.strictObject({
  port: field(z.int().min(1).max(65535).default(8080), {
    description: "Port on 127.0.0.1 under which the server is reached; 1 to 65535. Default 8080.",
    source: RUN,
  }),
  host: field(
    spelled(/^(?:unix:\/\/\/[A-Za-z0-9_./@+-]{1,200}|npipe:\/\/\/\/[A-Za-z0-9_./-]{1,200})$/, {
      allowed: "a socket of this machine: unix:///path, or npipe:////./pipe/name",
      example: "unix:///var/run/docker.sock",
    }).optional(),
    { description: "Socket of the engine; where absent DOCKER_HOST, else the usual one." },
  ),
  limits: field(z.boolean().default(true), {
    description:
      "Whether the container is held to `resources.cpu` and `resources.memory`. Set it to false on a machine that has less. Default true.",
    source: RUN,
  }),
  gpu: field(z.boolean().optional(), {
    description:
      "Whether the container gets the machine's GPUs, all of them. Default true where `resources.gpu` is above 0.",
    source: RUN,
  }),
  shm: field(size({ min: Size.mebibytes(1), max: Size.gibibytes(1024) }).prefault("64Mi"), {
    description: "Size of /dev/shm; 1Mi to 1Ti in whole Mi. Default 64Mi.",
    source: RUN,
  }),
  tmp: field(size({ min: Size.mebibytes(1), max: Size.gibibytes(16384) }).optional(), {
    description:
      "Most that /tmp takes, in memory; 1Mi to 16Ti in whole Mi. Default `resources.storage`, else 1Gi.",
    source: RUN,
  }),
  readOnly: field(z.boolean().default(true), {
    description: "Whether the container's file system is read-only, /tmp apart. Default true.",
    source: RUN,
  }),
  user: field(
    spelled(/^(?:[a-z_][a-z0-9_-]{0,31}|\d{1,10})(?::(?:[a-z_][a-z0-9_-]{0,31}|\d{1,10}))?$/, {
      allowed: "a user and perhaps a group, by name or number",
      example: '"1000:1000"',
    }).optional(),
    { description: "User that the server runs as; the image's own where absent.", source: RUN },
  ),
  capabilities: field(
    z
      .array(spelled(/^CAP_[A-Z_]{3,32}$/, { allowed: "a Linux capability", example: "CAP_SETUID" }))
      .max(40)
      .default([]),
    {
      description:
        "Linux capabilities that the container keeps; all others are dropped. Servers that start as root and change their user need CAP_SETUID and CAP_SETGID. Default none.",
      source: RUN,
    },
  ),
  restart: field(z.enum(["no", "on-failure", "unless-stopped", "always"]).default("unless-stopped"), {
    description: "When the engine starts the container again. Default unless-stopped.",
    source: RUN,
  }),
  healthcheck: field(z.boolean().default(true), {
    description:
      "Whether the engine asks `model.server.health`. It runs inside the container, with the image's own /bin/sh and curl, wget or python3; set it to false for images that have none of them. Default true.",
    source: RUN,
  }),
  wait: field(z.boolean().optional(), {
    description:
      "Whether an apply waits until the container is healthy. Default true where there is a health check.",
  }),
  builder: field(
    spelled(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, {
      allowed: "a buildx builder's name, or legacy",
      example: "default",
    }).default("default"),
    {
      description:
        "With `model.build`: the buildx builder, or `legacy` for the classic builder of engines without BuildKit. Default default, which is the engine's own BuildKit.",
      source: IMAGE,
    },
  ),
});

export type Options = z.output<typeof options>;
