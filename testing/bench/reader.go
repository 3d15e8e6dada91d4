package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// logReader compares the CPU time that it costs to read what nix writes while a builder writes a million lines, with that
// of nix and the builder. It notes the largest memory that reading took, beside that for 10,000 lines: it does not grow
// with the log.
func (b *bench) logReader(ctx context.Context) (reader, build float64, err error) {
	program := filepath.Join(b.dir, "reader")
	compile := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", program, "./testing/nixlogs/reader")
	compile.Stderr = os.Stderr
	if err := compile.Run(); err != nil {
		return 0, 0, err
	}
	cmd := exec.CommandContext(ctx, program, "-nix", filepath.Dir(b.nix))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return 0, 0, err
	}
	var cost struct {
		Build   float64 `json:"build_cpu"`
		Reader  float64 `json:"reader_cpu"`
		Peak    int64   `json:"peak_rss_kib"`
		FewPeak int64   `json:"peak_rss_kib_at_ten_thousand"`
	}
	if err := json.Unmarshal(out, &cost); err != nil {
		return 0, 0, fmt.Errorf("reader: %w", err)
	}
	b.logPeak, b.fewPeak = max(b.logPeak, cost.Peak), max(b.fewPeak, cost.FewPeak)
	b.note = fmt.Sprintf("bench log-reader-memory peak=%d KiB at 10,000 lines=%d KiB", b.logPeak, b.fewPeak)
	return cost.Reader, cost.Build, nil
}
