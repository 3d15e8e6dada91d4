// Package sandbox makes machines to test against: a folder that is a NixOS as the installer
// leaves it, with a store, a boot menu, services and a home of its own, made of the stand-in
// in testing/nixpkgs, testing/home-manager and testing/standin. Removing the folder removes
// the machine; its services end by themselves then.
//
// The readers of this package look at the machine only and share nothing with nqd, so that
// tests can hold them against what nqd says of itself.
package sandbox
