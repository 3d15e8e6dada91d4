#!/usr/bin/env bash
# Puts a recent Nix beside an older Debian's own libraries, and prints the directory to put on PATH.
#
# Usage: scripts/get-nix.sh [--suite trixie|forky] [PREFIX]
#
# Without --suite, a Nix that is on PATH and recent enough is taken as it is. Otherwise the suite's nix-bin, its
# libraries and its loader go below PREFIX (default: $XDG_CACHE_HOME/nqd/nix-SUITE; 10 s, 150 MB). Nothing of the
# system is installed, upgraded or configured, so it needs no root: no package, no /nix, no /etc/nix.
# stdout carries the directory alone; everything said to people goes to stderr.
set -euo pipefail

oldest=2.26 # what nqd refuses to work below

say() { printf 'get-nix: %s\n' "$*" >&2; }
die() {
  say "$1"
  say "what you can do: ${2:-install Nix $oldest or newer yourself and put it on PATH}"
  exit 1
}

# recent NIX: is it a Nix that runs here and is new enough? Distributors put words of their own before the number.
recent() {
  local version
  version=$("$1" --version 2>/dev/null) || return 1
  version=${version##* }
  [ "$(printf '%s\n' "$oldest" "$version" | sort -V | head -n 1)" = "$oldest" ]
}

suite=
case ${1:-} in
  --suite) suite=${2:-}; shift; shift || true ;;
  --suite=*) suite=${1#*=}; shift ;;
  -h | --help) sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "$0"; exit 0 ;;
esac
if [ -z "$suite" ]; then
  if found=$(command -v nix) && recent "$found"; then
    dirname "$found"
    exit 0
  fi
  suite=trixie
fi
case $suite in
  trixie | forky) ;;
  *) die "unknown suite '$suite'" "name trixie (Nix 2.26) or forky (a newer one)" ;;
esac
prefix=${1:-${XDG_CACHE_HOME:-$HOME/.cache}/nqd/nix-$suite}
case $prefix in /*) ;; *) prefix=$PWD/$prefix ;; esac # it goes into the program's loader path

if recent "$prefix/bin/nix"; then
  echo "$prefix/bin"
  exit 0
fi
ours() { [ "$(readlink "$prefix/bin/nix")" = ../usr/bin/nix ]; } # made by this script, so it may be replaced
if [ -n "$(ls -A "$prefix" 2>/dev/null)" ] && ! ours; then
  die "$prefix is not empty and holds no Nix that runs" "name another PREFIX, or empty it"
fi

for tool in apt-get dpkg; do
  command -v "$tool" >/dev/null || die "no Nix $oldest or newer on PATH, and this is no Debian ($tool is missing)"
done
keyring=
for file in /usr/share/keyrings/debian-archive-keyring.{gpg,pgp}; do
  [ -r "$file" ] && keyring=$file
done
[ -n "$keyring" ] || die "Debian's archive keys are not there, so nothing could be verified" \
  "install debian-archive-keyring, or Nix $oldest or newer"

# The mirror that this machine uses for its own release. Asked for by --print-uris and not by `indextargets`, which
# is empty before the first `apt-get update`.
release=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
site=$(apt-get update --print-uris 2>/dev/null |
  sed -nE "s#^'(.*)/dists/(${release:-stable}|stable|testing|unstable|sid)/InRelease'.*#\1#p" | head -n 1)
[ -n "$site" ] || die "apt names no mirror for Debian ${release:-stable}" "add one to apt's sources"

# Everything is made in a directory beside the prefix and renamed at the end: a killed run leaves no half of a Nix.
# What a kill -9 left there an hour ago goes now.
mkdir -p "$(dirname "$prefix")"
find "$(dirname "$prefix")" -maxdepth 1 -name "$(basename "$prefix").new.*" -mmin +60 -exec rm -rf {} +
work=$(mktemp -d "$prefix.new.XXXXXX")
trap 'rm -rf "$work"' EXIT
new=$work/root
mkdir -p "$work/lists/partial" "$work/archives/partial" "$new/bin"
echo "deb [signed-by=$keyring] $site $suite main" >"$work/sources.list"
: >"$work/status" # nothing counts as installed, so that every library comes along

apt() {
  apt-get -qq -y -oAPT::Sandbox::User="$(id -un)" -oDebug::NoLocking=1 -oAcquire::Languages=none \
    -oAcquire::AllowInsecureRepositories=false -oAPT::Get::AllowUnauthenticated=false \
    -oDir::Etc::SourceList="$work/sources.list" -oDir::Etc::SourceParts=/dev/null \
    -oDir::Etc::Preferences=/dev/null -oDir::Etc::PreferencesParts=/dev/null \
    -oDir::State::Lists="$work/lists" -oDir::State::status="$work/status" -oDir::Cache="$work" \
    -oAPT::Update::Error-Mode=any "$@" >"$work/log" 2>&1 && return
  tail -n 5 "$work/log" >&2
  return 1
}

say "fetching Nix from Debian $suite into $prefix"
apt update || die "reading the package lists of Debian $suite" "check the network, and that the mirror in apt's sources carries $suite"
apt install --no-install-recommends --download-only nix-bin patchelf || die "downloading nix-bin of Debian $suite" "check the network and the free space, then run it again"
for deb in "$work"/archives/*.deb; do dpkg -x "$deb" "$new"; done
rm -rf "$new"/usr/share/{doc,man,locale}

# The program is bound to the libraries and the loader that came with it: the C library of the suite is newer than
# that of this machine. patchelf comes from the suite too, and so is started by the suite's loader.
library=$(dirname "$(find "$new/usr/lib" -name libc.so.6 | head -n 1)")
loader=$(find "$library" -name 'ld-linux-*.so.*' | head -n 1)
[ -x "$loader" ] || die "the C library of $suite is not where it was expected" "report it with $(uname -m)"
final=$prefix${library#"$new"}
"$loader" --library-path "$library" "$new/usr/bin/patchelf" --force-rpath --set-rpath "$final" \
  --set-interpreter "$final/$(basename "$loader")" "$new/usr/bin/nix"
# Only Nix's own names go on PATH, so that no other program of the newer suite shadows the system's.
for name in "$new"/usr/bin/nix*; do ln -s "../usr/bin/$(basename "$name")" "$new/bin/"; done

# A run beside this one may have been faster: then its Nix is as good.
recent "$prefix/bin/nix" || { rm -rf "$prefix" && mv -T "$new" "$prefix"; } || true
recent "$prefix/bin/nix" || {
  "$prefix/bin/nix" --version >&2 || true
  rm -rf "$prefix"
  die "the Nix of Debian $suite does not run here as $oldest or newer"
}
say "$("$prefix/bin/nix" --version)"
echo "$prefix/bin"
