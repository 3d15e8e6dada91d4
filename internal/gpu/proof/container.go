package proof

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	specs "tags.cncf.io/container-device-interface/specs-go"
)

// specDirs are where container engines look for specifications of the Container Device Interface (pkg/cdi/spec-dirs.go);
// /var/run is /run.
var specDirs = []string{"/etc/cdi", "/run/cdi"}

// The device that containers ask for, by kind and name.
const (
	cdiKind   = "nvidia.com/gpu"
	cdiDevice = "all"
)

// generator is the unit of nixpkgs that writes the specification when the machine starts
// (nixos/modules/services/hardware/nvidia-container-toolkit).
const generator = "nvidia-container-toolkit-cdi-generator.service"

const regenerate = "sudo systemctl restart " + generator

// specFiles are the specifications that the machine has. An error is a directory that cannot be read.
func (a *Asker) specFiles() ([]string, error) {
	var files []string
	for _, dir := range specDirs {
		there, err := a.Machine.Exists(dir)
		if err != nil || !there {
			continue
		}
		names, err := a.Machine.Names(dir)
		if err != nil {
			return files, err
		}
		for _, name := range names {
			if ext := path.Ext(name); ext == ".json" || ext == ".yaml" {
				files = append(files, path.Join(dir, name))
			}
		}
	}
	return files, nil
}

func (a *Asker) cdi(context.Context, string) (string, error) {
	switch {
	case !a.has(nvidia):
		return noNvidia, nil
	case !a.loaded() && a.switched():
		return nextStart + ": until then there is no driver to describe", nil
	case !a.loaded():
		return noModule, nil
	}
	files, err := a.specFiles()
	if err != nil {
		return "", err
	}
	var wanted []string
	found, unread := false, ""
	for _, file := range files {
		if path.Ext(file) == ".yaml" {
			unread = file
			continue
		}
		data, err := a.Machine.ReadFile(file)
		if err != nil {
			return "", &Problem{file + " cannot be read", "a container engine cannot read it either: " + err.Error(), regenerate}
		}
		names, has, err := parseSpec(data)
		if err != nil {
			return "", &Problem{fmt.Sprintf("%s: %s", file, err), "the specification was cut off or edited", regenerate}
		}
		found, wanted = found || has, append(wanted, names...)
	}
	switch {
	case !found && unread != "":
		return "not asked: " + strconv.Quote(unread) + " is YAML, which nqd does not read", nil
	case !found:
		return "", unresolvable(fmt.Sprintf("no specification in %s describes %s=%s", strings.Join(specDirs, " or "), cdiKind, cdiDevice))
	}
	return "", a.judgeFiles(wanted)
}

// unresolvable is a device that containers ask for and nobody describes.
func unresolvable(text string) error {
	return &Problem{
		text, "the unit that describes the cards did not run, or ran before the driver was there",
		regenerate + "; systemctl status says why where it fails",
	}
}

// judgeFiles tells of the first file that containers would be given and that is not there.
func (a *Asker) judgeFiles(wanted []string) error {
	for _, file := range wanted {
		there, err := a.Machine.Exists(file)
		if err == nil && there {
			continue
		}
		why := "the cards were described before something changed"
		if strings.HasPrefix(file, "/nix/store/") {
			why = "the description is of a driver that has left the store since"
		}
		return &Problem{"containers are to get " + file + ", which is not there", why, regenerate}
	}
	return nil
}

// parseSpec reads one specification in JSON, as the generator of nixpkgs writes it: the files of the machine that its edits
// name for the device, and whether it describes the device at all. What a newer version of the format adds is passed over.
func parseSpec(data []byte) (files []string, has bool, err error) {
	if len(data) > most {
		return nil, false, fmt.Errorf("longer than %d bytes", most)
	}
	var spec specs.Spec
	if err := json.Unmarshal(data, &spec); err != nil || spec.Version == "" {
		return nil, false, errors.New("no specification of the Container Device Interface")
	}
	if spec.Kind != cdiKind {
		return nil, false, nil
	}
	for _, device := range spec.Devices {
		if device.Name == cdiDevice {
			has, files = true, append(editFiles(spec.ContainerEdits), editFiles(device.ContainerEdits)...)
		}
	}
	for _, file := range files {
		if !fileShape().MatchString(file) {
			return nil, false, fmt.Errorf("names a file that is no path: %q", file)
		}
	}
	return files, has, nil
}

