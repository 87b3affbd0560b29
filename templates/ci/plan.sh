#!/usr/bin/env bash
# Plans what a change does: every manifest, in every environment that it declares, held against the commit where the
# branch began. Offline: without credentials, state or providers. For any CI; needs git with the history, Node, and
# Terraform or OpenTofu. A manifest at fault gives no plan but its problems, all at once.
#
#   bash ci/plan.sh [file]   writes the plan as markdown, for a comment, and prints it (default: cdktf.out/plan.md)
#
#   BASE                 branch, tag or commit to compare with (default: origin's default branch)
#   MODELPORT_MANIFEST   path, folder or glob (default: modelport.yaml)
#   MODELPORT_TARGET     targets instead of each manifest's own
#   MODELPORT_ENV        one environment instead of all
#   MODELPORT_ALLOW      what may be replaced or destroyed though it is live or holds data: addresses, or all
#
# Exits as `terraform plan -detailed-exitcode`: 0 nothing changes, 2 something does, 1 no plan, or the guard stops it.
set -euo pipefail
export CHECKPOINT_DISABLE=1

file=${1:-cdktf.out/plan.md}
mkdir -p -- "$(dirname -- "$file")"
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT

# The reason takes the place of a plan that there is none of. Indented, it is plain text to markdown.
no_plan() {
  {
    printf '### Terraform plan: none\n\n'
    tail -n 50 | sed 's/^/    /'
  } > "$file"
  cat -- "$file"
  exit 1
}

base=${BASE:-origin/HEAD}
tip=$(git rev-parse --verify --quiet --end-of-options "$base^{commit}") ||
  no_plan <<< "git knows no revision $base: name one in BASE, and fetch it"
# Not the tip: what others have merged since then is no part of this change.
start=$(git merge-base "$tip" HEAD) ||
  no_plan <<< "git finds no commit that $base and this one share: fetch the whole history"

options=(--offline --base "$start" --format markdown --detailed-exitcode --out "$work/stacks")
if [ -z "${MODELPORT_ENV:-}" ]; then options+=(--all-environments); fi
status=0
npx --no-install modelport plan "${options[@]}" -- "${MODELPORT_MANIFEST:-modelport.yaml}" \
  > "$file" 2> "$work/stderr" || status=$?
cat -- "$work/stderr" >&2

# A command line at fault has no result to show.
if [ ! -s "$file" ]; then
  echo "modelport ended with $status" >> "$work/stderr"
  no_plan < "$work/stderr"
fi
cat -- "$file"
case $status in
  0 | 2) exit "$status" ;;
  *) exit 1 ;;
esac
