# Every target makes ready what it needs (scripts/prepare) and downloads nothing the second time.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help build test lint demo bench mutants faults docs standin tables vendor-hash clean

# No version control stamp: a checkout that belongs to another user would fail the build, and -X says the version.
export GOFLAGS := $(shell go env GOFLAGS) -buildvcs=false
version := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
ready := scripts/prepare

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## bin/nqd, one static program
	CGO_ENABLED=0 $(ready) go build -trimpath -ldflags "-s -w -X main.version=$(version)" -o bin/nqd ./cmd/nqd

test: ## all tests, with every Nix of NQD_TEST_NIX
	$(ready) go vet ./...
	$(ready) go test -timeout 30m ./...

lint: ## formatting (nixfmt too where it is installed), vet, staticcheck, shellcheck, Nix parsers
	$(ready) scripts/lint

demo: build ## deploy, change, break and roll back a machine in a sandbox directory
	$(ready) go run ./testing/demo

bench: build ## ratios against raw Nix
	$(ready) go run ./testing/bench

mutants: ## break the code on purpose: each patch of testing/mutants must turn a test red
	$(ready) go run ./testing/mutants/run

faults: build ## kill nqd everywhere, and take its disk, clock and records away; FAULTS="-only … -point … -seed …" repeats one
	$(ready) go run ./testing/faults $(FAULTS)

docs: ## docs/features.md and docs/options.md, out of the library and the schema of the host file
	$(ready) go run ./docs/generate

standin: ## the stand-in nixpkgs and home-manager in .build/standin, to try nqd by hand
	$(ready) go run ./testing/sandbox/cmd/sandbox prepare .build/standin

tables: ## write the option tables of the stand-in out of the facts and corrections (testing/options)
	$(ready) go run ./testing/options

vendor-hash: ## write go.mod.sri, which flake.nix reads; after every change of go.mod
	$(ready) scripts/vendor-hash.sh

clean: ## what was built here; what was downloaded stays in the caches
	rm -rf bin .build
