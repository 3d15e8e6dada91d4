package lib

import "testing"

// The services that a host file switches on here and there.
const (
	openWebUI  = "[features.open-webui]\nenable = true\n[packages]\nallow_unfree = [\"open-webui\"]\n"
	redis      = "[features.redis]\nenable = true\n"
	postgresql = "[features.postgresql]\nenable = true\n"
	prometheus = "[features.prometheus]\nenable = true\n"
	grafana    = "[features.grafana]\nenable = true\n"
	nginx      = "[features.nginx]\nenable = true\n"
	qdrant     = "[features.qdrant]\nenable = true\n"
	podman     = "[features.podman]\nenable = true\n"
	exporter   = "[features.node-exporter]\nenable = true\n"
)

// How the questions name what the services were given.
const (
	hba        = `lib.filter (line: line != "" && !lib.hasPrefix "#" line) (lib.splitString "\n" config.services.postgresql.authentication)`
	theRedis   = `config.services.redis.servers."".`
	vhost      = `config.services.nginx.virtualHosts.`
	jobs       = `map (job: [ job.job_name job.metrics_path (lib.concatMap (s: s.targets) job.static_configs) ]) config.services.prometheus.scrapeConfigs`
	webuiEnv   = `config.services.open-webui.environment.`
	theGrafana = `config.services.grafana.settings.`
	podmanOf   = `config.virtualisation.podman.`
	tuning     = `map (name: config.services.postgresql.settings.${name} or null) [ "shared_buffers" "effective_cache_size" "work_mem" "maintenance_work_mem" ]`
)

var grafanaSecrets = map[string]string{
	"secrets/orion/grafana-admin-password.age": "age",
	"secrets/orion/grafana-secret-key.age":     "age",
}

func memory(mb string) map[string]string {
	return map[string]string{"hosts/orion/facts.json": `{"version": 1, "memory_mb": ` + mb + `}`}
}

