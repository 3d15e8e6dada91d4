package lib

import (
	"fmt"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/evaluation"
)

// What adopted files do by themselves is told with the file, and nothing of what local.nix or features do.
func TestAdopted(t *testing.T) {
	c := hostCase{
		more: postgresql,
		local: `{
			networking.firewall.allowedTCPPorts = [ 1111 ];
			system.autoUpgrade.enable = true;
			services.printing.enable = true;
			services.printing.openFirewall = true;
		}`,
		files: map[string]string{
			"hosts/orion/imported/configuration.nix": `{ lib, ... }: {
				imports = [ ./more/services.nix ];
				networking.firewall.allowedTCPPorts = [ 8080 ];
				networking.firewall.allowedUDPPorts = [ ];
				networking.firewall.allowedTCPPortRanges = lib.mkIf true [ { from = 1714; to = 1764; } ];
				networking.firewall.enable = true;
				nix.gc.automatic = lib.mkDefault true;
				virtualisation.podman.enable = false;
			}`,
			"hosts/orion/imported/more/services.nix": `{ config, lib, ... }: {
				services = lib.mkIf config.networking.firewall.enable {
					openssh.enable = true;
					avahi = { enable = true; openFirewall = true; };
				};
				networking.firewall.allowedTCPPorts = [ 9090 ];
			}`,
		},
	}
	const configuration, services = "hosts/orion/imported/configuration.nix", "hosts/orion/imported/more/services.nix"
	want := strings.Join([]string{
		"opens networking.firewall.allowedTCPPorts [9090,8080] " + services + " " + configuration,
		`opens networking.firewall.allowedTCPPortRanges [{"from":1714,"to":1764}] ` + configuration,
		"opens services.openssh.enable true " + services,
		"collects nix.gc.automatic true " + configuration,
		"opens services.avahi.openFirewall true " + services,
	}, "\n")
	told(t, c, func(t *testing.T, e evaluation.Answer) {
		var got []string
		for _, one := range e.Manifest.Adopted {
			got = append(got, fmt.Sprintf("%s %s %s %s", one.Kind, one.Option, one.Value, strings.Join(one.Files, " ")))
		}
		if text := strings.Join(got, "\n"); text != want {
			t.Errorf("got\n%s\nwant\n%s", text, want)
		}
	})
}

// Without adopted files there is nothing to tell.
func TestNothingAdopted(t *testing.T) {
	told(t, hostCase{local: "{ services.openssh.enable = true; nix.gc.automatic = true; }"}, func(t *testing.T, e evaluation.Answer) {
		if len(e.Manifest.Adopted) > 0 {
			t.Errorf("%+v", e.Manifest.Adopted)
		}
	})
}
