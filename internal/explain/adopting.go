package explain

// adopting are what keeps the machine's own configuration from being taken over as it is. They are found by reading its
// files, and are never in what a program says.
func adopting() []kind {
	kinds := append(adoptingFiles(), adoptingText()...)
	for i := range kinds {
		kinds[i].stage = Adopting
	}
	return kinds
}

func adoptingText() []kind {
	return []kind{
		{
			id: "adopt-secret", title: "The configuration holds a secret",
			cause: "A password, its hash or a key stands in a file. In a workspace it would be in git and in the Nix store, which " +
				"every account may read.",
			cure: "Remove the line; an account keeps its password without it. A service gets its secret from a file that only root " +
				"reads, by an option whose name ends in File. Then run `nqd init` again.",
		},
		{
			id: "adopt-lookup-path", title: "The configuration uses a channel",
			cause: "`<nixpkgs>` and the like mean whatever the channels of the machine hold. A flake may only use the versions in flake.lock.",
			cure:  "Use `pkgs` and `modulesPath`, arguments of the file, in their place. The finding says which. Then run `nqd init` again.",
		},
		{
			id: "adopt-channel-home-manager", title: "The configuration imports Home Manager itself",
			cause: "Home Manager comes from a channel or a download there. The workspace has it as an input, and its options cannot be there twice.",
			cure: "Remove the import and the lines below home-manager.users, and run `nqd init` again. What the lines say goes into " +
				"hosts/<name>/home.nix.",
		},
		{
			id: "adopt-impure-fetch", title: "The configuration uses what is not pinned",
			cause: "A download without a hash or commit, a variable of the environment or the clock can be something else each time. A " +
				"flake may not use them.",
			cure: "Give a download its hash (sha256) or its commit (rev), and write values out. Then run `nqd init` again.",
		},
		{
			id: "adopt-evaluation", title: "The configuration does not evaluate by itself",
			cause: "A copy of the files was evaluated alone, with the nixpkgs that was chosen, and Nix refused it. The message is Nix's own; " +
				"often an option has another name in this release.",
			cure: "Correct what the message names and run `nqd init` again, or go on without the configuration.",
		},
	}
}

func adoptingFiles() []kind {
	return []kind{
		{
			id: "adopt-absolute-path", title: "The configuration names a file outside of its folder",
			cause: "A flake may read its own files only. A path such as /home/ada/x.nix or ../x.nix leads out of what is copied.",
			cure:  "Copy the file to /etc/nixos and name it as ./FILE. For a secret give the path as text in quotation marks. Then run `nqd init` again.",
		},
		{
			id: "adopt-missing-file", title: "The configuration names a file that is not there",
			cause: "A file that is imported or read does not exist, so that not even nixos-rebuild could build this configuration where it is used.",
			cure:  "Correct the name, remove the line, or bring the file back. Then run `nqd init` again.",
		},
		{
			id: "adopt-flake", title: "The configuration is a flake already",
			cause: "/etc/nixos has a flake.nix, or a file asks for arguments that only a flake gives. Its parts are tied together there, and a " +
				"copy of some would be another configuration.",
			cure: "Go on without it; `nqd init` makes a flake of its own. Copy the modules that you want to keep into hosts/<name>/ and import them in " +
				"hosts/<name>/local.nix.",
		},
		{
			id: "adopt-foreign-link", title: "The configuration is kept elsewhere",
			cause: "/etc/nixos or a file in it is a link, mostly into a repository of dotfiles. A copy would part from it without a word.",
			cure: "Put the file in the place of the link and run `nqd init` again. Or go on without it, and copy what you want to keep into " +
				"hosts/<name>/.",
		},
		{
			id: "adopt-unreadable", title: "Only root may read a file of the configuration",
			cause: "A file or folder does not let other accounts read it, and nqd runs as you. Often it holds a secret.",
			cure: "If it is none, `sudo chmod a+rX FILE` lets nqd read it. If it is, keep it out of the configuration and give its path as text " +
				"in quotation marks. Then run `nqd init` again.",
		},
		{
			id: "adopt-odd-file", title: "The configuration names something that cannot be copied",
			cause: "A folder that it names holds a device, a socket, or more than belongs into git and the Nix store.",
			cure:  "Move it out of that folder, or name the single files that are needed. Then run `nqd init` again.",
		},
	}
}
