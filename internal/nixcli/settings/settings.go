// Package settings reads what nix says of its configuration (nix config show --json).
package settings

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// Caches are the URLs of the caches that nix fetches from, none where it fetches nothing (substitute).
func Caches(data []byte) ([]string, error) {
	var settings struct {
		Substituters *struct {
			Value []string `json:"value"`
		} `json:"substituters"`
		Substitute *struct {
			Value bool `json:"value"`
		} `json:"substitute"`
	}
	if err := json.Unmarshal(data, &settings); err != nil {
		return nil, fmt.Errorf("nix config show: unknown answer: %w", err)
	}
	if settings.Substituters == nil {
		return nil, fmt.Errorf("nix config show: names no substituters")
	}
	if settings.Substitute != nil && !settings.Substitute.Value {
		return nil, nil
	}
	return settings.Substituters.Value, nil
}

// Since Nix 2.30 builds have a folder of their own, before that they were in that of temporary files (nix,
// doc/manual/source/release-notes/rl-2.30.md).
const (
	ownBuilds = "/nix/var/nix/builds"
	temporary = "/tmp"
)

// BuildDir is where a nix of that version unpacks and compiles: the setting build-dir says it, else the version.
func BuildDir(data []byte, version string) (string, error) {
	var settings struct {
		BuildDir struct {
			Value *string `json:"value"`
		} `json:"build-dir"`
	}
	if err := json.Unmarshal(data, &settings); err != nil {
		return "", fmt.Errorf("nix config show: unknown answer: %w", err)
	}
	if at := settings.BuildDir.Value; at != nil && *at != "" {
		return *at, nil
	}
	major, rest, _ := strings.Cut(version, ".")
	minor, _, _ := strings.Cut(rest, ".")
	m, _ := strconv.Atoi(minor)
	if M, err := strconv.Atoi(major); err == nil && (M > 2 || M == 2 && m >= 30) {
		return ownBuilds, nil
	}
	return temporary, nil
}
