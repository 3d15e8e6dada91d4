package proof

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"sync"
)

// agent is one of rocminfo: a processor or a card.
type agent struct{ name, kind string }

// parseAgents reads the part "HSA Agents" of rocminfo: a headline "Agent N" between stars, then keys and values. Only
// those keys count that are indented by two blanks: pools and ISAs below have names too.
func parseAgents(out string) []agent {
	var agents []agent
	for line := range strings.Lines(out) {
		line = strings.TrimRight(line, " \t\r\n")
		if agentHead().MatchString(line) {
			agents = append(agents, agent{})
			continue
		}
		key, value, found := strings.Cut(line, ":")
		if !found || len(agents) == 0 {
			continue
		}
		switch current := &agents[len(agents)-1]; key {
		case "  Name":
			current.name = strings.TrimSpace(value)
		case "  Device Type":
			current.kind = strings.TrimSpace(value)
		}
	}
	return agents
}

var (
	agentHead = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^Agent [0-9]+$`) })
	gfxShape  = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^gfx[0-9a-f]+$`) })
)

func (a *Asker) rocm(ctx context.Context, _ string) (string, error) {
	if !a.has(amd) {
		return noAMD, nil
	}
	if decided := a.decision().AMD; decided == nil || !decided.ROCm {
		return "not asked: ROCm does not serve this card", nil
	}
	said, err := a.run(ctx, "rocminfo")
	if err != nil {
		return "", err
	}
	return judgeROCm(said)
}

func judgeROCm(said answer) (string, error) {
	if said.missing {
		return notThere("rocminfo"), nil
	}
	for _, agent := range parseAgents(said.out) {
		if said.code == 0 && agent.kind == "GPU" && gfxShape().MatchString(agent.name) {
			return "", nil
		}
	}
	switch {
	case said.has("Unable to open /dev/kfd read-write: Permission denied"):
		return "", &Problem{
			"rocminfo may not open /dev/kfd", "the user is not in the group render, or not since the last login",
			`users.users.NAME.extraGroups = [ "render" "video" ], deploy, and log in again`,
		}
	case said.has("ROCk module is NOT loaded", "Unable to open /dev/kfd read-write: No such file or directory"):
		return "", &Problem{
			"there is no /dev/kfd", "the module amdgpu is not loaded, or does not compute with this card",
			"journalctl -k -g 'kfd|amdgpu' says why",
		}
	case said.code == 0:
		return "", &Problem{"rocminfo names no card", "ROCm does not know this card", "take vulkan for local models instead"}
	}
	return "", &Problem{Text: "rocminfo: " + said.last(fmt.Sprintf("exit code %d", said.code))}
}

// device is one of vulkaninfo.
type device struct{ name, kind string }

// parseVulkan reads the part "Devices:" of `vulkaninfo --summary`: a line "GPUn:" for each, then keys and values.
func parseVulkan(out string) []device {
	_, part, _ := strings.Cut("\n"+out, "\nDevices:")
	var devices []device
	for line := range strings.Lines(part) {
		if vulkanHead().MatchString(strings.TrimRight(line, " \t\r\n")) {
			devices = append(devices, device{})
			continue
		}
		key, value, found := strings.Cut(line, "=")
		if !found || len(devices) == 0 {
			continue
		}
		switch current := &devices[len(devices)-1]; strings.TrimSpace(key) {
		case "deviceName":
			current.name = strings.TrimSpace(value)
		case "deviceType":
			current.kind = strings.TrimSpace(value)
		}
	}
	return devices
}

var vulkanHead = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^GPU[0-9]+:$`) })

// software reports whether the processor computes in place of a card.
func (d device) software() bool {
	return d.kind == "PHYSICAL_DEVICE_TYPE_CPU" || strings.HasPrefix(d.name, "llvmpipe")
}

func (a *Asker) vulkan(ctx context.Context, _ string) (string, error) {
	if !a.has(nvidia, amd, intel) {
		return noCard, nil
	}
	said, err := a.run(ctx, "vulkaninfo", "--summary")
	if err != nil {
		return "", err
	}
	return judgeVulkan(said, a.switched())
}

func judgeVulkan(said answer, switched bool) (string, error) {
	if said.missing {
		return notThere("vulkaninfo"), nil
	}
	devices := parseVulkan(said.out)
	for _, device := range devices {
		if device.kind != "" && !device.software() {
			return "", nil
		}
	}
	problem := &Problem{
		"Vulkan has no card, only the processor",
		"no driver for Vulkan finds the card, or the user may not open /dev/dri",
		"look at what gpu-nodes says; hardware.graphics.enable has to be on",
	}
	if switched {
		problem.Why, problem.Do = "the driver was updated while the machine ran", restart
	}
	if len(devices) == 0 {
		problem.Text = "vulkaninfo: " + said.last("no device")
	}
	return "", problem
}
