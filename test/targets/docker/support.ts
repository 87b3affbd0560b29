import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Json, only, synth, type SynthInput } from "../../support/synth";

export const IMAGE = `registry.example.com/fraud@sha256:${"a".repeat(64)}`;

export function manifest(options: Json = {}, changes: Json = {}): Json {
  return {
    apiVersion: "modelport/v1",
    name: "fraud-scorer",
    model: { image: IMAGE },
    resources: { cpu: 2, memory: "4Gi" },
    target: "docker",
    targets: { docker: options },
    ...changes,
  };
}

export function stackOf(options: Json = {}, changes: Json = {}, more: SynthInput = {}): Json {
  return synth({ manifest: manifest(options, changes), ...more }).stack("docker");
}

export function container(options: Json = {}, changes: Json = {}, more: SynthInput = {}): Json {
  return only(stackOf(options, changes, more), "docker_container");
}

/** A project with a build context and a model, gone when the test is. */
export function withProject<T>(use: (directory: string) => T): T {
  const directory = mkdtempSync(join(tmpdir(), "modelport-docker-"));
  try {
    mkdirSync(join(directory, "server"));
    writeFileSync(join(directory, "server", "Dockerfile"), "FROM scratch\n");
    writeFileSync(join(directory, "server", "run.sh"), "#!/bin/sh\n", { mode: 0o700 });
    mkdirSync(join(directory, "model", "sub"), { recursive: true });
    writeFileSync(join(directory, "model", "sub", "weights.bin"), "1", { mode: 0o600 });
    symlinkSync("sub/weights.bin", join(directory, "model", "latest.bin"));
    return use(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
