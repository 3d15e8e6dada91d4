#!/usr/bin/env bash
# Writes go.mod.sri: the vendorHash of flake.nix, which is the hash of what `go mod vendor` makes.
#
# Usage: scripts/vendor-hash.sh [--print]        --print leaves the file alone
#
# buildGoModule runs the same command in a fixed-output derivation and compares. Run this after every change of
# go.mod; testing/flake has the test that notices when it was forgotten.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# buildGoModule sees neither a workspace nor flags of the user's.
GOWORK=off GOFLAGS='' go mod vendor -o "$work/vendor"
mkdir -p "$work/vendor" # no dependencies: buildGoModule makes an empty one too
hash=$(nix --extra-experimental-features nix-command hash path --type sha256 "$work/vendor")
if [ "${1:-}" = --print ]; then
  echo "$hash"
else
  echo "$hash" >go.mod.sri.new && mv go.mod.sri.new go.mod.sri
  echo "go.mod.sri: $hash" >&2
fi
