package lib

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/catalog"
	"github.com/masterofnull/nixos-quick-deploy/internal/gpu"
	"github.com/masterofnull/nixos-quick-deploy/nixlib"
)

func TestFindingsGPU(t *testing.T) { askAll(t, findingsGPU) }

// What nqd allows for a card is what the features ask for: the names of feature.toml, those of the closed modules where
// they are used, and the libraries that Ollama's build for CUDA has in nixpkgs.
func TestUnfreeOfCards(t *testing.T) {
	features, err := catalog.Load(nixlib.FS, nil)
	if err != nil {
		t.Fatal(err)
	}
	driver := features.Features["gpu-nvidia"].Unfree
	closed := append(slices.Clone(driver), "nvidia-kernel-modules")
	cuda := []string{"cuda_cccl", "cuda_cudart", "cuda_nvcc", "libcublas"}
	for name, c := range map[string]struct {
		decision gpu.Decision
		want     []string
	}{
		"open":           {gpu.Decision{Nvidia: &gpu.Nvidia{Branch: "production", Open: true}}, driver},
		"closed":         {gpu.Decision{Nvidia: &gpu.Nvidia{Branch: "legacy_470"}}, closed},
		"open with CUDA": {gpu.Decision{Compute: "cuda", Nvidia: &gpu.Nvidia{Branch: "production", Open: true}}, append(slices.Clone(cuda), driver...)},
		"AMD":            {gpu.Decision{Compute: "rocm", AMD: &gpu.AMD{ROCm: true}}, nil},
	} {
		slices.Sort(c.want)
		if got := c.decision.Unfree(); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
		for _, id := range c.decision.Features() {
			if features.Features[id] == nil {
				t.Errorf("%s: nqd has no feature %s", name, id)
			}
		}
	}
}

// cards is a machine whose facts have these graphics.
func cards(graphics string) map[string]string {
	return machine(`{"version": 2, "battery": true, "graphics": ` + graphics + `}`)
}

// with are the files of both.
func with(files map[string]string, name, text string) map[string]string {
	all := maps.Clone(files)
	if all == nil {
		all = map[string]string{}
	}
	all[name] = text
	return all
}

// allow ends a host file: names of unfree packages.
func allow(names string) string { return fmt.Sprintf("[packages]\nallow_unfree = [%s]\n", names) }

const (
	openNames   = `"nvidia-settings", "nvidia-x11"`
	closedNames = openNames + `, "nvidia-kernel-modules"`
	cudaNames   = `"cuda_cccl", "cuda_cudart", "cuda_nvcc", "libcublas"`
	adopted     = "hosts/orion/imported/configuration.nix"

	hybridCards = `{"cards": [], "compute": "cuda", "nvidia": {"branch": "production", "open": true},
		"intel": {"media": "intel-media-driver", "vpl": "vpl-gpu-rt", "compute": "intel-compute-runtime", "kernel": "i915"},
		"prime": {"nvidia": "PCI:1@0:0:0", "intel": "PCI:0@0:2:0"}}`
	hybridAMD = `{"cards": [], "compute": "cuda", "nvidia": {"branch": "production", "open": true}, "amd": {"rocm": false},
		"prime": {"nvidia": "PCI:1@0:0:0", "amd": "PCI:6@0:0:0"}}`
	twoNvidia      = `{"cards": [], "compute": "cuda", "nvidia": {"branch": "production", "open": true}}`
	pascal         = `{"cards": [], "compute": "cuda", "nvidia": {"branch": "legacy_580", "open": false}}`
	kepler         = `{"cards": [], "compute": "cpu", "nvidia": {"branch": "legacy_470", "open": false}}`
	fermi          = `{"cards": [], "compute": "cpu", "nvidia": {"branch": "legacy_390", "open": false}}`
	navi22         = `{"cards": [], "compute": "rocm", "amd": {"gfx": "gfx1031", "rocm": true, "override": "10.3.0"}}`
	hawaii         = `{"cards": [], "compute": "vulkan", "amd": {"gfx": "gfx701", "rocm": false, "legacy": true}}`
	haswell        = `{"cards": [], "compute": "cpu", "intel": {"media": "intel-vaapi-driver", "kernel": "i915"}}`
	tigerLake      = `{"cards": [], "compute": "vulkan", "intel": {"media": "intel-media-driver", "vpl": "vpl-gpu-rt", "compute": "intel-compute-runtime"}}`
	noCards        = `{"cards": [], "compute": "cpu"}`
	nvidiaHost     = `with config.hardware.nvidia; [ config.services.xserver.videoDrivers package.branch open ]`
	primeOf        = `with config.hardware.nvidia; [ prime.offload.enable prime.sync.enable prime.nvidiaBusId prime.intelBusId prime.amdgpuBusId powerManagement.finegrained ]`
	extra          = `map lib.getName config.hardware.graphics.extraPackages`
	ollamaIs       = `lib.findFirst (name: (builtins.tryEval (config.services.ollama.package.drvPath == pkgs.${name}.drvPath)).value) "?" [ "ollama-cuda" "ollama-rocm" "ollama-vulkan" "ollama-cpu" ]`
	checksOfOllama = `map (check: check.id) (lib.filter (check: check.feature == "ollama") manifest.checks)`
	safe           = `(config.specialisation.safe-graphics.configuration)`
)

