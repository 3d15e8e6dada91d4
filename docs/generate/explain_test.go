package main

import (
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/explain"
)

// Every known failure has its section, once.
func TestExplanations(t *testing.T) {
	page, err := explanations()
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range explain.Known() {
		section := "\n### " + e.ID + "\n\n**" + plain(e.Title) + ".** " + plain(e.Cause) + "\n\n*Cure:* " + plain(e.Cure) + "\n"
		if strings.Count(page, section) != 1 || strings.Count(page, "| ["+e.ID+"](#"+e.ID+") |") != 1 {
			t.Errorf("%s is not there once", e.ID)
		}
	}
}
