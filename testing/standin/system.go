package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
)

const currentSystem = "/run/current-system"

// system is a toplevel, "/nix/store/…-nixos-system-HOST-VERSION".
type system struct {
	path string // of the machine
	info systemInfo
}

// systemInfo is standin.json of a toplevel: what a real one has as generated scripts.
type systemInfo struct {
	HostName string    `json:"hostName"`
	Users    []account `json:"users"`
	Groups   []string  `json:"groups"`
	Loader   string    `json:"loader"`
	Timeout  *int      `json:"timeout"`
}

// account is a user that activation makes.
type account struct {
	Name        string   `json:"name"`
	UID         *int     `json:"uid"`
	Normal      bool     `json:"normal"` // isNormalUser: has a home made for it
	Home        string   `json:"home"`
	Description string   `json:"description"`
	Shell       string   `json:"shell"`
	Group       string   `json:"group"`
	Groups      []string `json:"groups"` // besides Group
}

// system reads the toplevel PATH.
func (m machine) system(path string) (system, error) {
	s := system{path: path}
	file := filepath.Join(path, "standin.json")
	data, err := m.readFile(file)
	if err != nil {
		return system{}, err
	}
	if err := json.Unmarshal(data, &s.info); err != nil {
		return system{}, fmt.Errorf("%s: %w", file, err)
	}
	return s, nil
}

func (s system) etc() string   { return filepath.Join(s.path, "etc") }
func (s system) units() string { return filepath.Join(s.path, "etc/systemd/system") }