var findingsGPU = []hostCase{
	// NVIDIA: which driver, and with what.
	{name: "nvidia by the card", more: on("gpu-nvidia") + allow(openNames), files: cards(twoNvidia), ask: `builtins.seq drvPath (` + nvidiaHost + `)`, want: `[["nvidia"],"production",true]`},
	{name: "nvidia of a branch", more: on("gpu-nvidia") + allow(closedNames), files: cards(pascal), ask: `builtins.seq drvPath (` + nvidiaHost + `)`, want: `[["nvidia"],"legacy_580",false]`},
	{name: "nvidia asks no blanket yes", more: on("gpu-nvidia") + allow(openNames), files: cards(twoNvidia), ask: `builtins.seq drvPath (config.nixpkgs.config ? allowUnfree)`, want: `false`},
	{
		name: "nvidia not allowed", more: on("gpu-nvidia"), files: cards(twoNvidia), ask: `drvPath`,
		wantErr: []string{"the package nvidia-x11 of gpu-nvidia cannot be had", `packages.allow_unfree = ["nvidia-x11"] in host.toml allows it`, `["nvidia-settings"]`},
	},
	{
		name: "nvidia allowed by an adopted predicate", more: on("gpu-nvidia"), files: cards(twoNvidia),
		local: `{ lib, ... }: { nixpkgs.config.allowUnfreePredicate = p: p.version != "0" && (p.meta.license or { }).free or false == false && lib.hasPrefix "nvidia-" (lib.getName p); }`,
		ask:   `builtins.seq drvPath (` + nvidiaHost + `)`, want: `[["nvidia"],"production",true]`,
	},
	{
		name: "nvidia's closed modules not allowed", more: on("gpu-nvidia") + allow(openNames), files: cards(pascal), ask: `drvPath`,
		wantErr: []string{"nvidia-kernel-modules of NVIDIA's driver legacy_580", `packages.allow_unfree = ["nvidia-kernel-modules"] in host.toml allows it`},
	},
	{
		name: "nvidia's licence", more: on("gpu-nvidia") + allow(closedNames), files: cards(kepler), ask: `drvPath`,
		wantErr: []string{"nvidia-x11 of NVIDIA's driver legacy_470", "nixpkgs.config.nvidia.acceptLicense = true in local.nix"},
	},
	{
		name: "nvidia's licence accepted", more: on("gpu-nvidia") + allow(closedNames), files: cards(kepler), local: `{ nixpkgs.config.nvidia.acceptLicense = true; }`,
		ask: `builtins.seq drvPath (` + nvidiaHost + `)`, want: `[["nvidia"],"legacy_470",false]`,
	},
	{
		name: "nvidia broken with this kernel", more: on("gpu-nvidia") + allow(closedNames), files: cards(fermi), ask: `drvPath`,
		wantErr: []string{"nvidia-x11 of NVIDIA's driver legacy_390", "nixpkgs marks it as broken with the kernel 6.18", "boot.kernelPackages in local.nix"},
	},
	{
		name: "nvidia without that branch", more: on("gpu-nvidia") + allow(openNames), files: cards(`{"compute": "cpu", "nvidia": {"branch": "legacy_999", "open": true}}`),
		ask: refusals, want: `["nqd.features.gpu-nvidia needs NVIDIA's driver legacy_999, and this nixpkgs has none of\nthat name for the kernel 6.18.9. Set driver in\n[features.gpu-nvidia] of host.toml to one of\n` +
			`beta, latest, legacy_340, legacy_390, legacy_470, legacy_535, legacy_580, production, stable, vulkan_beta.\n"]`,
	},
	{
		name: "nvidia unknown", more: on("gpu-nvidia") + allow(openNames), ask: `drvPath`,
		wantErr: []string{"nobody knows which kernel modules the card\n", "nqd facts --refresh", `driver = "open"`},
	},
	{
		name: "nvidia with facts of before", more: on("gpu-nvidia") + allow(openNames), files: machine(`{"version": 1, "cpu_vendor": "amd"}`), ask: `drvPath`,
		wantErr: []string{"hosts/orion/facts.json has no card of NVIDIA", "nqd facts --refresh"},
	},
	{name: "nvidia said open", more: on("gpu-nvidia", `driver = "open"`) + allow(openNames), ask: `builtins.seq drvPath (` + nvidiaHost + `)`, want: `[["nvidia"],"stable",true]`},
	{name: "nvidia said closed", more: on("gpu-nvidia", `driver = "closed"`) + allow(closedNames), files: cards(twoNvidia), ask: nvidiaHost, want: `[["nvidia"],"production",false]`},
	{name: "nvidia said beta", more: on("gpu-nvidia", `driver = "beta"`) + allow(openNames), files: cards(twoNvidia), ask: nvidiaHost, want: `[["nvidia"],"beta",true]`},
	{name: "nvidia without a screen", more: on("gpu-nvidia") + allow(openNames), files: cards(twoNvidia), ask: `with config.hardware; [ graphics.enable graphics.enable32Bit nvidia.nvidiaSettings nvidia.modesetting.enable nvidia.powerManagement.enable ]`, want: `[true,false,false,true,false]`},
	{name: "nvidia with a desktop", more: on("gpu-nvidia desktop-cosmic") + allow(openNames), files: cards(twoNvidia), ask: `with config.hardware; [ graphics.enable graphics.enable32Bit nvidia.nvidiaSettings nvidia.powerManagement.enable ]`, want: `[true,true,true,true]`},

	// Who wins: adopted files over the feature, host.toml over them.
	{
		name: "nvidia drivers are joined", more: on("gpu-nvidia") + allow(openNames), files: with(cards(twoNvidia), adopted, `{ services.xserver.videoDrivers = [ "amdgpu" ]; }`),
		ask: `lib.sort lib.lessThan config.services.xserver.videoDrivers`, want: `["amdgpu","nvidia"]`,
	},
	{
		name: "nvidia drivers by force", more: on("gpu-nvidia") + allow(openNames), files: with(cards(twoNvidia), adopted, `{ lib, ... }: { services.xserver.videoDrivers = lib.mkForce [ "modesetting" ]; }`),
		ask: `config.services.xserver.videoDrivers`, want: `["modesetting"]`,
	},
	{
		name: "nvidia adopted wins", more: on("gpu-nvidia") + allow(closedNames),
		files: with(cards(twoNvidia), adopted, `{ config, ... }: { hardware.nvidia = { open = false; package = config.boot.kernelPackages.nvidiaPackages.legacy_535; }; }`),
		ask:   `builtins.seq drvPath (` + nvidiaHost + `)`, want: `[["nvidia"],"legacy_535",false]`,
	},
	{
		name: "nvidia adopted branch wins", more: on("gpu-nvidia") + allow(openNames), files: with(cards(twoNvidia), adopted, `{ hardware.nvidia.branch = "beta"; }`),
		ask: `builtins.seq drvPath (` + nvidiaHost + `)`, want: `[["nvidia"],"beta",true]`,
	},
	{
		name: "nvidia lost is told", more: on("gpu-nvidia") + allow(closedNames), files: with(cards(twoNvidia), adopted, `{ hardware.nvidia.open = false; }`),
		ask: `map (lost: [ lost.option lost.value lost.files ]) manifest.lost`, want: `[["hardware.nvidia.open",true,["hosts/orion/imported/configuration.nix"]]]`,
	},
	{
		name: "nvidia host wins", more: on("gpu-nvidia", `driver = "legacy_580"`) + allow(closedNames),
		files: with(cards(twoNvidia), adopted, `{ config, ... }: { hardware.nvidia = { open = true; branch = "beta"; package = config.boot.kernelPackages.nvidiaPackages.legacy_535; }; }`),
		ask:   `builtins.seq drvPath (` + nvidiaHost + `)`, want: `[["nvidia"],"legacy_580",false]`,
	},

	// Two cards.
	{name: "prime", more: on("gpu-nvidia") + allow(openNames), files: cards(hybridCards), ask: `builtins.seq drvPath (` + primeOf + `)`, want: `[true,false,"PCI:1@0:0:0","PCI:0@0:2:0","",true]`},
	{name: "prime beside AMD", more: on("gpu-nvidia") + allow(openNames), files: cards(hybridAMD), ask: `builtins.seq drvPath (` + primeOf + `)`, want: `[true,false,"PCI:1@0:0:0","","PCI:6@0:0:0",true]`},
	{name: "prime on a desk", more: on("gpu-nvidia") + allow(openNames), files: machine(`{"version": 2, "graphics": ` + hybridCards + `}`), ask: primeOf, want: `[true,false,"PCI:1@0:0:0","PCI:0@0:2:0","",false]`},
	{name: "prime of an old card", more: on("gpu-nvidia", `driver = "legacy_580"`) + allow(closedNames), files: cards(hybridCards), ask: primeOf, want: `[true,false,"PCI:1@0:0:0","PCI:0@0:2:0","",false]`},
	{name: "prime with one card", more: on("gpu-nvidia") + allow(openNames), files: cards(twoNvidia), ask: primeOf, want: `[false,false,"","","",false]`},
	{name: "prime command", more: on("gpu-nvidia") + allow(openNames), files: cards(hybridCards), ask: `config.hardware.nvidia.prime.offload.enableOffloadCmd`, want: `true`},
	{name: "prime off", more: on("gpu-nvidia", `prime = "off"`) + allow(openNames), files: with(cards(hybridCards), adopted, `{ hardware.nvidia.prime.offload.enable = true; }`), ask: `builtins.seq drvPath (` + primeOf + `)`, want: `[false,false,"","","",false]`},
	{name: "prime sync", more: on("gpu-nvidia", `prime = "sync"`) + allow(openNames), files: cards(hybridCards), ask: `builtins.seq drvPath (` + primeOf + `)`, want: `[false,true,"PCI:1@0:0:0","PCI:0@0:2:0","",false]`},
	{name: "prime adopted sync", more: on("gpu-nvidia") + allow(openNames), files: with(cards(hybridCards), adopted, `{ hardware.nvidia.prime.sync.enable = true; }`), ask: `builtins.seq drvPath (` + primeOf + `)`, want: `[false,true,"PCI:1@0:0:0","PCI:0@0:2:0","",false]`},
	{
		name: "prime host wins", more: on("gpu-nvidia", `prime = "offload"`) + allow(openNames), files: with(cards(hybridCards), adopted, `{ hardware.nvidia.prime.sync.enable = true; }`),
		ask: `builtins.seq drvPath (` + primeOf + `)`, want: `[true,false,"PCI:1@0:0:0","PCI:0@0:2:0","",true]`,
	},
	{
		name: "prime without places", more: on("gpu-nvidia", `prime = "offload"`) + allow(openNames), files: cards(twoNvidia), ask: `drvPath`,
		wantErr: []string{`nqd.features.gpu-nvidia.prime is "offload", but where the two cards are is not`, "nqd facts --refresh", "hardware.nvidia.prime.nvidiaBusId"},
	},

	// AMD.
	{
		name: "amd", more: on("gpu-amd"), files: cards(navi22), ask: `builtins.seq drvPath (with config.hardware; [ graphics.enable amdgpu.initrd.enable amdgpu.opencl.enable amdgpu.legacySupport.enable config.boot.initrd.kernelModules ])`,
		want: `[true,true,true,false,["amdgpu"]]`,
	},
	{name: "amd, old", more: on("gpu-amd"), files: cards(hawaii), ask: `with config.hardware; [ amdgpu.opencl.enable amdgpu.legacySupport.enable (lib.elem "amdgpu.cik_support=1" config.boot.kernelParams) ]`, want: `[false,true,true]`},
	{name: "amd unknown", more: on("gpu-amd"), ask: `with config.hardware; [ graphics.enable amdgpu.opencl.enable ]`, want: `[true,false]`},
	{name: "amd rocm on", more: on("gpu-amd", `rocm = "on"`), files: cards(hawaii), local: `{ hardware.amdgpu.opencl.enable = false; }`, ask: `config.hardware.amdgpu.opencl.enable`, want: `true`},
	{name: "amd rocm off", more: on("gpu-amd", `rocm = "off"`), files: cards(navi22), ask: `config.hardware.amdgpu.opencl.enable`, want: `false`},
	{name: "amd local wins", more: on("gpu-amd"), files: cards(navi22), local: `{ hardware.amdgpu.initrd.enable = false; }`, ask: `config.hardware.amdgpu.initrd.enable`, want: `false`},
	{name: "143 nothing is made for ROCm", more: on("gpu-amd ollama"), files: cards(navi22), ask: `[ (config.nixpkgs.config.rocmSupport or false) (config.nixpkgs.config.cudaSupport or false) ]`, want: `[false,false]`},
	{
		name: "amd rocm on ARM", old: `"x86_64-linux"`, new: `"aarch64-linux"`, more: on("gpu-amd", `rocm = "on"`), ask: `drvPath`,
		wantErr: []string{`nqd.features.gpu-amd.rocm is "on", but nixpkgs has ROCm for x86_64-linux only`},
	},

	// Intel.
	{name: "intel", more: on("gpu-intel"), files: cards(tigerLake), ask: `builtins.seq drvPath (` + extra + `)`, want: `["intel-media-driver","vpl-gpu-rt","intel-compute-runtime"]`},
	{name: "intel, old", more: on("gpu-intel"), files: cards(haswell), ask: extra, want: `["intel-vaapi-driver"]`},
	{name: "intel unknown", more: on("gpu-intel"), ask: extra, want: `["intel-media-driver"]`},
	{name: "intel without compute", more: on("gpu-intel", "compute = false"), files: cards(tigerLake), ask: extra, want: `["intel-media-driver","vpl-gpu-rt"]`},
	{name: "intel names no driver", more: on("gpu-intel"), files: cards(haswell), ask: `(config.environment.sessionVariables // config.environment.variables) ? LIBVA_DRIVER_NAME`, want: `false`},
	{
		name: "intel's package that is gone", more: on("gpu-intel"), files: cards(`{"compute": "cpu", "intel": {"media": "intel-media-driver", "compute": "intel-compute-runtime-legacy9"}}`),
		ask: `[ (` + extra + `) (map (skip: [ skip.feature skip.package ]) manifest.skipped) ]`, want: `[["intel-media-driver"],[["gpu-intel","intel-compute-runtime-legacy9"]]]`,
	},

	// Containers.
	{name: "containers of NVIDIA", more: on("gpu-nvidia gpu-containers podman") + allow(openNames), files: cards(twoNvidia), ask: `builtins.seq drvPath [ config.hardware.nvidia-container-toolkit.enable (lib.elem "render" ` + groups + `) ]`, want: `[true,false]`},
	{name: "containers of AMD", more: on("gpu-amd gpu-containers"), files: cards(navi22), ask: `[ config.hardware.nvidia-container-toolkit.enable (lib.subtractLists ` + groups + ` [ "render" "video" ]) ]`, want: `[false,[]]`},
	{name: "containers without the driver", more: on("gpu-intel gpu-containers"), files: cards(hybridCards), ask: `drvPath`, wantErr: []string{"this machine has a card of NVIDIA, but\n", "[features.gpu-nvidia]"}},
	{name: "containers without a card", more: on("gpu-containers"), files: cards(noCards), ask: `drvPath`, wantErr: []string{"none of gpu-nvidia, gpu-amd and\n", "nqd gpu"}},

	// The entry of the boot menu.
	{
		name: "safe", more: on("gpu-nvidia gpu-containers safe-graphics") + allow(openNames), files: cards(hybridCards),
		ask:  `builtins.seq drvPath (with ` + safe + `; [ services.xserver.videoDrivers hardware.nvidia-container-toolkit.enable hardware.nvidia.prime.offload.enable boot.extraModulePackages (lib.filter (m: m == "nouveau" || m == "nvidia") boot.blacklistedKernelModules) (lib.elem "nomodeset" boot.kernelParams) ])`,
		want: `[["modesetting","fbdev"],false,false,[],["nvidia"],false]`,
	},
	{
		name: "safe of an adopted driver", more: on("safe-graphics") + allow(openNames),
		files: map[string]string{adopted: `{ services.xserver.videoDrivers = [ "nvidia" ]; boot.blacklistedKernelModules = [ "nouveau" "pcspkr" ];
			hardware.nvidia = { open = true; powerManagement.finegrained = true; prime = { offload.enable = true; offload.enableOffloadCmd = true; nvidiaBusId = "PCI:1:0:0"; intelBusId = "PCI:0:2:0"; }; };
			hardware.nvidia-container-toolkit.enable = true; }`},
		ask:  `builtins.seq drvPath (with ` + safe + `; [ services.xserver.videoDrivers hardware.nvidia-container-toolkit.enable hardware.nvidia.prime.offload.enable (lib.filter (m: m == "nouveau" || m == "pcspkr") boot.blacklistedKernelModules) ])`,
		want: `[["modesetting","fbdev"],false,false,["pcspkr"]]`,
	},
	{name: "safe, and the system itself", more: on("gpu-nvidia safe-graphics") + allow(openNames), files: cards(twoNvidia), ask: nvidiaHost, want: `[["nvidia"],"production",true]`},
	{name: "safe by the framebuffer", more: on("safe-graphics", `drivers = "framebuffer"`), ask: `[ (lib.elem "nomodeset" ` + safe + `.boot.kernelParams) (lib.elem "nomodeset" config.boot.kernelParams) ]`, want: `[true,false]`},
	{name: "safe off", ask: `config.specialisation`, want: `{}`},

	// Ollama, by the card.
	{name: "ollama on NVIDIA", more: on("gpu-nvidia ollama") + allow(openNames+", "+cudaNames), files: cards(twoNvidia), ask: `builtins.seq drvPath [ (` + ollamaIs + `) manifest.skipped ]`, want: `["ollama-cuda",[]]`},
	{
		name: "ollama without CUDA", more: on("gpu-nvidia ollama") + allow(openNames), files: cards(twoNvidia),
		ask:  `builtins.seq drvPath [ (` + ollamaIs + `) (map (skip: [ skip.feature skip.package (lib.hasInfix "allow_unfree = [\"cuda_cccl\", \"cuda_cudart\", \"cuda_nvcc\", \"libcublas\"]" skip.why) ]) manifest.skipped) ]`,
		want: `["ollama-vulkan",[["ollama","ollama-cuda",true]]]`,
	},
	{name: "ollama without the driver", more: on("ollama"), files: cards(twoNvidia), ask: `[ (config.services.ollama.package == pkgs.ollama) manifest.skipped ]`, want: `[true,[]]`},
	{name: "ollama on AMD", more: on("gpu-amd ollama"), files: cards(navi22), ask: `[ (` + ollamaIs + `) config.services.ollama.rocmOverrideGfx ]`, want: `["ollama-rocm","10.3.0"]`},
	{name: "ollama on AMD without ROCm", more: on("gpu-amd", `rocm = "off"`) + on("ollama"), files: cards(navi22), ask: `[ (` + ollamaIs + `) config.services.ollama.rocmOverrideGfx ]`, want: `["ollama-vulkan",null]`},
	{name: "ollama's override, local wins", more: on("gpu-amd ollama"), files: cards(navi22), local: `{ services.ollama.rocmOverrideGfx = "11.0.0"; }`, ask: `config.services.ollama.rocmOverrideGfx`, want: `"11.0.0"`},
	{name: "ollama on Intel", more: on("gpu-intel ollama"), files: cards(tigerLake), ask: ollamaIs, want: `"ollama-vulkan"`},
	{name: "ollama on a processor", more: on("gpu-intel ollama"), files: cards(haswell), ask: `config.services.ollama.package == pkgs.ollama`, want: `true`},
	{name: "ollama said cpu", more: on("gpu-amd") + on("ollama", `acceleration = "cpu"`), files: cards(navi22), ask: ollamaIs, want: `"ollama-cpu"`},

	// Whoever has it on the processor is not asked why it is not on the card.
	{name: "ollama on the card is asked", more: on("gpu-amd ollama"), files: cards(navi22), ask: checksOfOllama, want: `["unit","api","gpu"]`},
	{name: "ollama said cpu, is not asked", more: on("gpu-amd") + on("ollama", `acceleration = "cpu"`), files: cards(navi22), ask: checksOfOllama, want: `["unit","api"]`},
	{name: "ollama without the driver, is not asked", more: on("ollama"), files: cards(twoNvidia), ask: checksOfOllama, want: `["unit","api"]`},

	// Formats of a machine that speaks more than one.
	{
		name: "formats one by one", more: on("locale", `format_locale = "de_DE.UTF-8"`, `formats = ["LC_TIME=en_DK.UTF-8", "LC_COLLATE=C"]`),
		ask: `with config.i18n.extraLocaleSettings; [ LC_TIME LC_COLLATE LC_PAPER ]`, want: `["en_DK.UTF-8","C","de_DE.UTF-8"]`,
	},
	{name: "formats, host wins", more: on("locale", `formats = ["LC_TIME=en_DK.UTF-8"]`), local: `{ i18n.extraLocaleSettings.LC_TIME = "fr_FR.UTF-8"; }`, ask: `config.i18n.extraLocaleSettings.LC_TIME`, want: `"en_DK.UTF-8"`},
	{name: "formats that are none", more: on("locale", `formats = ["LANG=x", "LC_TIME=en_DK.UTF-8"]`), ask: `drvPath`, wantErr: []string{"nqd.features.locale.formats has what is no format:", "LANG=x.\n"}},
	{name: "keyboard options", more: on("locale", `xkb_options = "caps:escape"`), local: `{ services.xserver.xkb.options = "compose:ralt"; }`, ask: `config.services.xserver.xkb.options`, want: `"caps:escape"`},
}
