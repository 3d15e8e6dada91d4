// Package lib tests nixlib by evaluation alone, with every Nix of NQD_TEST_NIX: its functions (the cases in cases/),
// and whole hosts. Nothing is built or deployed.
package lib
