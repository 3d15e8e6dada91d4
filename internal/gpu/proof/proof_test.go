package proof

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/catalog"
	"github.com/masterofnull/nixos-quick-deploy/internal/facts"
	"github.com/masterofnull/nixos-quick-deploy/internal/facts/pci"
)

// answered compares an answer with what is wanted: "ok", "remark: …", or the problem and, behind bars, words of its cause
// and cure.
func answered(t *testing.T, name, remark string, err error, want string) {
	t.Helper()
	got := "ok"
	var problem *Problem
	switch {
	case errors.As(err, &problem):
		got = strings.Join([]string{problem.Text, problem.Why, problem.Do}, " | ")
	case err != nil:
		got = "error: " + err.Error()
	case remark != "":
		got = "remark: " + remark
	}
	parts := strings.Split(want, " | ")
	matches := strings.Count(got, " | ") >= len(parts)-1 && strings.HasPrefix(got, parts[0])
	if len(parts) == 1 && problem == nil {
		matches = got == want
	}
	for _, part := range parts[1:] {
		matches = matches && strings.Contains(got, strings.TrimPrefix(part, "| "))
	}
	if !matches {
		t.Errorf("%s:\n got %s\nwant %s", name, got, want)
	}
}

// The words of feature.toml are those that can be asked.
func TestQuestions(t *testing.T) {
	t.Parallel()
	if got, want := slices.Sorted(maps.Keys(questions)), slices.Sorted(slices.Values(catalog.Questions)); !slices.Equal(got, want) {
		t.Errorf("asked: %q\nof the catalog: %q", got, want)
	}
	if _, err := (&Asker{}).Ask(t.Context(), "nvidia", ""); err == nil {
		t.Error("an unknown question passes")
	}
}

func TestModule(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		module
		want string
	}{
		"good":                   {module{loaded: true, drivers: []string{"nvidia"}}, "ok"},
		"one of two":             {module{loaded: true, drivers: []string{"nvidia", "vfio-pci"}}, "ok"},
		"for a virtual machine":  {module{drivers: []string{"vfio-pci"}}, "remark: not asked: the card is kept for virtual machines (vfio-pci)"},
		"switched, nouveau":      {module{drivers: []string{"nouveau"}, switched: true}, "remark: from the next start on: until then nouveau drives the card"},
		"switched, none":         {module{drivers: []string{""}, switched: true}, "remark: from the next start on: until then no module drives the card"},
		"nouveau after a start":  {module{drivers: []string{"nouveau"}}, "nouveau drives the card | nouveau before nvidia | restart the machine"},
		"locked":                 {module{drivers: []string{""}, locked: true}, "the module nvidia is not loaded | signed | Secure Boot"},
		"barred":                 {module{drivers: []string{""}, barred: "x bars it", locked: true}, "the module nvidia is not loaded | x bars it | safe-graphics"},
		"no reason":              {module{drivers: []string{""}}, "the module nvidia is not loaded | not part of the system | journalctl -k"},
		"of the wrong branch":    {module{loaded: true, drivers: []string{""}}, "the module nvidia is loaded, and drives no card | branch | nqd facts --refresh"},
		"wrong branch, switched": {module{loaded: true, drivers: []string{""}, switched: true}, "the module nvidia is loaded, and drives no card | branch"},
	} {
		remark, err := c.judge()
		answered(t, name, remark, err, c.want)
	}
}

func TestVersions(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ sys, proc, want string }{
		{"570.124.04\n", "", "570.124.04"}, {"", procVersion, "550.90.07"}, {"", procVersionOpen, "570.124.04"},
		{"x", "y", ""}, {"", "NVRM version: Kernel Module x86_64\n1.2.3\n", ""}, {"570.1\x1b", "", ""},
	} {
		if got := kernelVersion(c.sys, c.proc); got != c.want {
			t.Errorf("%q, %q: %q, want %q", c.sys, c.proc, got, c.want)
		}
	}
	for name, c := range map[string]struct {
		versions
		want string
	}{
		"good":      {versions{kernel: "570.124.04", libraries: []string{"570.124.04"}}, "ok"},
		"mismatch":  {versions{kernel: "550.90.07", libraries: []string{"570.124.04"}, switched: true}, "the module is 550.90.07, the libraries are 570.124.04 | updated while the machine ran | restart the machine"},
		"started":   {versions{kernel: "570.124.04", libraries: []string{"570.124.06"}}, "the module is 570.124.04, the libraries are 570.124.06 | another system | restart"},
		"libraries": {versions{kernel: "570.124.04"}, "/run/opengl-driver/lib has no libraries of NVIDIA | | gpu-nvidia"},
		"no words":  {versions{libraries: []string{"1.2"}}, "remark: not asked: the module does not tell its version"},
	} {
		remark, err := c.judge()
		answered(t, name, remark, err, c.want)
	}
}

