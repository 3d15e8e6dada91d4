// Package decided holds what nqd decides for the machines of testing/hardware against what their files expect.
package decided

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/facts"
	"github.com/masterofnull/nixos-quick-deploy/internal/gpu"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/testing/hardware"
)

// Decide writes the files of a machine into a folder, reads the facts of it there, and decides by them.
func Decide(folder, name string) (gpu.Decision, error) {
	if err := hardware.Write(folder, name); err != nil {
		return gpu.Decision{}, err
	}
	m, err := machine.Sandbox(folder)
	if err != nil {
		return gpu.Decision{}, err
	}
	return gpu.Decide(facts.Read(m)), nil
}

// Differ says what of a decision is not as expected.
func Differ(want hardware.Expected, d gpu.Decision) (texts []string) {
	var names, generations []string
	for _, card := range d.Cards {
		names, generations = append(names, card.Name), append(generations, card.Generation)
		if card.Decision == "" {
			texts = append(texts, card.Slot+": nothing is said of it")
		}
	}
	got := hardware.Expected{Sources: want.Sources, Features: d.Features(), Compute: d.Compute, Names: names, Generations: generations, Warnings: want.Warnings}
	if d.Nvidia != nil {
		got.Nvidia = &hardware.Nvidia{Branch: d.Nvidia.Branch, Open: d.Nvidia.Open}
	}
	if d.AMD != nil {
		got.AMD = &hardware.AMD{Gfx: d.AMD.Gfx, ROCm: d.AMD.ROCm, Override: d.AMD.Override, Legacy: d.AMD.Legacy}
	}
	if d.Intel != nil {
		got.Intel = &hardware.Intel{Media: d.Intel.Media, VPL: d.Intel.VPL, Compute: d.Intel.Compute, Kernel: d.Intel.Kernel}
	}
	if d.Prime != nil {
		got.Prime = &hardware.Prime{Nvidia: d.Prime.Nvidia, Intel: d.Prime.Intel, AMD: d.Prime.AMD}
	}
	texts = append(texts, compare(reflect.ValueOf(got), reflect.ValueOf(want))...)
	if len(d.Warnings) != len(want.Warnings) {
		return append(texts, "warnings: "+strings.Join(d.Warnings, "\n"))
	}
	for i, words := range want.Warnings {
		if !strings.Contains(d.Warnings[i], words) {
			texts = append(texts, "warning: "+d.Warnings[i]+"; expected "+words)
		}
	}
	return texts
}

// compare says which fields of two structs differ. A list that is empty is as one that is not there.
func compare(a, b reflect.Value) (texts []string) {
	for i := range a.NumField() {
		x, y := a.Field(i), b.Field(i)
		if x.Kind() == reflect.Slice && x.Len()+y.Len() == 0 {
			continue
		}
		if x.Kind() == reflect.Pointer && !x.IsNil() && !y.IsNil() {
			x, y = x.Elem(), y.Elem()
		}
		if !reflect.DeepEqual(x.Interface(), y.Interface()) {
			texts = append(texts, a.Type().Field(i).Name+": "+strings.TrimSpace(text(x))+"; expected "+text(y))
		}
	}
	return texts
}

func text(v reflect.Value) string { return fmt.Sprintf("%+v", v.Interface()) }
