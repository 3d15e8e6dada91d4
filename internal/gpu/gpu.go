// Package gpu decides what a machine's graphics cards need: the driver and its branch, what models and videos run on, the
// notation of their places that NixOS wants. Each decision has a source; docs/hardware.md has them all.
package gpu

// Decision is what is decided for all cards of a machine. The object "graphics" of facts.json, which features read
// (nqd.facts.graphics), is its JSON form without the sentences and with less of each card (facts.JSON).
type Decision struct {
	Cards []Card `json:"cards"`
	// Compute is what local models run on: cuda, rocm, vulkan or cpu.
	Compute string `json:"compute"`
	// Nvidia, AMD and Intel are nil where the machine has no card of theirs that a driver serves.
	Nvidia *Nvidia `json:"nvidia,omitempty"`
	AMD    *AMD    `json:"amd,omitempty"`
	Intel  *Intel  `json:"intel,omitempty"`
	// Prime is for machines whose screen hangs on an integrated card beside one of NVIDIA; else nil.
	Prime *Prime `json:"prime,omitempty"`
	// Warnings are about cards that are not known, or that no driver serves any more.
	Warnings []string `json:"warnings,omitempty"`
}

// Card is one display controller and what is known of it.
type Card struct {
	Slot       string `json:"slot"`
	Vendor     string `json:"vendor"` // nvidia, amd, intel, or other
	ID         string `json:"id"`     // vendor:device in hexadecimal digits
	Name       string `json:"name,omitempty"`
	Generation string `json:"generation,omitempty"`
	Driver     string `json:"driver,omitempty"` // that of the kernel which has it now
	Integrated bool   `json:"integrated,omitempty"`
	Boot       bool   `json:"boot,omitempty"`
	// Decision says in words what is decided for it, Source where that is from.
	Decision string `json:"decision"`
	Source   string `json:"source,omitempty"`
}

// Nvidia is the driver for the cards of NVIDIA.
type Nvidia struct {
	// Branch is the attribute of nvidiaPackages, such as production or legacy_580.
	Branch string `json:"branch"`
	// Open says whether the open kernel modules serve them (Turing and later).
	Open bool `json:"open"`
}

// AMD is what the cards of AMD need.
type AMD struct {
	Gfx  string `json:"gfx,omitempty"` // target of ROCm, such as gfx1030; empty where it is not known
	ROCm bool   `json:"rocm"`
	// Override is HSA_OVERRIDE_GFX_VERSION, such as 10.3.0, for a card that ROCm serves under another one's name.
	Override string `json:"override,omitempty"`
	// Legacy says that the kernel gives it to amdgpu only when told so (GCN 1 and 2).
	Legacy bool `json:"legacy,omitempty"`
}

// Intel is what the cards of Intel need: names of packages of nixpkgs, empty for none.
type Intel struct {
	Media   string `json:"media,omitempty"`   // VA-API
	VPL     string `json:"vpl,omitempty"`     // Video Processing Library
	Compute string `json:"compute,omitempty"` // OpenCL and Level Zero
	// Kernel is the driver of the kernel that is made for it: i915 or xe.
	Kernel string `json:"kernel,omitempty"`
}

// Prime is where the cards of a hybrid machine are, as hardware.nvidia.prime wants it: PCI:bus@domain:device:function in
// decimal numbers.
type Prime struct {
	Nvidia string `json:"nvidia"`
	Intel  string `json:"intel,omitempty"`
	AMD    string `json:"amd,omitempty"`
}
