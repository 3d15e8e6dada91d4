package facts

import (
	"slices"
	"strconv"
	"strings"
)

// processor is what proc_cpuinfo(5) tells of the first processor, and how many there are.
type processor struct {
	fields map[string]string // of the first one, by name
	count  int
}

func parseProcessor(cpuinfo string) processor {
	p := processor{fields: make(map[string]string)}
	for line := range strings.Lines(cpuinfo) {
		name, value, found := strings.Cut(line, ":")
		if name = strings.TrimSpace(name); !found {
			continue
		}
		if name == "processor" {
			p.count++
		}
		if _, known := p.fields[name]; !known && p.count <= 1 {
			p.fields[name] = strings.TrimSpace(value)
		}
	}
	return p
}

func (p processor) number(name string) int {
	n, err := strconv.Atoi(p.fields[name])
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// vendor is by vendor_id, which only x86 processors have.
func (p processor) vendor() string {
	switch p.fields["vendor_id"] {
	case "GenuineIntel":
		return "intel"
	case "AuthenticAMD":
		return "amd"
	}
	return "other"
}

// levels are what each microarchitecture level asks for beyond the one before it (x86-64 psABI, "Low Level System
// Information"), as the kernel names it: SSE3 is pni, LZCNT is abm, LAHF-SAHF is lahf_lm, CMPXCHG16B is cx16, and OSXSAVE
// is in xsave.
var levels = [4]string{
	"lm cmov cx8 fpu fxsr mmx sse sse2",
	"cx16 lahf_lm popcnt pni sse4_1 sse4_2 ssse3",
	"avx avx2 bmi1 bmi2 f16c fma abm movbe xsave",
	"avx512f avx512bw avx512cd avx512dq avx512vl",
}

// level is the microarchitecture level of x86-64, 1 to 4; 0 on other processors.
func (p processor) level() int {
	flags := strings.Fields(p.fields["flags"])
	for i, needed := range levels {
		for _, flag := range strings.Fields(needed) {
			if !slices.Contains(flags, flag) {
				return i
			}
		}
	}
	return len(levels)
}

// hypervised reports whether the processor says that a hypervisor is below the kernel.
func (p processor) hypervised() bool {
	return slices.Contains(strings.Fields(p.fields["flags"]), "hypervisor")
}
