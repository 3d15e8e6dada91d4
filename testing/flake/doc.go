// Package flake tests flake.nix as far as that goes without nixpkgs: what it hands to a stub of it, with every Nix of
// NQD_TEST_NIX, and that go.mod.sri belongs to go.mod.
package flake