// What was wrong with the services of the configuration that nqd replaces, by the number of the
// finding, and the value that makes it right.
var findingsServices = []hostCase{
	{
		name: "100 tuned from the memory", more: postgresql, files: memory("16000"), ask: tuning,
		want: `["512MB","4GB","16MB","256MB"]`,
	},
	{name: "100 little memory", more: postgresql, files: memory("3900"), ask: tuning, want: `["128MB","1GB","4MB","64MB"]`},
	{name: "100 the end of a row", more: postgresql, files: memory("8192"), ask: tuning, want: `["256MB","2GB","8MB","128MB"]`},
	{name: "100 much memory", more: postgresql, files: memory("64000"), ask: tuning, want: `["2GB","16GB","64MB","1GB"]`},
	{name: "100 memory unknown", more: postgresql, ask: tuning, want: `[null,null,null,null]`},
	{
		name: "101 102 no trust, and no md5 that anybody gets to", more: postgresql, ask: hba,
		want: `["host all all 127.0.0.1/32 scram-sha-256","host all all ::1/128 scram-sha-256",` +
			`"local all postgres         peer map=postgres","local all all              peer",` +
			`"host  all all 127.0.0.1/32 md5","host  all all ::1/128      md5"]`,
	},
	{
		name: "102 exposed", more: postgresql + "expose = [\"eth0\"]\n", ask: `lib.head (` + hba + `)`,
		want: `"host all all all scram-sha-256"`,
	},
	{
		name: "102 lines of the user's own come first", more: postgresql,
		local: `{ services.postgresql.authentication = "host all ci 127.0.0.1/32 reject"; }`,
		ask:   `lib.head (` + hba + `)`, want: `"host all ci 127.0.0.1/32 reject"`,
	},
	{
		name: "103 loopback only", more: postgresql,
		ask: `[ config.services.postgresql.enableTCPIP config.services.postgresql.settings.listen_addresses ]`, want: `[false,"localhost"]`,
	},
	{
		name: "104 no password, but a database by peer", more: postgresql,
		ask: `let pg = config.services.postgresql; user = lib.head pg.ensureUsers; in
			[ (pg.initialScript or null) pg.ensureDatabases user.name user.ensureDBOwnership user.ensureClauses.createdb user.ensureClauses.superuser ]`,
		want: `[null,["ada-l"],"ada-l",true,true,null]`,
	},
	{
		name: "104 for every account", more: postgresql + "[users.bob]\nfull_name = \"Bob\"\n",
		ask: `config.services.postgresql.ensureDatabases`, want: `["ada-l","bob"]`,
	},
	{
		name: "105 the limit stands under settings", more: redis,
		ask: `let s = ` + theRedis + `settings; in [ s.maxmemory s.maxmemory-policy s.bind s.port ]`, want: `["512mb","noeviction","127.0.0.1",6379]`,
	},
	{
		name: "105 the socket is for the accounts", more: redis,
		ask:  `[ ` + theRedis + `unixSocket (lib.elem ` + theRedis + `group config.users.users."ada-l".extraGroups) ]`,
		want: `["/run/redis/redis.sock",true]`,
	},
	{
		name: "106 a host for each page", more: nginx + qdrant + exporter,
		ask:  `map (name: [ name ` + vhost + `${name}.locations."/".proxyPass ]) (lib.attrNames config.services.nginx.virtualHosts)`,
		want: `[["_",null],["ollama.localhost","http://127.0.0.1:11434"],["qdrant.localhost","http://127.0.0.1:6333"]]`,
	},
	{
		name: "106 on loopback", more: nginx, ask: `[ ` + vhost + `_.listenAddresses ` + vhost + `"ollama.localhost".listenAddresses ]`,
		want: `[["127.0.0.1","[::1]"],["127.0.0.1","[::1]"]]`,
	},
	{
		name: "106 nothing to show", old: `"inference-server"`, new: `"minimal"`, more: nginx,
		ask: `builtins.seq drvPath [ (lib.attrNames config.services.nginx.virtualHosts) ` + vhost + `_.locations."/".return ]`, want: `[["_"],404]`,
	},
	{
		name: "107 on loopback", more: prometheus + exporter,
		ask: `[ config.services.prometheus.listenAddress config.services.prometheus.exporters.node.listenAddress ]`, want: `["127.0.0.1","127.0.0.1"]`,
	},
	{
		name: "107 a job for whatever has figures", more: prometheus + exporter + qdrant + grafana, files: grafanaSecrets, ask: jobs,
		want: `[["grafana","/metrics",["127.0.0.1:3001"]],["node-exporter","/metrics",["127.0.0.1:9100"]],` +
			`["prometheus","/metrics",["127.0.0.1:9090"]],["qdrant","/metrics",["127.0.0.1:6333"]]]`,
	},
	{
		name: "107 alerts", more: prometheus,
		ask: `map (file: lib.hasSuffix "nqd-alerts.json" "${file}") config.services.prometheus.ruleFiles`, want: `[true]`,
	},
	{
		name: "108 no password in the store", more: grafana, files: grafanaSecrets,
		ask: `let s = ` + theGrafana + `security; in [ s.admin_password s.secret_key config.systemd.services.grafana.serviceConfig.LoadCredential config.warnings ]`,
		want: `["$__file{/run/credentials/grafana.service/admin-password}","$__file{/run/credentials/grafana.service/secret-key}",` +
			`["admin-password:/run/nqd/secrets/grafana-admin-password","secret-key:/run/nqd/secrets/grafana-secret-key"],[]]`,
	},
	{
		name: "108 off until there are secrets", more: grafana, ask: refusals,
		want: `["nqd.features.grafana.enable is true, but grafana needs the secret grafana-admin-password (the first password of the account admin), and\n` +
			`secrets/orion/grafana-admin-password.age does not exist. Switch grafana off until it does.\n",` +
			`"nqd.features.grafana.enable is true, but grafana needs the secret grafana-secret-key (what Grafana encrypts the passwords of its data sources with; a new one makes the stored ones unreadable), and\n` +
			`secrets/orion/grafana-secret-key.age does not exist. Switch grafana off until it does.\n"]`,
	},
	{
		name: "108 the data source", more: grafana + prometheus + "port = 9091\n", files: grafanaSecrets,
		ask:  `map (s: [ s.name s.type s.url ]) config.services.grafana.provision.datasources.settings.datasources`,
		want: `[["Prometheus","prometheus","http://127.0.0.1:9091"]]`,
	},
	{
		name: "108 nobody is told", more: grafana, files: grafanaSecrets,
		ask: `[ ` + theGrafana + `analytics.reporting_enabled ` + theGrafana + `server.http_addr ` + theGrafana + `server.http_port ]`, want: `[false,"127.0.0.1",3001]`,
	},
	{
		name: "213 no two on one port", more: openWebUI + redis + postgresql + prometheus + grafana + nginx + qdrant + podman + exporter,
		files: grafanaSecrets, ask: `builtins.seq drvPath (lib.length (lib.unique (map (p: p.number) config.nqd.ports)) == lib.length config.nqd.ports)`, want: `true`,
	},
	{
		name: "72 121 123 213 8000 and 8080 are everybody's", more: openWebUI,
		ask: `[ config.services.open-webui.port (lib.intersectLists [ 8000 8080 ] (map (p: p.number) config.nqd.ports)) ]`, want: `[8081,[]]`,
	},
	{name: "214 nothing is pruned", more: podman, ask: podmanOf + `autoPrune.enable`, want: `false`},
}