// fileShape is a path without control characters, which would reach the terminal.
var fileShape = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^/[^\pC]*$`) })

// editFiles are the files of the machine that edits need: what is mounted, device nodes, and programs of hooks.
func editFiles(edits specs.ContainerEdits) []string {
	var files []string
	for _, mount := range edits.Mounts {
		if mount != nil {
			files = append(files, mount.HostPath)
		}
	}
	for _, node := range edits.DeviceNodes {
		switch {
		case node == nil:
		case node.HostPath != "":
			files = append(files, node.HostPath)
		default:
			files = append(files, node.Path)
		}
	}
	for _, hook := range edits.Hooks {
		if hook != nil {
			files = append(files, hook.Path)
		}
	}
	return files
}

// smiInside is where nixpkgs puts nvidia-smi into each container (hardware.nvidia-container-toolkit's
// mount-nvidia-executables), with the libraries of the driver and the C library beside it. So every image will do, an
// empty one too.
const smiInside = "/usr/bin/nvidia-smi"

// container asks nvidia-smi within a container for the cards. It takes an image that is there already; nothing is
// downloaded. Without an image it takes an empty root, /var/empty, with an overlay (podman-run(1), --rootfs and :O), in
// which podman makes the places for what the specification mounts. Whether a podman takes that for a root could not be
// tried where this was written: where it does not, that is told as a question that could not be asked.
func (a *Asker) container(ctx context.Context, _ string) (string, error) {
	switch {
	case !a.has(nvidia):
		return noNvidia, nil
	case !a.loaded() && a.switched():
		return nextStart + ": until then there is no driver to give to a container", nil
	case !a.loaded():
		return noModule, nil
	}
	images, err := a.run(ctx, "podman", "images", "--quiet")
	if err != nil {
		return "", err
	}
	if images.missing {
		return notThere("podman"), nil
	}
	image := firstImage(images)
	said, err := a.run(ctx, containerArgv(image)...)
	if err != nil {
		return "", err
	}
	return judgeContainer(said, image != "")
}

var imageShape = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[0-9a-f]{12,64}$`) })

// firstImage is the first that `podman images --quiet` lists, by its ID; empty for none.
func firstImage(said answer) string {
	if said.code != 0 {
		return ""
	}
	ids := strings.Fields(said.out)
	if at := slices.IndexFunc(ids, imageShape().MatchString); at >= 0 {
		return ids[at]
	}
	return ""
}

// containerArgv is the question, to a container of that image or of none.
func containerArgv(image string) []string {
	argv := []string{
		"podman", "run", "--rm", "--pull=never", "--network=none", "--security-opt=label=disable",
		"--device=" + cdiKind + "=" + cdiDevice,
	}
	if image == "" {
		return append(argv, "--rootfs", "/var/empty:O", smiInside, "-L")
	}
	return append(argv, "--entrypoint="+smiInside, image, "-L")
}

// smiLine is how nvidia-smi -L lists a card.
var smiLine = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?m)^GPU [0-9]+: \S`) })

func judgeContainer(said answer, hadImage bool) (string, error) {
	switch {
	case said.code == 0 && smiLine().MatchString(said.out):
		return "", nil
	case said.has("unresolvable CDI devices"):
		return "", unresolvable("podman: " + said.last(""))
	case said.has("failed to stat CDI host device"):
		return "", &Problem{"podman: " + said.last(""), "the cards were described before the device nodes changed", regenerate}
	case said.has("Driver/library version mismatch"):
		return "", mismatch("nvidia-smi in a container: "+said.last(""), true)
	case !hadImage:
		return "not asked: podman has no image, and took no empty one: " + said.last(fmt.Sprintf("exit code %d", said.code)), nil
	}
	return "", &Problem{
		"a container does not see the card: " + said.last(fmt.Sprintf("exit code %d", said.code)),
		"what the specification mounts does not fit the driver that runs", regenerate,
	}
}
