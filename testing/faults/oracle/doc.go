// Package oracle says what state a machine is in by looking at it alone: every file, the running
// system, the profile, the boot menu and the store. It shares nothing with nqd and never reads its
// records.
package oracle