func TestSMI(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		said   answer
		driven int
		want   string
	}{
		"good":      {answer{out: smiGood}, 1, "ok"},
		"two":       {answer{out: smiTwo}, 2, "ok"},
		"one lost":  {answer{out: smiGood}, 2, "nvidia-smi names 1 of 2 cards | gave a card up | NVRM"},
		"missing":   {answer{missing: true, code: 127}, 1, "remark: not asked: nvidia-smi is not installed"},
		"mismatch":  {answer{out: smiMismatch, code: 18}, 1, "nvidia-smi: NVML library version: 570.124 | | restart the machine"},
		"no driver": {answer{out: smiNoDriver, code: 9}, 1, "nvidia-smi does not reach the driver | not loaded | nvidia-module"},
		"no device": {answer{out: smiNoDevices, code: 6}, 1, "nvidia-smi finds no card"},
		"nothing":   {answer{}, 1, "nvidia-smi: exit code 0"},
		"other":     {answer{out: "hello, world\n"}, 1, "nvidia-smi: hello, world"},
		"no number": {answer{out: strings.Replace(smiGood, "0,", "7,", 1)}, 1, "nvidia-smi: 7, NVIDIA"},
	} {
		remark, err := judgeSMI(c.said, c.driven, false)
		answered(t, name, remark, err, c.want)
	}
}

func TestCompute(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		judge func(answer) (string, error)
		said  answer
		want  string
	}{
		"rocm good":       {judgeROCm, answer{out: rocmGood}, "ok"},
		"rocm denied":     {judgeROCm, answer{out: rocmDenied, code: 1}, "rocminfo may not open /dev/kfd | group render | extraGroups"},
		"rocm not loaded": {judgeROCm, answer{out: rocmNotLoaded}, "there is no /dev/kfd | amdgpu is not loaded"},
		"rocm cpu only":   {judgeROCm, answer{out: strings.Replace(rocmNotLoaded, "NOT loaded", "loaded", 1)}, "rocminfo names no card | does not know | vulkan"},
		"rocm missing":    {judgeROCm, answer{missing: true, code: 127}, "remark: not asked: rocminfo is not installed"},
		"rocm failed":     {judgeROCm, answer{out: rocmGood, code: 3, messages: "oh no"}, "rocminfo: oh no"},
		"vulkan good":     {vulkanAfterStart, answer{out: vulkanGood}, "ok"},
		"vulkan software": {vulkanAfterStart, answer{out: vulkanSoftware}, "Vulkan has no card, only the processor | /dev/dri | hardware.graphics"},
		"vulkan missing":  {vulkanAfterStart, answer{missing: true}, "remark: not asked: vulkaninfo is not installed"},
		"vulkan failed":   {vulkanAfterStart, answer{messages: "ERROR_INCOMPATIBLE_DRIVER", code: 1}, "vulkaninfo: ERROR_INCOMPATIBLE_DRIVER"},
	} {
		remark, err := c.judge(c.said)
		answered(t, name, remark, err, c.want)
	}
}

func vulkanAfterStart(said answer) (string, error) { return judgeVulkan(said, false) }

func TestContainer(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		said  answer
		image bool
		want  string
	}{
		"good":         {answer{out: smiList}, true, "ok"},
		"good, empty":  {answer{out: smiList}, false, "ok"},
		"unresolvable": {answer{messages: podmanUnresolvable, code: 126}, false, "podman: Error: setting up CDI devices | did not run | restart nvidia-container-toolkit-cdi-generator.service"},
		"stale":        {answer{messages: podmanStale, code: 126}, true, "podman: Error: setting up CDI devices: failed to inject | device nodes changed"},
		"no root":      {answer{messages: "Error: overlay\n", code: 125}, false, "remark: not asked: podman has no image, and took no empty one: Error: overlay"},
		"mismatch":     {answer{out: smiMismatch, code: 18}, true, "nvidia-smi in a container | | restart the machine"},
		"other":        {answer{messages: "Error: no\n", code: 125}, true, "a container does not see the card: Error: no | does not fit"},
	} {
		remark, err := judgeContainer(c.said, c.image)
		answered(t, name, remark, err, c.want)
	}
	if got := strings.Join(containerArgv(firstImage(answer{out: "not an id\n0123456789ab\n"})), " "); !strings.HasSuffix(got, "--device=nvidia.com/gpu=all --entrypoint=/usr/bin/nvidia-smi 0123456789ab -L") || !strings.Contains(got, " --pull=never ") {
		t.Error(got)
	}
	if got := strings.Join(containerArgv(firstImage(answer{out: "0123456789ab\n", code: 125})), " "); !strings.HasSuffix(got, "--rootfs /var/empty:O /usr/bin/nvidia-smi -L") {
		t.Error(got)
	}
}

