package proof

import (
	"context"
	"encoding/csv"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// restart is the cure of whatever the kernel does only when it starts.
const restart = "restart the machine"

// module is what is known about the driver in the kernel.
type module struct {
	loaded   bool
	drivers  []string // of the cards, empty for none
	switched bool     // another system runs than was started
	locked   bool     // the kernel takes signed modules only
	barred   string   // what bars the module by name; empty for nothing
}

func (a *Asker) lookAtModule() module {
	m := module{loaded: a.loaded(), switched: a.switched(), locked: a.locked(), barred: a.barred()}
	for _, card := range a.cards(nvidia) {
		m.drivers = append(m.drivers, card.Driver)
	}
	return m
}

// loaded reports whether the kernel has the module nvidia.
func (a *Asker) loaded() bool {
	there, _ := a.Machine.Exists("/sys/module/nvidia")
	return there
}

// locked reads the mode of kernel_lockdown(7), which stands in brackets. Kernels of NixOS do not lock themselves because
// of Secure Boot alone, so without the file the answer is no.
func (a *Asker) locked() bool {
	text := a.text("/sys/kernel/security/lockdown")
	return strings.Contains(text, "[integrity]") || strings.Contains(text, "[confidentiality]")
}

// barred finds who keeps the module out: the kernel's command line, or modprobe.d(5).
func (a *Asker) barred() string {
	for _, word := range strings.Fields(a.text("/proc/cmdline")) {
		key, value, _ := strings.Cut(word, "=")
		if (key == "module_blacklist" || key == "modprobe.blacklist") && slices.Contains(strings.Split(value, ","), "nvidia") {
			return "the kernel was started with " + key + "=nvidia"
		}
	}
	names, _ := a.Machine.Names("/etc/modprobe.d")
	for _, name := range names {
		for line := range strings.Lines(a.text("/etc/modprobe.d/" + name)) {
			if slices.Equal(strings.Fields(line), []string{"blacklist", "nvidia"}) {
				return "/etc/modprobe.d/" + strconv.Quote(name) + " bars it"
			}
		}
	}
	return ""
}

// text is a file of the machine, empty where it cannot be read.
func (a *Asker) text(abs string) string {
	data, _ := a.Machine.ReadFile(abs)
	return string(data)
}

func (a *Asker) nvidiaModule(context.Context, string) (string, error) {
	if !a.has(nvidia) {
		return noNvidia, nil
	}
	return a.lookAtModule().judge()
}

// judge says whether the cards are driven by nvidia, or from when on.
func (m module) judge() (string, error) {
	driven := slices.Contains(m.drivers, "nvidia")
	switch {
	case m.loaded && driven:
		return "", nil
	case !slices.ContainsFunc(m.drivers, func(driver string) bool { return driver != "vfio-pci" }):
		return "not asked: the card is kept for virtual machines (vfio-pci)", nil
	case m.switched && slices.Contains(m.drivers, "nouveau"):
		return nextStart + ": until then nouveau drives the card", nil
	case m.switched && !m.loaded:
		return nextStart + ": until then no module drives the card", nil
	case slices.Contains(m.drivers, "nouveau"):
		return "", &Problem{
			"nouveau drives the card",
			"the system that was started has no driver of NVIDIA, or the kernel loaded nouveau before nvidia",
			"deploy with the feature gpu-nvidia on and " + restart + "; where nouveau stays, take it out of boot.kernelModules and boot.initrd.kernelModules",
		}
	case m.loaded:
		return "", &Problem{
			"the module nvidia is loaded, and drives no card",
			"this branch of the driver does not serve the card, or open modules were taken for one before Turing",
			"nqd facts --refresh, then nqd apply takes the branch that nqd gpu names; journalctl -k -g NVRM says what the driver found",
		}
	}
	return "", m.notLoaded()
}

// notLoaded is why the module is missing, although this system was started.
func (m module) notLoaded() error {
	problem := &Problem{Text: "the module nvidia is not loaded"}
	switch {
	case m.barred != "":
		problem.Why, problem.Do = m.barred, "start the system without safe-graphics, or take that out"
	case m.locked:
		problem.Why = "the kernel takes signed modules only, and the driver is not signed"
		problem.Do = "switch Secure Boot off in the firmware, or let the kernel start without lockdown"
	default:
		problem.Why = "the driver is not part of the system that was started, or was not made for this kernel or card"
		problem.Do = "journalctl -k -g 'nvidia|NVRM' says what was tried; without a line, switch the feature gpu-nvidia on"
	}
	return problem
}

// versions are those of the driver's two halves, which have to be the same to the last digit.
type versions struct {
	kernel string
	// libraries are those of libnvidia-ml.so that programs load; one on a machine that is well.
	libraries []string
	switched  bool
}

var versionShape = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[0-9]+(\.[0-9]+)+$`) })

// kernelVersion is the version of the module: /sys/module/nvidia/version, or else the first line of
// /proc/driver/nvidia/version, which names it behind the words "Kernel Module"; open modules have the words "for x86_64"
// between the two.
func kernelVersion(sys, proc string) string {
	if version := strings.TrimSpace(sys); versionShape().MatchString(version) {
		return version
	}
	first, _, _ := strings.Cut(proc, "\n")
	if !strings.HasPrefix(first, "NVRM version:") {
		return ""
	}
	_, behind, _ := strings.Cut(first, "Kernel Module")
	for _, word := range strings.Fields(behind) {
		if versionShape().MatchString(word) {
			return word
		}
	}
	return ""
}

// driverLink is where programs of NixOS find the libraries of the driver (addDriverRunpath.driverLink of nixpkgs).
const driverLink = "/run/opengl-driver/lib"

func (a *Asker) nvidiaVersion(context.Context, string) (string, error) {
	switch {
	case !a.has(nvidia):
		return noNvidia, nil
	case !a.loaded():
		return noModule, nil
	}
	v := versions{
		kernel:   kernelVersion(a.text("/sys/module/nvidia/version"), a.text("/proc/driver/nvidia/version")),
		switched: a.switched(),
	}
	names, _ := a.Machine.Names(driverLink)
	for _, name := range names {
		if version, found := strings.CutPrefix(name, "libnvidia-ml.so."); found && versionShape().MatchString(version) {
			v.libraries = append(v.libraries, version)
		}
	}
	return v.judge()
}

// judge compares the halves.
func (v versions) judge() (string, error) {
	switch {
	case v.kernel == "":
		return "not asked: the module does not tell its version", nil
	case len(v.libraries) == 0:
		return "", &Problem{
			driverLink + " has no libraries of NVIDIA",
			"the module is loaded by hand, or the running system is not the one with the driver",
			"switch the feature gpu-nvidia on and deploy",
		}
	case slices.Contains(v.libraries, v.kernel):
		return "", nil
	}
	return "", mismatch(fmt.Sprintf("the module is %s, the libraries are %s", v.kernel, strings.Join(v.libraries, ", ")), v.switched)
}

// mismatch is a driver whose halves are of two versions.
func mismatch(text string, switched bool) error {
	why := "the module is from another system than the libraries"
	if switched {
		why = "the driver was updated while the machine ran, and the kernel still has the module that it started with"
	}
	return &Problem{text, why, restart}
}

// smiCard is one line of nvidia-smi.
type smiCard struct {
	name, driver string
	memory       int // MiB
}

// parseSMI reads `nvidia-smi --query-gpu=index,name,driver_version,memory.total --format=csv,noheader`.
func parseSMI(out string) ([]smiCard, error) {
	reader := csv.NewReader(strings.NewReader(out))
	reader.TrimLeadingSpace, reader.FieldsPerRecord, reader.LazyQuotes = true, 4, true
	rows, err := reader.ReadAll()
	if err != nil {
		return nil, err
	}
	var cards []smiCard
	for i, row := range rows {
		if row[0] != strconv.Itoa(i) || !versionShape().MatchString(row[2]) {
			return nil, fmt.Errorf("line %d: not a card", i+1)
		}
		// Cards that share the memory of the machine tell none ("[N/A]").
		size, _ := strconv.Atoi(strings.TrimSuffix(row[3], " MiB"))
		cards = append(cards, smiCard{row[1], row[2], size})
	}
	return cards, nil
}

func (a *Asker) nvidiaSMI(ctx context.Context, _ string) (string, error) {
	switch {
	case !a.has(nvidia):
		return noNvidia, nil
	case !a.loaded():
		return noModule, nil
	}
	said, err := a.run(ctx, "nvidia-smi", "--query-gpu=index,name,driver_version,memory.total", "--format=csv,noheader")
	if err != nil {
		return "", err
	}
	driven := 0
	for _, card := range a.cards(nvidia) {
		if card.Driver == "nvidia" {
			driven++
		}
	}
	return judgeSMI(said, driven, a.switched())
}

// judgeSMI holds what nvidia-smi said against the number of cards that nvidia drives.
func judgeSMI(said answer, driven int, switched bool) (string, error) {
	if said.missing {
		return notThere("nvidia-smi"), nil
	}
	if said.code == 0 {
		cards, err := parseSMI(said.out)
		switch {
		case err == nil && len(cards) >= driven && len(cards) > 0:
			return "", nil
		case err == nil && len(cards) > 0:
			return "", &Problem{
				fmt.Sprintf("nvidia-smi names %d of %d cards", len(cards), driven), "the driver gave a card up",
				"journalctl -k -g NVRM says why; a loose card or a weak power supply is a common reason",
			}
		}
	}
	switch {
	case said.has("Driver/library version mismatch"):
		return "", mismatch("nvidia-smi: "+said.last(""), switched)
	case said.has("couldn't communicate with the NVIDIA driver"):
		return "", &Problem{
			"nvidia-smi does not reach the driver", "the module is not loaded, or has no device nodes",
			"look at what nvidia-module and gpu-nodes say",
		}
	case said.has("No devices were found"):
		return "", &Problem{
			"nvidia-smi finds no card", "the driver could not start the card",
			"journalctl -k -g NVRM says why",
		}
	}
	return "", &Problem{Text: "nvidia-smi: " + said.last(fmt.Sprintf("exit code %d", said.code))}
}
