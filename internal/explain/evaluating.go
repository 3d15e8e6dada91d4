package explain

import "slices"

// evaluating are failures of an evaluation: what the user wrote, or what nixpkgs says to it. The words are those of
// Nix 2.26 and 2.34 and of nixpkgs (lib/modules.nix, pkgs/stdenv/generic/check-meta.nix of 26.05 and of 26.11).
func evaluating() []kind {
	return slices.Concat(packages(), options(), names(), paths(), recursion(), expressions())
}

// packages are those that nixpkgs refuses.
func packages() []kind {
	return []kind{
		{
			id: "unfree", title: "A package is not free software", stage: Evaluating,
			said:  []string{`has an unfree license`},
			cause: "nixpkgs installs packages whose licence is not free only where they were allowed by name.",
			cure: `Add the package's name to allow_unfree below [packages] in host.toml, or take out what installs it. ` +
				"`nqd plan` shows the result before anything is built.",
		},
		{
			id: "broken-package", title: "A package is marked as broken", stage: Evaluating,
			said:  []string{`is marked as broken`, `(?s:because it has problems:.*- (broken|\S+ \(kind "broken"\)):)`},
			cause: "The people who keep the package know that it does not build or does not work in this release of NixOS.",
			cure: "Take it out of your configuration, or wait for a fix and run `nix flake update nixpkgs` in the workspace. " +
				"To build it all the same, set nixpkgs.config.allowBroken in hosts/<name>/local.nix.",
		},
		{
			id: "insecure-package", title: "A package has known security holes", stage: Evaluating,
			said:  []string{`is marked as insecure`},
			cause: "nixpkgs lists security holes of this version that nobody closes any more; the message names them.",
			cure: "Use a newer version or another program. If you accept the risk, add the name with its version to " +
				"nixpkgs.config.permittedInsecurePackages in hosts/<name>/local.nix.",
		},
		{
			id: "unsupported-platform", title: "A package does not exist for this processor", stage: Evaluating,
			said:  []string{`is not available on the requested hostPlatform`, `is not supported on ‘`},
			cause: "The package is made for other platforms than the one that host.toml names as host.system.",
			cure: "Take the package out for this host, or look for another one. If host.system in host.toml is wrong, correct " +
				"it: `uname -m` says what the machine is.",
		},
	}
}

// options are what the module system says to definitions.
func options() []kind {
	return []kind{
		{
			id: "unknown-option", title: "An option does not exist", stage: Evaluating,
			said: []string{"The option `[^']*' does not exist"},
			cause: "A file sets an option that this release of NixOS or Home Manager does not have: it is misspelt, it was " +
				"renamed or removed, or the module that declares it is not imported.",
			cure: "Correct the name in the file that the message gives. search.nixos.org lists the options by release; for " +
				"those of a user it is Home Manager's manual.",
		},
		{
			id: "option-type", title: "An option has a value of the wrong type", stage: Evaluating,
			said:  []string{"A definition for option `[^']*' is not of type"},
			cause: `An option was set to something else than it takes, such as a text where a number belongs: "80" is no port, 80 is.`,
			cure:  "Change the value in the file that the message gives to the type that it names.",
		},
		{
			id: "conflicting-values", title: "Two files set an option to different values", stage: Evaluating,
			said: []string{"The option `[^']*' has conflicting definition values", "The option `[^']*' is defined multiple times while"},
			cause: "Two files give an option that holds one value only different ones, and none of them has precedence. The " +
				"message names both files.",
			cure: "Take one of the two away. Where you cannot, write `lib.mkForce VALUE` in hosts/<name>/local.nix for the one " +
				"that shall win.",
		},
		{
			id: "option-without-value", title: "An option has no value", stage: Evaluating,
			said:  []string{"The option `[^']*' (was accessed but has no value defined|is used but not defined)"},
			cause: "Something that was switched on needs an option that has no default and that nobody set.",
			cure:  "Set the option that the message names in hosts/<name>/local.nix, or switch off what needs it.",
		},
	}
}

// names are what a file cannot be read for, or asks for in vain.
func names() []kind {
	return []kind{
		{
			id: "syntax-error", title: "A Nix file cannot be read", stage: Evaluating,
			said: []string{at + `syntax error`, at + `attribute '[^']*' already defined at`, at + `dynamic attributes not allowed`},
			cause: "A file is not valid Nix: mostly a semicolon, a bracket or a quotation mark is missing, or a name stands there " +
				"twice. The mistake is at the line of the message or just above it.",
			cure: "Correct the file. `nix-instantiate --parse FILE` checks one file at once.",
		},
		{
			id: "undefined-variable", title: "A name is not defined", stage: Evaluating,
			said: []string{`undefined variable '`},
			cause: "A file uses a name that nothing defines there: it is misspelt, or the file's first line does not ask for it, " +
				"as `{ pkgs, lib, ... }:` does.",
			cure: "Correct the name, write `pkgs.` before a package, or add the argument to the file's first line.",
		},
		{
			id: "missing-attribute", title: "A package or attribute does not exist", stage: Evaluating,
			said: []string{at + `attribute '[^']*' missing`, at + `flake '[^']*' does not provide attribute`},
			cause: "A set does not have the name that was asked for. For `pkgs.NAME` this release of nixpkgs has no package of " +
				"that name: it is misspelt, was renamed or removed, or is newer.",
			cure: "Look the name up with `nix search nixpkgs WORD` or at search.nixos.org, and correct it in the file that the " +
				"message gives; where it says \"Did you mean\", that is often it.",
		},
	}
}

