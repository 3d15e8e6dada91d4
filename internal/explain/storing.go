package explain

import "slices"

// storing are failures of nix with its store, its database, its daemon and its own settings, by the words of Nix 2.26
// and 2.34.
func storing() []kind { return slices.Concat(space(), access(), lockFile()) }

func space() []kind {
	return []kind{
		{
			id: "no-space", title: "The disk is full", stage: Storing,
			all: []string{`No space left on device`, `database or disk is full`, `Disk quota exceeded`},
			cause: "There is no room left where nix writes: in /nix, or where it builds, which may be a small /tmp. Old systems keep " +
				"what they need until they are removed.",
			cure: "`df -h /nix /tmp` shows which one it is. `sudo nix-collect-garbage` removes what no system needs; with " +
				"`--delete-older-than 14d` it removes older systems too, which then cannot be gone back to. Where it is /tmp, " +
				"empty that, or set nix.settings.build-dir in hosts/<name>/local.nix once there is room.",
		},
		{
			id: "store-corrupt", title: "The store or its database is damaged", stage: Storing,
			said: []string{
				`database disk image is malformed`, `file is not a database`, `^path '[^']*' was modified! expected hash`,
				`^path '[^']*' is corrupted or missing!`,
			},
			cause: "A file in /nix/store or nix's database is not what it was when it was written. Mostly the disk is failing, was full, " +
				"or the power went while it was written.",
			cure: "Look for errors of the disk with `journalctl -k -p err`, and back up your data. `sudo nix-store --verify " +
				"--check-contents --repair` fetches damaged paths again; a broken database below ~/.cache/nix may simply be removed, " +
				"that in /nix/var has to come from a backup.",
		},
		{
			id: "database-locked", title: "Nix's database is busy", stage: Storing,
			said:  []string{at + `SQLite database '[^']*' is busy`, at + `.*database is locked`},
			cause: "Another program holds nix's database, such as a long garbage collection, or a nix that was stopped (Ctrl-Z).",
			cure: "Wait, or look for it with `ps aux | grep nix`. If it is none and /nix is on a network file system: nix needs one " +
				"with working locks.",
		},
	}
}

func access() []kind {
	return []kind{
		{
			id: "nix-daemon", title: "Nix's daemon cannot be reached", stage: Storing,
			said:  []string{`cannot connect to socket at '[^']*'`, `Nix daemon disconnected unexpectedly`},
			cause: "nix does its work through nix-daemon, which does not run or may not be used by this user.",
			cure: "`systemctl status nix-daemon.socket nix-daemon.service` says what it is about; `sudo systemctl restart " +
				"nix-daemon.socket nix-daemon.service` starts it again. If it says \"Permission denied\", the user is not in nix.settings.allowed-users.",
		},
		{
			id: "untrusted-user", title: "This user may not do that with nix", stage: Storing,
			said: []string{`you are not privileged to `},
			all:  []string{`(?s:you are not a trusted user.*there is no substituter that can build it)`},
			cause: "nix-daemon lets trusted users only choose other caches and settings or import without signatures. This user " +
				"is not one, so it ignored them.",
			cure: "Set what is needed for the whole machine in hosts/<name>/local.nix, such as nix.settings.substituters and " +
				"trusted-public-keys. A name in nix.settings.trusted-users may do as root does.",
		},
		{
			id: "permission", title: "Nix may not read or write a file", stage: Storing,
			said: []string{
				at + `.*: (Permission denied|Operation not permitted|Read-only file system)$`,
				at + `the group '[^']*' specified in 'build-users-group' does not exist`,
			},
			cause: "The file that the message names, or its folder, belongs to another user or is mounted read-only, or the group of " +
				"build users is missing. A command with sudo that kept $HOME often leaves such files behind.",
			cure: "`ls -ld` of the path shows whose it is. Below your home, `sudo chown -R $USER ~/.cache/nix` gives it back; for " +
				"/nix, `systemctl status nix-daemon` should say that the daemon runs.",
		},
		{
			id: "not-owned-repository", title: "The workspace belongs to another user", stage: Storing,
			said: []string{`repository path '[^']*' is not owned by current user`, `detected dubious ownership in repository`},
			cause: "git and nix refuse a repository that another user owns, as its settings could run programs as you. Often " +
				"files of the workspace were written with sudo, or it lies in /etc/nixos.",
			cure: "Run nqd as the user who owns the workspace; nqd asks for root itself where that is needed. `sudo chown -R $USER " +
				"DIR` makes it yours.",
		},
		{
			id: "experimental-features", title: "A feature of nix is switched off", stage: Storing,
			said: []string{`experimental Nix feature '[^']*' is disabled`},
			cause: "nix knows what was asked for, but keeps it switched off as experimental. nqd switches on what it needs; the " +
				"message is about something else, or about another program that called nix.",
			cure: "Add the name to nix.settings.extra-experimental-features in hosts/<name>/local.nix, or for one command: " +
				"`nix --extra-experimental-features NAME …`.",
		},
	}
}

func lockFile() []kind {
	return []kind{
		{
			id: "flake-lock", title: "flake.lock does not fit or cannot be written", stage: Storing,
			said: []string{
				`cannot write modified lock file of flake`, `requires lock file changes but they're not allowed`,
				`on unlocked flake reference`, `doesn't fetch unlocked input`, `cannot update unlocked flake input`,
				`Could not parse '[^']*flake\.lock'`, `\[json\.exception\.parse_error`, `lock file '[^']*' has unsupported version`,
			},
			cause: "flake.lock names the exact version of each input. An input has none there, or the file is broken, as after a merge " +
				"with conflicts.",
			cure: "`nix flake lock` in the workspace adds what is missing. If the file is broken, `git log flake.lock` lists its " +
				"versions and `git checkout COMMIT -- flake.lock` brings one back.",
		},
	}
}
