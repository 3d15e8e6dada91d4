package explain

// building are failures of builders, by the words of Nix 2.26 and 2.34 and of compilers.
func building() []kind { return append(limits(), builders()...) }

// limits are those of the machine that builds.
func limits() []kind {
	return []kind{
		{
			id: "out-of-memory", title: "There was not enough memory", stage: Building,
			said: []string{
				`failed due to signal 9\b`, `failed with exit code 137\b`, at + `out of memory`, `Nix daemon out of memory`,
				at + `.*[Cc]annot allocate memory`, `std::bad_alloc`,
			},
			logged: []string{
				`^(\S*>|  \||  *>) .*(virtual memory exhausted|Cannot allocate memory|fatal error: Killed signal|signal: 9, SIGKILL)`,
				`^( *>|  \|) (.*: line [0-9]+: +[0-9]+ )?Killed\b`,
			},
			cause: "A build, or nix itself, wanted more memory than the machine has, and the kernel ended it. Large programs built " +
				"several at a time do that.",
			cure: "`journalctl -k -g 'Out of memory'` confirms it. Close other programs, and build less at once with the lines " +
				"`max-jobs = 1` and `cores = 2` in ~/.config/nix/nix.conf. For later, add swap in hosts/<name>/local.nix " +
				"(zramSwap.enable, swapDevices).",
		},
		{
			id: "timed-out", title: "A build took too long", stage: Building,
			said: []string{`timed out after [0-9]+ seconds`},
			cause: "nix ended a build that went on for longer than the limits timeout or max-silent-time allow, or that said nothing " +
				"for so long. It hangs, or the machine is slow.",
			cure: "Look where it stood with `nix log DERIVATION`, and apply again. If it only needs longer, raise timeout or " +
				"max-silent-time in ~/.config/nix/nix.conf.",
		},
		{
			id: "wrong-system", title: "This machine cannot build that", stage: Building,
			said: []string{
				`Reason: (platform mismatch|missing system features|required system or feature not available)`,
				at + `a '[^']*' with features \{.*\} is required to build`,
			},
			cause: "A build is for another processor, or needs something of the machine that builds, such as kvm or big-parallel, that this " +
				"one does not offer. No cache has the result either.",
			cure: "Correct host.system in host.toml if it is not this machine's platform. To build for another one here, set " +
				"boot.binfmt.emulatedSystems; for a feature that is there, nix.settings.extra-system-features.",
		},
	}
}

// builders are mistakes in what is built.
func builders() []kind {
	return []kind{
		{
			id: "collision", title: "Two packages have the same file", stage: Building,
			logged: []string{
				"error: collision between [`'d]", "two given paths contain a conflicting subpath", "error: Unable to build profile\\. There is a conflict",
			},
			cause: "Two packages that are installed side by side bring a file of the same name with different contents; the message " +
				"names both.",
			cure: "Take one of the two out of environment.systemPackages or home.packages. To keep both, give one precedence with " +
				"`lib.hiPrio PACKAGE` in hosts/<name>/local.nix.",
		},
		{
			id: "builder-failed", title: "A package does not build", stage: Building,
			said: []string{
				at + `builder for '[^']*' failed`, `Reason: builder failed`, `failed to produce output path`,
			},
			last: true,
			cause: "The program that builds a package, or a file of the configuration, ended with an error of its own. The last lines of " +
				"its log are in the message.",
			cure: "`nix log DERIVATION` shows the whole log. If a file of yours is built, correct it; if it is a package of nixpkgs, " +
				"`nix flake update nixpkgs` in the workspace often brings one that builds, and `git log flake.lock` shows how to go back.",
		},
		{
			id: "dependency-failed", title: "Something that is needed could not be built", stage: Building,
			said: []string{
				at + `[0-9]+ dependenc(y|ies) of derivation '[^']*' failed`, `^ *Reason: [0-9]+ dependenc(y|ies) failed`,
				at + `build of .* failed$`,
			},
			last: true,
			cause: "A derivation was not built as another one that it needs could not be. The reason is an earlier message, about that " +
				"one.",
			cure: "Read the first error instead of the last one; `nix log DERIVATION` with the derivation that it names shows its whole log.",
		},
	}
}