func TestFindingsServices(t *testing.T) { askAll(t, findingsServices) }

// Each option of the services ends up where NixOS has it. local.nix wins over what a feature
// chose, and host.toml over local.nix.
var services = []hostCase{
	{name: "ollama: nixpkgs chooses", ask: `lib.any (w: w.path == [ "services" "ollama" "package" ]) config.nqd.wants`, want: `false`},
	{
		name: "ollama: rocm", more: "[features.ollama]\nacceleration = \"rocm\"\n",
		ask: `config.services.ollama.package == pkgs.ollama-rocm`, want: `true`,
	},
	{
		name: "ollama: cpu", more: "[features.ollama]\nacceleration = \"cpu\"\n", local: `{ pkgs, ... }: { services.ollama.package = pkgs.ollama-vulkan; }`,
		ask: `config.services.ollama.package == pkgs.ollama-cpu`, want: `true`,
	},
	{
		name: "ollama: cuda, not allowed", more: "[features.ollama]\nacceleration = \"cuda\"\n", ask: `drvPath`,
		wantErr: []string{
			`nqd.features.ollama.acceleration is "cuda", but the package`, `ollama-cuda cannot be had: it does not evaluate`,
			`allow_unfree = ["cuda_cccl", "cuda_cudart", "cuda_nvcc", "libcublas"]`,
		},
	},
	{
		name: "ollama: cuda, allowed", more: "[features.ollama]\nacceleration = \"cuda\"\n" + allow(cudaNames),
		ask: `builtins.seq drvPath (config.services.ollama.package == pkgs.ollama-cuda)`, want: `true`,
	},
	{
		name: "ollama: a card this machine cannot have", old: `"x86_64-linux"`, new: `"aarch64-linux"`,
		more: "[features.ollama]\nacceleration = \"rocm\"\n", ask: `drvPath`,
		wantErr: []string{"ollama-rocm cannot be had: it is not made for this kind of machine"},
	},
	{
		name: "ollama: a running download is left alone", more: "[features.ollama]\nmodels = [\"a\"]\n",
		ask: `config.systemd.services.ollama-model-loader.restartIfChanged`, want: `false`,
	},

	{
		name: "open-webui: ollama's port", more: openWebUI + "[features.ollama]\nport = 1234\n",
		ask: webuiEnv + `OLLAMA_BASE_URL`, want: `"http://127.0.0.1:1234"`,
	},
	{
		name: "open-webui: ollama's port by hand", more: openWebUI, local: `{ services.ollama.port = 4321; }`,
		ask: webuiEnv + `OLLAMA_BASE_URL`, want: `"http://127.0.0.1:4321"`,
	},
	{
		name: "open-webui: nothing is told", more: openWebUI, local: `{ services.open-webui.environment.TZ = "UTC"; }`,
		ask:  `map (name: ` + webuiEnv + `${name}) [ "ANONYMIZED_TELEMETRY" "DO_NOT_TRACK" "SCARF_NO_ANALYTICS" "TZ" ]`,
		want: `["False","True","True","UTC"]`,
	},
	{
		name: "open-webui: nothing is downloaded before the commit", more: openWebUI,
		ask:  `[ ` + webuiEnv + `RAG_EMBEDDING_ENGINE config.services.ollama.loadModels ` + loader + ` ]`,
		want: `["ollama",["nomic-embed-text"],["nqd-late.target"]]`,
	},
	{
		name: "open-webui: on this machine", more: openWebUI,
		ask: `[ config.services.open-webui.host ` + webuiEnv + `ENABLE_SIGNUP ` + webuiEnv + `DEFAULT_USER_ROLE ]`, want: `["127.0.0.1","True","pending"]`,
	},
	{
		name: "open-webui: exposed", more: "[features.open-webui]\nenable = true\nexpose = [\"eth0\"]\n",
		ask: `[ config.services.open-webui.host ` + webuiEnv + `ENABLE_SIGNUP ]`, want: `["0.0.0.0","False"]`,
	},
	{
		name: "open-webui: file over feature", more: openWebUI, local: `{ services.open-webui = { host = "::1"; environment.ENABLE_SIGNUP = "False"; }; }`,
		ask: `[ config.services.open-webui.host ` + webuiEnv + `ENABLE_SIGNUP ]`, want: `["::1","False"]`,
	},
	{
		name: "open-webui: host over file", more: "[features.open-webui]\nenable = true\nport = 5000\n", local: `{ services.open-webui.port = 5001; }`,
		ask: `config.services.open-webui.port`, want: `5000`,
	},
	{
		name: "nginx: two answer for unknown names", more: nginx, local: `{ services.nginx.virtualHosts.blog.default = true; }`, ask: refusals,
		want: `["nqd.features.nginx answers for unknown names, and so does blog:\nnginx takes one such host. Take ` + "`default = true`" + ` out of that host.\n"]`,
	},
	{
		name: "nginx: hosts of a file stay where they were", more: nginx, local: `{ services.nginx.virtualHosts.blog = { }; }`,
		ask: `config.services.nginx.defaultListenAddresses`, want: `["0.0.0.0","[::0]"]`,
	},
	{
		name: "podman: beside Docker", more: "[features.podman]\nenable = true\n", local: `{ virtualisation.docker.enable = true; }`,
		ask: `[ config.virtualisation.podman.dockerCompat (builtins.seq drvPath true) ]`, want: `[false,true]`,
	},
	{
		name: "podman: one socket", more: "[features.podman]\nenable = true\ndocker_socket = true\n", local: `{ virtualisation.docker.enable = true; }`,
		ask: `lib.length (` + refusals + `)`, want: `1`,
	},
	{
		name: "open-webui: not allowed", more: "[features.open-webui]\nenable = true\n", ask: `drvPath`,
		wantErr: []string{"the package open-webui of open-webui cannot be had", "packages.allow_unfree"},
	},
	{
		name: "open-webui: without ollama", old: `"inference-server"`, new: `"minimal"`, more: openWebUI, ask: `drvPath`,
		wantErr: []string{"open-webui needs ollama, which is off"},
	},

	{
		name: "qdrant: ports", more: qdrant + "port = 1000\ngrpc_port = 1001\n", ask: `with config.services.qdrant.settings.service; [ http_port grpc_port host ]`,
		want: `[1000,1001,"127.0.0.1"]`,
	},
	{name: "qdrant: exposed", more: qdrant + "expose = [\"*\"]\n", ask: `config.services.qdrant.settings.service.host`, want: `"0.0.0.0"`},
	{
		name: "qdrant: to itself", more: qdrant,
		ask: `with config.services.qdrant.settings; [ telemetry_disabled service.enable_cors ]`, want: `[true,false]`,
	},
	{
		name: "qdrant: file over feature", more: qdrant, local: `{ services.qdrant.settings.service.http_port = 7000; }`,
		ask: `config.services.qdrant.settings.service.http_port`, want: `7000`,
	},
	{
		name: "qdrant: host over file", more: qdrant + "port = 6000\n", local: `{ services.qdrant.settings.service.http_port = 7000; }`,
		ask: `config.services.qdrant.settings.service.http_port`, want: `6000`,
	},

	{name: "postgresql: port", more: postgresql + "port = 5433\n", ask: `config.services.postgresql.settings.port`, want: `5433`},
	{name: "postgresql: exposed", more: postgresql + "expose = [\"eth0\"]\n", ask: `config.services.postgresql.settings.listen_addresses`, want: `"*"`},
	{name: "postgresql: version", more: postgresql + "version = \"16\"\n", ask: `config.services.postgresql.package == pkgs.postgresql_16`, want: `true`},
	{
		name: "postgresql: version of the release", more: postgresql, ask: `lib.any (w: lib.last w.path == "package") config.nqd.wants`, want: `false`,
	},
	{
		name: "postgresql: a version that is not there", more: postgresql + "version = \"15\"\n", ask: `drvPath`,
		local:   `{ nixpkgs.overlays = [ (_: _: { postgresql_15 = throw "gone"; }) ]; }`,
		wantErr: []string{`nqd.features.postgresql.version is "15", but the package`, "postgresql_15 cannot be had: it was removed"},
	},
	{
		name: "postgresql: file over feature", more: postgresql, files: memory("16000"), local: `{ services.postgresql.settings.work_mem = "99MB"; }`,
		ask: `config.services.postgresql.settings.work_mem`, want: `"99MB"`,
	},
	{
		name: "postgresql: host over file", more: postgresql + "port = 1\n", local: `{ services.postgresql.settings.port = 2; }`,
		ask: `config.services.postgresql.settings.port`, want: `1`,
	},

	{
		name: "redis: options", more: redis + "port = 7000\nmax_memory_mb = 64\neviction = \"allkeys-lru\"\n",
		ask: `let s = ` + theRedis + `settings; in [ s.port s.maxmemory s.maxmemory-policy ]`, want: `[7000,"64mb","allkeys-lru"]`,
	},
	{
		name: "redis: exposed without a password", more: redis + "expose = [\"eth0\"]\n", ask: `drvPath`,
		wantErr: []string{"nqd.features.redis.expose lets others reach Redis, but it has no password", "requirePassFile"},
	},
	{
		name: "redis: exposed with one", more: redis + "expose = [\"eth0\"]\n", local: `{ services.redis.servers."".requirePassFile = "/root/redis"; }`,
		ask: `builtins.seq drvPath ` + theRedis + `bind`, want: `"0.0.0.0"`,
	},
	{
		name: "redis: file over feature", more: redis, local: `{ services.redis.servers."".settings.maxmemory = "1gb"; }`,
		ask: theRedis + `settings.maxmemory`, want: `"1gb"`,
	},
	{
		name: "redis: host over file", more: redis + "max_memory_mb = 64\n", local: `{ services.redis.servers."".settings.maxmemory = "1gb"; }`,
		ask: theRedis + `settings.maxmemory`, want: `"64mb"`,
	},

	{
		name: "nginx: port and domain", more: nginx + "port = 8000\ndomain = \"orion.lan\"\n",
		ask: `[ config.services.nginx.defaultHTTPListenPort (lib.attrNames config.services.nginx.virtualHosts) ]`, want: `[8000,["_","ollama.orion.lan"]]`,
	},
	{
		name: "nginx: exposed, but not what is behind", more: nginx + "expose = [\"eth0\"]\n" + qdrant + "expose = [\"eth0\", \"eth1\"]\n",
		ask:  `map (name: ` + vhost + `${name}.listenAddresses) [ "ollama.localhost" "qdrant.localhost" ]`,
		want: `[["127.0.0.1","[::1]"],["127.0.0.1","[::1]","0.0.0.0","[::0]"]]`,
	},
	{
		name: "nginx: exposed to more than what is behind", more: nginx + "expose = [\"*\"]\n" + qdrant + "expose = [\"eth0\"]\n",
		ask: vhost + `"qdrant.localhost".listenAddresses`, want: `["127.0.0.1","[::1]"]`,
	},
	{
		name: "nginx: exposed on one interface more", more: nginx + "expose = [\"eth0\", \"eth1\"]\n" + qdrant + "expose = [\"eth0\"]\n",
		ask: vhost + `"qdrant.localhost".listenAddresses`, want: `["127.0.0.1","[::1]"]`,
	},
	{
		name: "nginx: no IPv6", more: nginx, local: `{ networking.enableIPv6 = false; }`,
		ask: vhost + `_.listenAddresses`, want: `["127.0.0.1"]`,
	},
	{
		name: "nginx: websockets", more: nginx, ask: `[ ` + vhost + `"ollama.localhost".locations."/".proxyWebsockets config.services.nginx.recommendedProxySettings ]`,
		want: `[true,true]`,
	},
	{
		name: "nginx: file over feature", more: nginx, local: `{ services.nginx = { proxyTimeout = "5s"; virtualHosts."ollama.localhost".locations."/".proxyPass = "http://[::1]:1"; }; }`,
		ask:  `[ config.services.nginx.proxyTimeout ` + vhost + `"ollama.localhost".locations."/".proxyPass ]`,
		want: `["5s","http://[::1]:1"]`,
	},
	{
		name: "nginx: host over file", more: nginx + "port = 8000\n", local: `{ services.nginx.defaultHTTPListenPort = 8001; }`,
		ask: `config.services.nginx.defaultHTTPListenPort`, want: `8000`,
	},

	{
		name: "prometheus: options", more: prometheus + "port = 9999\nretention_days = 90\nexpose = [\"eth0\"]\n",
		ask: `with config.services.prometheus; [ port retentionTime listenAddress globalConfig.scrape_interval ]`, want: `[9999,"90d","0.0.0.0","15s"]`,
	},
	{
		name: "prometheus: file over feature", more: prometheus, local: `{ services.prometheus = { retentionTime = "1y"; globalConfig.scrape_interval = "5s"; }; }`,
		ask: `with config.services.prometheus; [ retentionTime globalConfig.scrape_interval ]`, want: `["1y","5s"]`,
	},
	{
		name: "prometheus: host over file", more: prometheus + "retention_days = 90\n", local: `{ services.prometheus.retentionTime = "1y"; }`,
		ask: `config.services.prometheus.retentionTime`, want: `"90d"`,
	},
	{
		name: "node-exporter: options", more: exporter + "port = 9101\ncollectors = [\"wifi\"]\nexpose = [\"eth0\"]\n",
		ask: `with config.services.prometheus.exporters.node; [ port enabledCollectors listenAddress ]`, want: `[9101,["wifi"],"0.0.0.0"]`,
	},
	{
		name: "node-exporter: file over feature", more: exporter, local: `{ services.prometheus.exporters.node.port = 1; }`,
		ask: `config.services.prometheus.exporters.node.port`, want: `1`,
	},
	{
		name: "node-exporter: host over file", more: exporter + "port = 2\n", local: `{ services.prometheus.exporters.node.port = 1; }`,
		ask: `config.services.prometheus.exporters.node.port`, want: `2`,
	},
	{
		name: "grafana: options", more: grafana + "port = 3333\nexpose = [\"eth0\"]\n", files: grafanaSecrets,
		ask: `with ` + theGrafana + `server; [ http_port http_addr ]`, want: `[3333,"0.0.0.0"]`,
	},
	{
		name: "grafana: file over feature", more: grafana, files: grafanaSecrets, local: `{ services.grafana.settings.server.http_port = 1; }`,
		ask: theGrafana + `server.http_port`, want: `1`,
	},
	{
		name: "grafana: host over file", more: grafana + "port = 2\n", files: grafanaSecrets, local: `{ services.grafana.settings.server.http_port = 1; }`,
		ask: theGrafana + `server.http_port`, want: `2`,
	},
	{
		name: "grafana: without prometheus", more: grafana, files: grafanaSecrets, ask: `config.services.grafana.provision.enable`, want: `false`,
	},

	{
		name: "podman: as it comes", more: podman,
		ask:  `[ ` + podmanOf + `enable ` + podmanOf + `dockerCompat ` + podmanOf + `dockerSocket.enable ` + podmanOf + `defaultNetwork.settings.dns_enabled ]`,
		want: `[true,true,false,true]`,
	},
	{
		name: "podman: ranges for containers without root", more: podman, ask: `config.users.users."ada-l".autoSubUidGidRange`, want: `true`,
	},
	{
		name: "podman: nobody is root by it", more: podman, ask: `lib.elem "podman" config.users.users."ada-l".extraGroups`, want: `false`,
	},
	{
		name: "podman: docker's socket", more: podman + "docker_socket = true\n[users.bob]\nfull_name = \"Bob\"\n",
		ask:  `[ ` + podmanOf + `dockerSocket.enable (map (name: lib.elem "podman" config.users.users.${name}.extraGroups) [ "ada-l" "bob" ]) ]`,
		want: `[true,[true,false]]`,
	},
	{
		name: "podman: file over feature", more: podman, local: `{ virtualisation.podman.dockerCompat = false; }`, ask: podmanOf + `dockerCompat`, want: `false`,
	},
	{
		name: "podman: host over file", more: podman + "docker_socket = false\n", local: `{ virtualisation.podman.dockerSocket.enable = true; }`,
		ask: podmanOf + `dockerSocket.enable`, want: `false`,
	},
}

func TestServices(t *testing.T) { askAll(t, services) }