func TestModels(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		ollamaCard: "ok", ollamaCPU: "Ollama computes on the processor alone | package | acceleration",
		`{"models":[]}`: "remark: not known before a model is loaded", `{}`: "error: no answer of Ollama", `[`: "error: no answer of Ollama",
		`{"models":[{"size":-1}]}`: "error: no answer of Ollama",
	} {
		models, err := parseModels([]byte(text))
		remark := ""
		if err == nil {
			remark, err = judgeModels(models, false)
		}
		if strings.HasPrefix(want, "error: ") {
			if err == nil || !strings.HasPrefix(err.Error(), strings.TrimPrefix(want, "error: ")) {
				t.Errorf("%s: %v", text, err)
			}
			continue
		}
		answered(t, text, remark, err, want)
	}
}

func TestNodes(t *testing.T) {
	t.Parallel()
	kfd := node{path: "/dev/kfd", there: true, mode: 0o660, gid: 303, group: "render", refused: true}
	ada := person{name: "ada", groups: []string{"wheel"}}
	for name, c := range map[string]struct {
		node
		person
		want string
	}{
		"open":           {node{path: "/dev/kfd", there: true, mode: 0o666}, ada, "ok"},
		"not in group":   {kfd, ada, `ada may not open /dev/kfd | only the group render may | users.users.ada.extraGroups = [ "render" ]`},
		"not yet":        {kfd, person{"ada", []string{"render"}}, "ada may not open /dev/kfd | when it began | log in again"},
		"none":           {node{path: "/dev/kfd"}, ada, "there is no /dev/kfd | did not take the card"},
		"none of nvidia": {node{path: "/dev/nvidia0"}, ada, "there is no /dev/nvidia0 | nvidia-modprobe | nvidia-smi once"},
	} {
		answered(t, name, "", judgeNodes([]node{c.node}, c.person), c.want)
	}
	for mode, closed := range map[uint32]bool{0o666: false, 0o660: true, 0o600: true, 0o664: true} {
		if got := (node{mode: 0o777 & fsMode(mode), group: "render"}).closedTo(ada); got != closed {
			t.Errorf("%o: closed %t", mode, got)
		}
	}
	if (node{mode: 0o660, group: "wheel"}).closedTo(ada) {
		t.Error("closed to its group")
	}
}

// What the machine does not have is not asked.
func TestNotAsked(t *testing.T) {
	t.Parallel()
	card := func(vendor, driver string) facts.Facts {
		return facts.Facts{PCI: []pci.Device{{Slot: "0000:01:00.0", Class: "030000", Vendor: vendor, ID: "0000", Driver: driver}}}
	}
	for question := range questions {
		a := &Asker{Machine: empty(t)}
		remark, err := a.Ask(t.Context(), question, "127.0.0.1:1")
		if err != nil || !strings.HasPrefix(remark, "not asked: no ") {
			t.Errorf("%s without cards: %q, %v", question, remark, err)
		}
	}
	for _, question := range []string{"nvidia-module", "nvidia-smi", "cdi", "container", "nvidia-version"} {
		a := &Asker{Machine: empty(t), Found: card(intel, "i915")}
		if remark, err := a.Ask(t.Context(), question, ""); err != nil || remark != noNvidia {
			t.Errorf("%s with a card of Intel: %q, %v", question, remark, err)
		}
	}
	if got := (&Asker{Machine: empty(t), Found: card(intel, "i915")}).ForCards(); !slices.Equal(got, []string{"gpu-nodes", "vulkan"}) {
		t.Errorf("asked of Intel: %q", got)
	}
	if got := (&Asker{Machine: empty(t)}).ForCards(); got != nil {
		t.Errorf("asked without cards: %q", got)
	}
}
