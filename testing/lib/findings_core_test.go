package lib

import "testing"

// findingsCore is what a review found wrong with the old system that no feature alone puts right.
var findingsCore = []hostCase{
	{
		name: "109 services are off by default", old: `"inference-server"`, new: `"minimal"`,
		ask: `lib.filter (id: config.nqd.features.${id}.enable) [
			"grafana" "nginx" "node-exporter" "ollama" "open-webui" "podman" "postgresql" "prometheus" "qdrant" "redis" "ssh" ]`,
		want: `[]`,
	},
	{
		// But for the names that containers ask for on their own bridge, which Podman's module opens.
		name: "119 no UDP port is open", old: `"inference-server"`, new: `"ai-workstation"`,
		ask:  `[ config.networking.firewall.allowedUDPPorts config.networking.firewall.allowedTCPPorts (lib.attrNames config.networking.firewall.interfaces) ]`,
		want: `[[],[],["podman0"]]`,
	},
	{
		name: "142 a database by the memory", more: "[features.postgresql]\nenable = true\n",
		files: map[string]string{"hosts/orion/facts.json": `{"version": 1, "memory_mb": 64000}`},
		ask:   `config.services.postgresql.settings.shared_buffers`, want: `"2GB"`,
	},
	{
		name: "208 an upgrade keeps the state version", release: "26.11",
		ask: `[ config.system.stateVersion home.home.stateVersion ]`, want: `["26.05","26.05"]`,
	},
	{
		name: "219 identity by the host file", old: `git_name = ""`, new: `git_name = "Ada"`, more: "[features.git]\nenable = true\n",
		ask: `home.programs.git.settings.user.name`, want: `"Ada"`,
	},
}

func TestFindingsCore(t *testing.T) { askAll(t, findingsCore) }
