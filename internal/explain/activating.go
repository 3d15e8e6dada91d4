package explain

import "slices"

// activating are failures of switch-to-configuration, of the boot loader's installer and of Home Manager, by the words
// of nixpkgs (switch-to-configuration-ng's main.rs, install-grub.pl, systemd-boot-builder.py) and of Home Manager
// (modules/files/check-link-targets.sh). They are told the journal of failed units too, so the specific ones are above.
func activating() []kind { return slices.Concat(switching(), loading(), running()) }

// switching are refusals, after which nothing was changed, and an interruption: that wins over what it broke off.
func switching() []kind {
	return []kind{
		{
			id: "interrupted", title: "It was interrupted", stage: Building,
			said:  []string{at + `interrupted by the user`},
			cause: "Ctrl-C was pressed, or nix was told to end. What it had built or downloaded until then stays.",
			cure:  "Run the same command again: it goes on from there.",
		},
		{
			id: "switch-lock", title: "Somebody else is switching systems", stage: Activating,
			all: []string{
				`^Could not acquire lock`, `Unit nixos-rebuild-switch-to-configuration\.service was already loaded`,
				`another switch-to-configuration is running`,
			},
			cause: "Another nqd, nixos-rebuild or automatic upgrade activates a system at this moment. Only one may do so at a " +
				"time, so nothing was changed.",
			cure: "Wait until it is done and apply again. `systemctl status nixos-upgrade.service " +
				"nixos-rebuild-switch-to-configuration.service` says whether one of these runs.",
		},
		{
			id: "switch-inhibited", title: "The new system may not be switched to while this one runs", stage: Activating,
			all: []string{`here are changes to critical components of the system`, `Pre-switch check 'switchInhibitors' failed`},
			cause: "A part that cannot be replaced while the machine runs would change, such as the implementation of D-Bus. The new " +
				"system refuses, and nothing was changed.",
			cure: "Make it the system of the next boot, in the workspace: `nixos-rebuild boot --sudo --flake .#NAME`, NAME being the " +
				"host. Then reboot, and `nqd status` says what runs.",
		},
		{
			id: "pre-switch-check", title: "The new system refused to be activated", stage: Activating,
			all:   []string{`^Pre-switch check '[^']*' failed`, `^Pre-switch checks failed`},
			cause: "A check that is part of the new system (system.preSwitchChecks) did not pass. Nothing was changed.",
			cure:  "`nqd apply --verbose` shows what the check complains of. Put that right and apply again.",
		},
		{
			id: "reboot-needed", title: "The new system needs a reboot", stage: Activating,
			all:   []string{`the new NixOS configuration has an ‘init’ that is\s+incompatible`, `the new system needs a reboot`},
			cause: "The new system has another init (systemd) that cannot take over from the one that runs. Nothing was changed.",
			cure: "Make it the system of the next boot, in the workspace: `nixos-rebuild boot --sudo --flake .#NAME`, NAME being the " +
				"host. Then reboot.",
		},
	}
}

// loading are failures of the boot loader.
func loading() []kind {
	return []kind{
		{
			id: "boot-full", title: "The boot partition is full", stage: Activating,
			all: []string{
				`No space left on device[^\n]*/(boot|efi)\b`, `/(boot|efi)\b[^\n]*No space left on device`,
				`cannot copy /nix/store/\S+ to /boot/`, `(?s:No space left on device.*Failed to install bootloader)`,
			},
			cause: "Each generation in the boot menu keeps a kernel and an initrd on the boot partition, and there is no room for " +
				"the new ones.",
			cure: "`df -h /boot` shows it. Remove all generations but the last three with `sudo nix-env -p " +
				"/nix/var/nix/profiles/system --delete-generations +3`, what they have on /boot with `sudo " +
				"/run/current-system/bin/switch-to-configuration boot`, and apply again. To keep it small, set " +
				"boot.loader.systemd-boot.configurationLimit (or boot.loader.grub.configurationLimit) in hosts/<name>/local.nix.",
		},
		{
			id: "bootloader-failed", title: "The boot loader could not be installed", stage: Activating,
			all: []string{
				`^Failed to install bootloader`, `installation of GRUB (EFI )?(on|into) .* failed`,
				`Could not find any previously installed systemd-boot`, `the boot loader's default is still `,
				`switching to \S+ \(boot\): .*exit code 1\b`,
			},
			last: true,
			cause: "The program that writes the boot menu ended with an error of its own. Often /boot is not mounted, is mounted " +
				"read-only, or boot.loader names another device or another loader than this machine has.",
			cure: "`findmnt /boot` and `bootctl status` show what is there, `nqd status` what boots next, and `nqd apply --verbose` " +
				"what the program said. Correct boot.loader in hosts/<name>/local.nix and apply again before you reboot.",
		},
	}
}

// running are failures while the new system is put in place.
func running() []kind {
	return []kind{
		{
			id: "home-collision", title: "A file is in the way of one of the new home", stage: Activating,
			all: []string{`Existing file '[^']*' would be clobbered`, `Existing file '[^']*' is in the way of '[^']*'$`},
			cause: "Home Manager wants to put a file where the user has one of their own that differs, and does not overwrite it. So " +
				"nothing of that user's new home is in place.",
			cure: "Move the file that the message names away (`journalctl -b -u 'home-manager-*'` shows it) and apply again. " +
				"What you want to keep of it belongs in hosts/<name>/home.nix.",
		},
		{
			id: "activation-failed", title: "A step of the activation failed", stage: Activating,
			all:   []string{`^Activation script snippet '[^']*' failed`, `switching to \S+ \(test\): .*exit code 2\b`},
			last:  true,
			cause: "A script that is part of the new system and puts users, /etc and the like in place ended with an error.",
			cure: "`nqd apply --verbose` shows the step and what it said. Correct what the step is about; one named after a program of " +
				"yours comes from system.activationScripts in your own files.",
		},
		{
			id: "unit-failed", title: "A service does not start", stage: Activating,
			all: []string{
				`^warning: the following (user )?units failed: `, `^Job for \S+ failed `,
				`starting \S+.*: failed on the new system`, `^warning: user activation for .* failed`,
			},
			last: true,
			cause: "The new system was activated, but a service ended with an error or did not become ready in time. The old one may " +
				"have run with data or ports that the new one cannot use.",
			cure: "`journalctl -b -u UNIT` shows what it said. Correct its settings and apply again, or switch its feature off in " +
				"host.toml; for services of a user it is `journalctl --user -b -u UNIT`.",
		},
	}
}