// paths are files that are not there, or not to be read.
func paths() []kind {
	return []kind{
		{
			id: "lookup-path", title: "A file uses <nixpkgs>", stage: Evaluating,
			said: []string{`cannot look up '<[^>]*>' in pure evaluation mode`, `was not found in the Nix search path`},
			cause: "`<nixpkgs>` and the like mean whatever version a machine happens to have. A flake may only use the versions " +
				"in flake.lock.",
			cure: "Use the `pkgs` that the file gets as an argument; for another source, add an input to flake.nix.",
		},
		{
			id: "impure-path", title: "A file outside the workspace was asked for", stage: Evaluating,
			said: []string{`access to absolute path '[^']*' is forbidden in pure (evaluation|eval) mode`, `is forbidden in restricted mode`},
			cause: "A flake may read its own files only, so that it gives the same system everywhere. A path such as /etc/nixos/x.nix " +
				"or /home/… is outside.",
			cure: "Copy the file into hosts/<name>/ and name it as ./FILE. For a secret, give a path as text in quotation marks, so " +
				"that it is read by the running machine and not copied into the store.",
		},
		{
			id: "untracked-file", title: "A file is missing in the workspace, or git does not know it", stage: Evaluating,
			said: []string{
				at + `[Pp]ath '[^']*' (in the repository "[^"]*" is not tracked by Git|does not exist in Git repository)`,
				at + `path '[^']*/nix/store/[0-9a-z]{32}-source[^']*' does not exist`,
				at + `getting status of '[^']*/nix/store/[0-9a-z]{32}-source`,
			},
			cause: "Nix sees only those files of a workspace that git knows. One that is imported is not there, is ignored by " +
				".gitignore, or was never added.",
			cure: "Look whether the name is right. nqd adds what is in hosts/ and features/ itself; add any other file with " +
				"`git add FILE`.",
		},
	}
}

// recursion are evaluations that would not end, or not without a build.
func recursion() []kind {
	return []kind{
		{
			id: "infinite-recursion", title: "A value depends on itself", stage: Evaluating,
			said: []string{`infinite recursion encountered`},
			cause: "A value is needed to compute itself. In modules it is mostly an `imports` or the names of a `config` that " +
				"depend on `config` or `pkgs`.",
			cure: "Undo the last change to your own files and see whether it goes away. Write `config = lib.mkIf CONDITION { … }` " +
				"instead of `if CONDITION then { … } else { }`, and keep `config` and `pkgs` out of `imports`.",
		},
		{
			id: "stack-overflow", title: "An evaluation went too deep", stage: Evaluating,
			said:  []string{at + `stack overflow`},
			cause: "A function calls itself without end, or a value contains itself.",
			cure: "Undo the last change to your own files and see whether it goes away. `nix eval --show-trace " +
				".#nqd.NAME.drvPath` in the workspace, NAME being the host, tells which function repeats.",
		},
		{
			id: "import-from-derivation", title: "An evaluation wants to build something", stage: Evaluating,
			said: []string{`allow-import-from-derivation' is disabled`},
			cause: "A file reads what a package contains (import from derivation), which means building it in the middle of an " +
				"evaluation. It is switched off on this machine.",
			cure: "Use a version of that module that does not need it, or keep the generated file in the workspace. To allow it, " +
				"put `allow-import-from-derivation = true` into ~/.config/nix/nix.conf.",
		},
	}
}

// expressions are values of the wrong kind, and values that contradict each other.
func expressions() []kind {
	return []kind{
		{
			id: "wrong-argument", title: "A function got the wrong arguments", stage: Evaluating,
			said: []string{at + `function '[^']*' called with(out required| unexpected) argument`},
			cause: "The first line of a file or function names arguments, and it was called with one more or one less. Modules get " +
				"more than they name, so theirs ends with `...`.",
			cure: "Write the first line of a module as `{ pkgs, lib, ... }:`, or correct the call that the message shows.",
		},
		{
			id: "assertion-failed", title: "The configuration contradicts itself", stage: Evaluating,
			said: []string{
				`Failed assertions:`, at + `assertion '.*' failed`, at + `.* is not equal to `,
			},
			cause: "A module checked what was set and found that it cannot work together. Below \"Failed assertions\" it says what is " +
				"wrong, mostly with the option that is missing.",
			cure: "Do what the lines of the message say, in host.toml or hosts/<name>/local.nix; `nqd plan` checks again.",
		},
		{
			id: "type-error", title: "A Nix expression mixes up types", stage: Evaluating,
			said: []string{
				at + `cannot coerce `, at + `expected an? .* but found `,
				at + `attempt to call something which is not a function`,
			},
			cause: "A file uses a value as what it is not: a set as a text, a text as a list, something as a function. A missing " +
				"semicolon or bracket often does that: `[ f x ]` are two elements, `[ (f x) ]` is one.",
			cure: "Look at the line that the message gives; brackets around a call in a list, or `toString` around a number, is " +
				"often all that it needs.",
		},
	}
}
