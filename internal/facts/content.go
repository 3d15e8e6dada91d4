package facts

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/masterofnull/nixos-quick-deploy/internal/facts/pci"
)

// formatVersion is of the file that JSON makes; version 1 had cpu_vendor and memory_mb alone.
const formatVersion = 2

// content is facts.json. What is not known is left out.
type content struct {
	Battery        bool         `json:"battery,omitempty"`
	BootLoader     string       `json:"boot_loader,omitempty"`
	CPUFamily      int          `json:"cpu_family,omitempty"`
	CPULevel       int          `json:"cpu_level,omitempty"`
	CPUModel       int          `json:"cpu_model,omitempty"`
	CPUVendor      string       `json:"cpu_vendor"`
	CPUs           int          `json:"cpus,omitempty"`
	Desktop        string       `json:"desktop,omitempty"`
	Disks          []Disk       `json:"disks,omitempty"`
	Encrypted      bool         `json:"encrypted,omitempty"`
	FileSystems    []FileSystem `json:"file_systems,omitempty"`
	Firmware       string       `json:"firmware,omitempty"`
	Graphics       any          `json:"graphics,omitempty"`
	MemoryMB       int          `json:"memory_mb,omitempty"`
	PCI            []pci.Device `json:"pci,omitempty"`
	SecureBoot     bool         `json:"secure_boot,omitempty"`
	SwapMB         int          `json:"swap_mb,omitempty"`
	Version        int          `json:"version"`
	Virtualisation string       `json:"virtualisation,omitempty"`
}

// written are the classes of PCI devices that somebody decides by: storage, network, display, multimedia, processing
// accelerators (PCI Code and ID Assignment Specification).
var written = []string{"01", "02", "03", "04", "12"}

// JSON is the part of the facts that features are tuned by, with what is decided for the graphics cards (gpu.Decision; nil
// leaves it out): the file hosts/<name>/facts.json. It goes into the Nix store, which everybody on the machine may read, so
// nothing in it tells one machine from another of its kind. What is not known is left out.
//
// It is the same as long as the machine and what is decided for it are: which driver has a device just now is not in it, nor
// what is plugged in for an hour, nor sentences, which the next nqd may word otherwise. Keys are sorted, so that a change is
// few lines, and Compare tells each.
func (f Facts) JSON(graphics any) []byte {
	c := content{
		Battery: f.Battery, BootLoader: f.BootLoader, CPUFamily: f.CPUFamily, CPULevel: f.CPULevel, CPUModel: f.CPUModel,
		CPUVendor: f.CPUVendor, CPUs: f.CPUs, Desktop: f.Desktop, Encrypted: f.Encrypted, FileSystems: f.FileSystems,
		Firmware: f.Firmware, Graphics: graphics, MemoryMB: f.MemoryMB, SecureBoot: f.SecureBoot, SwapMB: f.SwapMB,
		Version: formatVersion, Virtualisation: f.Virtualisation,
	}
	for _, disk := range f.Disks {
		if !disk.Removable {
			c.Disks = append(c.Disks, disk)
		}
	}
	for _, device := range f.PCI {
		if slices.Contains(written, class(device)) {
			// The rest is of the driver that has it now, or of which screen the firmware used.
			c.PCI = append(c.PCI, pci.Device{Slot: device.Slot, Class: device.Class, Vendor: device.Vendor, ID: device.ID})
		}
	}
	data, err := sorted(c)
	if err != nil {
		panic(err) // texts and numbers
	}
	return data
}

// told are the keys of a card that Compare tells of. Features are tuned by what is decided, not by the cards.
var told = []string{"id", "name", "slot"}

// sorted is value as JSON with all keys in order; of what is decided for cards, without what Compare tells nothing of.
func sorted(value any) ([]byte, error) {
	data, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var all map[string]any
	if err := decoder.Decode(&all); err != nil {
		return nil, err
	}
	if graphics, ok := all["graphics"].(map[string]any); ok {
		delete(graphics, "warnings")
		cards, _ := graphics["cards"].([]any)
		for _, one := range cards {
			if card, ok := one.(map[string]any); ok {
				maps.DeleteFunc(card, func(key string, _ any) bool { return !slices.Contains(told, key) })
			}
		}
	}
	data, err = json.MarshalIndent(all, "", "  ")
	return append(data, '\n'), err
}

// FormatError is a facts.json that this nqd does not read.
type FormatError struct {
	Version int   // 0 where it has none
	Cause   error // nil where only the version is not known
}

func (e *FormatError) Error() string {
	if e.Cause != nil {
		return fmt.Sprintf("not the facts of a machine: %v", e.Cause)
	}
	return fmt.Sprintf("format version %d is not known to this nqd, which reads 1 to %d", e.Version, formatVersion)
}

func (e *FormatError) Unwrap() error { return e.Cause }

// Hint says what to do.
func (e *FormatError) Hint() string {
	if e.Version > formatVersion {
		return "a newer nqd wrote it: use that one"
	}
	return "move the file away, and run nqd facts --refresh"
}

// parse reads a facts.json of any version that there was.
func parse(data []byte) (content, error) {
	var c content
	if err := json.Unmarshal(data, &c); err != nil {
		return content{}, &FormatError{Cause: err}
	}
	if c.Version < 1 || c.Version > formatVersion {
		return content{}, &FormatError{Version: c.Version}
	}
	return c, nil
}

// Known reports what keeps nqd from reading a facts.json: a *FormatError, or nil.
func Known(data []byte) error {
	_, err := parse(data)
	return err
}
