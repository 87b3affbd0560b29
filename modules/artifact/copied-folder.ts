import { randomUUID } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import type { ISynthesisSession } from "cdktf/lib/synthesize";
import { addCustomSynthesis } from "cdktf/lib/synthesize/synthesizer";
import { Construct } from "constructs";
import { extract } from "tar";
import type { HostPath } from "../plan/host-path";
import type { ModelStack } from "../stack/model-stack";

export interface CopiedFolderOptions {
  /** Whether an archive (.tar.gz, .tgz) is unpacked into the folder instead of being put into it. */
  readonly unpack: boolean;
}

/**
 * A local file or folder, copied as a folder into the stack's own when the stack is written, under a path that changes
 * with its content. Links stay links: that they do not leave the project was checked when the path was resolved.
 * Everybody may read the copy, because the user of a container is rarely the one who runs modelport.
 */
export class CopiedFolder extends Construct {
  /** From the folder in which Terraform runs. */
  readonly relativePath: string;

  constructor(stack: ModelStack, id: string, path: HostPath, options: CopiedFolderOptions) {
    super(stack, id);
    this.relativePath = `assets/${path.digest.slice(0, 16)}/${id}`;
    addCustomSynthesis(this, {
      onSynthesize: (session: ISynthesisSession) => {
        const { workingDirectory } = session.manifest.forStack(stack);
        copyOnce(path, join(session.outdir, workingDirectory, this.relativePath), options);
      },
    });
  }
}

/** Under its final name a copy is always complete, so that one that is there needs no second look. */
function copyOnce(path: HostPath, folder: string, { unpack }: CopiedFolderOptions): void {
  if (existsSync(folder)) return;
  const unfinished = `${folder}.${randomUUID()}`;
  mkdirSync(dirname(folder), { recursive: true });
  try {
    if (path.isDirectory) {
      copyFolder(path.location, unfinished);
    } else {
      mkdirSync(unfinished);
      chmodSync(unfinished, 0o755);
      if (unpack && /\.(?:tar\.gz|tgz)$/.test(path.location)) unpackInto(path.location, unfinished);
      else copyFile(path.location, join(unfinished, basename(path.location)));
    }
    renameSync(unfinished, folder);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}

function copyFolder(from: string, to: string): void {
  mkdirSync(to);
  chmodSync(to, 0o755);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isSymbolicLink()) symlinkSync(readlinkSync(source), target);
    else if (entry.isDirectory()) copyFolder(source, target);
    else copyFile(source, target);
  }
}

function copyFile(from: string, to: string): void {
  copyFileSync(from, to);
  chmodSync(to, (statSync(from).mode & 0o111) === 0 ? 0o644 : 0o755);
}

/**
 * Files, folders and symbolic links; `tar` follows no link when it writes, and takes no name that leads out of the
 * folder. Where a link leads is seen by whoever reads the folder: a container, in its own file system.
 */
function unpackInto(archive: string, folder: string): void {
  extract({
    file: archive,
    cwd: folder,
    sync: true,
    strict: true,
    preserveOwner: false,
    dmode: 0o755,
    filter: (_, entry) =>
      "type" in entry && ["File", "OldFile", "Directory", "SymbolicLink"].includes(entry.type),
  });
  readableByAll(folder);
}

function readableByAll(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const location = join(folder, entry.name);
    if (entry.isDirectory()) {
      chmodSync(location, 0o755);
      readableByAll(location);
    } else if (entry.isFile()) {
      chmodSync(location, (statSync(location).mode & 0o111) === 0 ? 0o644 : 0o755);
    }
  }
}
