package proof

import (
	"errors"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/masterofnull/nixos-quick-deploy/internal/facts"
	"github.com/masterofnull/nixos-quick-deploy/internal/facts/pci"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

func fsMode(mode uint32) fs.FileMode { return fs.FileMode(mode) }

// empty is a machine without files.
func empty(t *testing.T) *machine.Machine { return with(t, nil) }

// with is a machine with files; "-> " makes a link.
func with(t *testing.T, files map[string]string) *machine.Machine {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		file := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		target, isLink := strings.CutPrefix(text, "-> ")
		err := error(nil)
		if isLink {
			err = os.Symlink(target, file)
		} else {
			err = os.WriteFile(file, []byte(text), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	m, err := machine.Sandbox(root)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

const (
	oldSystem = "/nix/store/00000000000000000000000000000000-nixos-system-a"
	newSystem = "/nix/store/11111111111111111111111111111111-nixos-system-b"
)

// geforce is a machine with a card of NVIDIA that the driver has.
func geforce(driver string) facts.Facts {
	return facts.Facts{User: "ada", PCI: []pci.Device{{Slot: "0000:01:00.0", Class: "030000", Vendor: nvidia, ID: "2504", Driver: driver}}}
}

func TestLookAtModule(t *testing.T) {
	t.Parallel()
	system := map[string]string{"/run/booted-system": "-> " + newSystem, "/run/current-system": "-> " + newSystem}
	for name, c := range map[string]struct {
		driver string
		files  map[string]string
		want   string
	}{
		"good":      {"nvidia", map[string]string{"/sys/module/nvidia/version": "570.124.04\n"}, "ok"},
		"switched":  {"nouveau", map[string]string{"/run/booted-system": "-> " + oldSystem}, "remark: from the next start on: until then nouveau drives the card"},
		"nouveau":   {"nouveau", nil, "nouveau drives the card | | "},
		"locked":    {"", map[string]string{"/sys/kernel/security/lockdown": "none [integrity] confidentiality\n"}, "the module nvidia is not loaded | signed modules only"},
		"unlocked":  {"", map[string]string{"/sys/kernel/security/lockdown": "[none] integrity confidentiality\n"}, "the module nvidia is not loaded | not part of the system"},
		"cmdline":   {"", map[string]string{"/proc/cmdline": "init=/x module_blacklist=nouveau,nvidia quiet\n"}, "the module nvidia is not loaded | module_blacklist=nvidia"},
		"other":     {"", map[string]string{"/proc/cmdline": "module_blacklist=nvidiafb\n"}, "the module nvidia is not loaded | not part of the system"},
		"modprobe":  {"", map[string]string{"/etc/modprobe.d/nixos.conf": "blacklist nouveau\n blacklist  nvidia\n"}, "the module nvidia is not loaded | nixos.conf"},
		"no record": {"", map[string]string{"/run/booted-system": "-> /elsewhere"}, "the module nvidia is not loaded | not part of the system"},
	} {
		files := map[string]string{}
		for _, more := range []map[string]string{system, c.files} {
			for file, text := range more {
				files[file] = text
			}
		}
		a := &Asker{Machine: with(t, files), Found: geforce(c.driver)}
		remark, err := a.Ask(t.Context(), "nvidia-module", "")
		answered(t, name, remark, err, c.want)
	}
}

func TestLookAtVersions(t *testing.T) {
	t.Parallel()
	lib := "/nix/store/22222222222222222222222222222222-graphics-drivers/lib"
	files := map[string]string{
		"/sys/module/nvidia/version": "550.90.07\n", "/run/opengl-driver": "-> " + filepath.Dir(lib),
		lib + "/libnvidia-ml.so.1": "-> libnvidia-ml.so.570.124.04", lib + "/libnvidia-ml.so.570.124.04": "", lib + "/libcuda.so.550.90.07": "",
	}
	a := &Asker{Machine: with(t, files), Found: geforce("nvidia")}
	remark, err := a.Ask(t.Context(), "nvidia-version", "")
	answered(t, "mismatch", remark, err, "the module is 550.90.07, the libraries are 570.124.04 | | restart")
	files["/sys/module/nvidia/version"] = "570.124.04\n"
	a.Machine = with(t, files)
	remark, err = a.Ask(t.Context(), "nvidia-version", "")
	answered(t, "good", remark, err, "ok")
}

func TestLookAtNodes(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"/dev/nvidiactl": "", "/dev/nvidia0": "", "/dev/nvidia-uvm": "", "/dev/dri/renderD129": "",
		"/etc/group": "wheel:x:1:ada\nvideo:x:26:bob,ada\nrender:x:303:\n",
	}
	a := &Asker{Machine: with(t, files), Found: geforce("nvidia")}
	for name := range files {
		if err := os.Chmod(a.Machine.Path(name), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	ask := func(name, want string) {
		t.Helper()
		remark, err := a.Ask(t.Context(), "gpu-nodes", "")
		answered(t, name, remark, err, want)
	}
	ask("good", "ok")
	if err := os.Chmod(a.Machine.Path("/dev/dri/renderD129"), 0o600); err != nil {
		t.Fatal(err)
	}
	ask("closed", "ada may not open /dev/dri/renderD129 | and ada is not in it")
	if err := os.Remove(a.Machine.Path("/dev/nvidia-uvm")); err != nil {
		t.Fatal(err)
	}
	ask("missing", "there is no /dev/nvidia-uvm | nvidia-modprobe")
	if got := a.who(); len(got.groups) != 2 {
		t.Errorf("groups of ada: %q", got.groups)
	}
}

// Whether this process may open a node is asked of the kernel on a real machine, also where its mode says another thing.
func TestAccess(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.Chmod(filepath.Dir(dir), 0o755); err != nil { // for everybody
		t.Fatal(err)
	}
	open, closed := filepath.Join(dir, "open"), filepath.Join(dir, "closed")
	for file, mode := range map[string]fs.FileMode{open: 0o666, closed: 0} {
		if err := errors.Join(os.WriteFile(file, nil, 0o600), os.Chmod(file, mode)); err != nil {
			t.Fatal(err)
		}
	}
	a := &Asker{Machine: machine.Local(), Found: geforce("nvidia")}
	asNobody(t, func() {
		for file, want := range map[string]bool{open: false, closed: true} {
			if n := a.lookAt(file, nil); !n.there || n.refused != want {
				t.Errorf("%s: %+v", file, n)
			}
		}
	})
	mine := filepath.Join(dir, "mine")
	if err := os.WriteFile(mine, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if n := a.lookAt(mine, nil); n.refused || !n.closedTo(a.who()) {
		t.Errorf("by its mode alone it is closed, and the owner may: %+v", n)
	}
	if n := a.lookAt(filepath.Join(dir, "none"), nil); n.there || n.refused {
		t.Errorf("a node that is not there: %+v", n)
	}
}

// asNobody lets access(2), which judges by the real user, see one that may do nothing more than others. Only this thread
// changes, and back.
func asNobody(t *testing.T, do func()) {
	t.Helper()
	if os.Getuid() != 0 {
		do()
		return
	}
	const nobody, unchanged = 65534, ^uintptr(0)
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if _, _, err := unix.RawSyscall(unix.SYS_SETRESUID, nobody, unchanged, unchanged); err != 0 {
		t.Fatal(err)
	}
	defer func() {
		if _, _, err := unix.RawSyscall(unix.SYS_SETRESUID, 0, unchanged, unchanged); err != 0 {
			panic(err) // nothing may run on such a thread
		}
	}()
	do()
}

// spec is synthetic, in the form that nvidia-ctk cdi generate writes and nixpkgs adds mounts to.
const spec = `{"cdiVersion":"0.5.0","kind":"nvidia.com/gpu","devices":[
 {"name":"0","containerEdits":{"deviceNodes":[{"path":"/dev/nvidia0"}]}},
 {"name":"all","containerEdits":{"deviceNodes":[{"path":"/dev/nvidia0"},{"path":"/dev/dri/x","hostPath":"/dev/dri/card1"}]}}],
 "containerEdits":{"deviceNodes":[{"path":"/dev/nvidiactl"}],
  "hooks":[{"hookName":"createContainer","path":"/nix/store/33333333333333333333333333333333-toolkit/bin/nvidia-ctk"}],
  "mounts":[{"hostPath":"/run/opengl-driver","containerPath":"/run/opengl-driver"}]}}`

func TestCDI(t *testing.T) {
	t.Parallel()
	good := func() map[string]string {
		return map[string]string{
			"/sys/module/nvidia/version": "1.2\n", "/run/cdi/nvidia-container-toolkit.json": spec, "/dev/nvidia0": "", "/dev/nvidiactl": "",
			"/dev/dri/card1": "", "/run/opengl-driver/lib/x": "", "/nix/store/33333333333333333333333333333333-toolkit/bin/nvidia-ctk": "",
			"/etc/cdi/other.json": `{"cdiVersion":"0.5.0","kind":"example.com/x","devices":[]}`,
		}
	}
	for name, c := range map[string]struct {
		change func(map[string]string)
		want   string
	}{
		"good": {func(map[string]string) {}, "ok"},
		"none": {func(f map[string]string) { delete(f, "/run/cdi/nvidia-container-toolkit.json") }, "no specification in /etc/cdi or /run/cdi describes nvidia.com/gpu=all | did not run | cdi-generator.service"},
		"no all": {func(f map[string]string) {
			f["/run/cdi/nvidia-container-toolkit.json"] = strings.Replace(spec, `"all"`, `"1"`, 1)
		}, "no specification"},
		"stale": {func(f map[string]string) {
			delete(f, "/nix/store/33333333333333333333333333333333-toolkit/bin/nvidia-ctk")
		}, "containers are to get /nix/store/33333333333333333333333333333333-toolkit/bin/nvidia-ctk, which is not there | left the store"},
		"node": {func(f map[string]string) { delete(f, "/dev/dri/card1") }, "containers are to get /dev/dri/card1, which is not there | before something changed"},
		"cut":  {func(f map[string]string) { f["/run/cdi/nvidia-container-toolkit.json"] = spec[:100] }, "/run/cdi/nvidia-container-toolkit.json: no specification | cut off"},
		"escape": {func(f map[string]string) {
			f["/run/cdi/nvidia-container-toolkit.json"] = strings.Replace(spec, "/dev/nvidiactl", `\u001b[2J`, 1)
		}, "/run/cdi/nvidia-container-toolkit.json: names a file that is no path"},
		"yaml": {func(f map[string]string) {
			delete(f, "/run/cdi/nvidia-container-toolkit.json")
			f["/etc/cdi/nvidia.yaml"] = "cdiVersion: 0.5.0\n"
		}, `remark: not asked: "/etc/cdi/nvidia.yaml" is YAML, which nqd does not read`},
		"no driver": {func(f map[string]string) { delete(f, "/sys/module/nvidia/version") }, "remark: " + noModule},
	} {
		files := good()
		c.change(files)
		a := &Asker{Machine: with(t, files), Found: geforce("nvidia")}
		remark, err := a.Ask(t.Context(), "cdi", "")
		answered(t, name, remark, err, c.want)
	}
}

// programs puts fakes into a machine: what each says, and its exit code.
func install(t *testing.T, m *machine.Machine, said map[string]answer) {
	t.Helper()
	bin := m.Path("/run/current-system/sw/bin")
	if err := os.MkdirAll(bin, 0o755); err != nil {
		t.Fatal(err)
	}
	build := exec.Command("go", "build", "-buildvcs=false", "-o", filepath.Join(bin, "env"), "./testdata/fake")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for name, one := range said {
		program, _, _ := strings.Cut(name, "-images")
		program, _, _ = strings.Cut(program, "-run")
		if err := os.Link(filepath.Join(bin, "env"), filepath.Join(bin, program)); err != nil && !os.IsExist(err) {
			t.Fatal(err)
		}
		for suffix, text := range map[string]string{".out": one.out, ".err": one.messages, ".code": string(rune('0' + one.code))} {
			if err := os.WriteFile(filepath.Join(bin, name+suffix), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// Programs run within the machine, and what they say is made printable.
func TestPrograms(t *testing.T) {
	t.Parallel()
	a := &Asker{Machine: with(t, map[string]string{"/sys/module/nvidia/version": "1.2\n"}), Found: geforce("nvidia")}
	install(t, a.Machine, map[string]answer{
		"nvidia-smi": {out: smiMismatch, code: 1}, "podman-images": {out: "0123456789ab\n"}, "podman-run": {messages: "\x1b[31mno\x1b]0;x\a way\n", code: 1},
	})
	for question, want := range map[string]string{
		"nvidia-smi": "nvidia-smi: NVML library version: 570.124 | | restart",
		"vulkan":     "remark: not asked: vulkaninfo is not installed",
		"container":  "a container does not see the card: no way | ",
	} {
		remark, err := a.Ask(t.Context(), question, "")
		answered(t, question, remark, err, want)
	}
}

func TestOllama(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/api/ps" {
			t.Errorf("asked %s", r.URL.Path)
		}
		_, _ = w.Write([]byte(ollamaCPU))
	}))
	defer server.Close()
	a := &Asker{Machine: empty(t), Found: geforce("nvidia")}
	if got := a.decision().Compute; got != "cuda" {
		t.Fatalf("the card computes with %s", got)
	}
	remark, err := a.Ask(t.Context(), "ollama-gpu", strings.TrimPrefix(server.URL, "http://"))
	answered(t, "on the processor", remark, err, "Ollama computes on the processor alone | ")
	// A process that is made at this moment has the port for an instant, also when it is closed: both are the same.
	server.Close()
	remark, err = a.Ask(t.Context(), "ollama-gpu", strings.TrimPrefix(server.URL, "http://"))
	answered(t, "not running", remark, err, "remark: not asked: Ollama does not answer")
}

// An Ollama that ends while it is asked resets the connection: that says nothing about the card.
func TestOllamaEnds(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		connection, err := listener.Accept()
		if err != nil {
			return
		}
		// What is read first makes sure that the question is on its way.
		_, _ = connection.Read(make([]byte, 1))
		_ = connection.(*net.TCPConn).SetLinger(0) // closing resets
		_ = connection.Close()
	}()
	a := &Asker{Machine: empty(t), Found: geforce("nvidia")}
	remark, err := a.Ask(t.Context(), "ollama-gpu", listener.Addr().String())
	answered(t, "it ends", remark, err, "remark: not asked: Ollama does not answer")
}

// Whatever programs say, nothing panics and nothing reaches the terminal that acts on it.
func FuzzSaid(f *testing.F) {
	for _, text := range []string{smiGood, smiMismatch, rocmGood, rocmDenied, vulkanGood, vulkanSoftware, podmanStale, ollamaCard, spec, procVersionOpen} {
		f.Add(text, 0)
	}
	f.Fuzz(func(t *testing.T, text string, code int) {
		said := answer{out: text, code: code}
		for _, err := range []error{
			second(judgeSMI(said, 1, false)), second(judgeROCm(said)), second(judgeVulkan(said, false)), second(judgeContainer(said, true)),
		} {
			if err != nil && len(err.Error()) > 400 {
				t.Errorf("%d bytes of %q", len(err.Error()), text)
			}
		}
		if version := kernelVersion(text, text); version != "" && !versionShape().MatchString(version) {
			t.Errorf("version %q", version)
		}
		files, _, err := parseSpec([]byte(text))
		for _, file := range files {
			if err == nil && !strings.HasPrefix(file, "/") {
				t.Errorf("file %q", file)
			}
		}
		_, _ = parseModels([]byte(text))
	})
}

func second(_ string, err error) error { return err }
