package adopt

import (
	"maps"
	"testing"
)

// hasSecret reports whether the scan says that a secret is in the file FILE, which configuration.nix names, or is.
func hasSecret(t *testing.T, file, text string) bool {
	t.Helper()
	files := map[string]string{"configuration.nix": "{ x = ./" + file + "; }"}
	maps.Copy(files, map[string]string{file: text})
	for _, f := range seen(t, written(t, files)).Findings {
		if f.ID == "adopt-secret" {
			return true
		}
	}
	return false
}

// All keys and passwords are made up for the test.
func TestSecretsInAllForms(t *testing.T) {
	t.Parallel()
	for _, one := range []struct{ file, text string }{
		{"configuration.nix", `{ users.users.a.hashedPassword = "$6$" + "abc"; }`},
		{"configuration.nix", `{ services.x.settings.token = "gh" + "p_ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"; }`},
		{"configuration.nix", `let pw = "$6$salt$abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789abcdefghijklmnopqrstuvwx"; in { users.users.a.hashedPassword = pw; }`},
		{"configuration.nix", `let pw = "hunter2"; in { users.users.a.password = pw; }`},
		{"configuration.nix", `let password = "hunter2"; in { users.users.a = { inherit password; }; }`},
		{"configuration.nix", `{ x = "$y$j9T$abcdefghijklmnop$bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"; }`},
		{"configuration.nix", `{ users.users.a.password = if true then "hunter2" else "x"; }`},
		{"configuration.nix", "{ users.users.a.password = ''\n  hunter2\n''; }"},
		{"configuration.nix", "{ \n/*\n users.users.a.password = \"hunter2\";\n*/ }"},
		{"configuration.nix", "{ \n # password = \"hunter2\";\n }"},
		{"configuration.nix", `{ networking.wireless.networks.a.psk = "abcdefgh12"; }`},
		{"configuration.nix", "{ networking.wireless.extraConfig = ''\n network={\n ssid=\"a\"\n psk=\"abcdefgh12\"\n }\n''; }"},
		{"configuration.nix", "{ networking.wireless.networks.a.auth = ''\n identity=\"a\"\n password=\"hunter22\"\n''; }"},
		{"configuration.nix", `{ services.x.environment.DB_PASSWORD = "hunter2hunter2"; }`},
		{"configuration.nix", `{ services.x.url = "postgres://u:hunter2@h/db"; }`},
		{"a.json", `{"db":{"password":"hunter2"}}`},
		{"a.json", `{"api_key":"q8w7e6r5t4y3u2i1o0p9a8s7d6f5g4h3"}`},
		{"a.json", "{\n  \"password\": \"hunter2\",\n  \"hashedPassword\": \"$6$a$b\"\n}"},
		{"a.yaml", "db:\n  password: hunter2\n"},
		{"a.toml", "password = \"hunter2\"\n"},
		{"a.conf", "Password=hunter2\n"},
		{"netrc", "machine github.com\n  login a\n  password hunter2hunter2\n"},
		{"netrc", "machine github.com login a password hunter2hunter2\n"},
		{"wpa_supplicant.conf", "network={\n ssid=\"a\"\n psk=\"abcdefgh12\"\n}\n"},
		{"wpa_supplicant.conf", "network={\n ssid=\"a\"\n psk=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n}\n"},
		{"wpa_supplicant.conf", "network={\n ssid=\"a\"\n psk=\"my wifi key\"\n}\n"},
		{"wpa_supplicant.conf", "network={\n password=\"hunter22\"\n private_key_passwd=\"hunter33\"\n}\n"},
		{"wpa_supplicant.conf", "network={\n password=hash:0123456789abcdef0123456789abcdef\n}\n"},
		{"key.txt", "# created: x\n# public key: age1abc\nAGE-SECRET-KEY-1QQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQ\n"},
		{"key.txt", "AGE-PLUGIN-YUBIKEY-1QQQQQQQQQQQQQQQQQQQQQQ\n"},
		{"id", "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n-----END OPENSSH PRIVATE KEY-----\n"},
		{"shadow", "root:$6$salt$abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789abcdefghijklmnopqrstuvwx:19000::::::\n"},
		{"htpasswd", "ada:$2y$05$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234\n"},
		{"htpasswd", "ada:$apr1$abcdefgh$ABCDEFGHIJKLMNOPQRSTU1\n"},
		{"wg0.conf", "[Interface]\nPrivateKey = yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=\n"},
		{"wg0.conf", "[Peer]\nPresharedKey = yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=\n"},
		{"smb", "username=a\npassword=hunter2\n"},
		{"configuration.nix", `{ services.x.settings."api-key" = "q8w7e6r5t4y3u2i1o0p9a8s7d6f5g4h3"; }`},
		{"configuration.nix", `{ fileSystems."/m".options = [ "username=ada" "password=hunter2" ]; }`},
		{"configuration.nix", `{ fileSystems."/m".options = [ "username=ada,password=hunter2" ]; }`},
		{"configuration.nix", "{ x = \"-----BEGIN OPENSSH \" + \"PRIVATE KEY-----\"; }"},
		{"configuration.nix", `{ networking.networkmanager.ensureProfiles.profiles.a.wifi-security.psk = "hunter22"; }`},
		{"configuration.nix", `{ boot.loader.grub.users.root.hashedPassword = "grub.pbkdf2.sha512.10000.AB.CD"; }`},
		{"configuration.nix", `{ services.x.cookieSecret = "q8w7/6r5t4y3u2i1O0p9a8s7d6f5g4h3"; }`},
		{"configuration.nix", `{ x = "-----BEGIN OPENSSH PRI" + ("VATE" + " KEY-----") + ""; services.x.dbPassword = pw; inherit (let pw = "hunter2"; in pw) y; }`},
	} {
		if !hasSecret(t, one.file, one.text) {
			t.Errorf("%s: nothing is found in %s", one.file, one.text)
		}
	}
}

func TestNoSecrets(t *testing.T) {
	t.Parallel()
	for _, one := range []struct{ file, text string }{
		{"configuration.nix", `{ x = pkgs.fetchFromGitHub { owner = "a"; repo = "b"; rev = "0123456789abcdef0123456789abcdef01234567"; hash = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="; }; }`},
		{"configuration.nix", `{ x = pkgs.fetchurl { url = "https://e.org/x"; sha256 = "0ssi1wpaf7plaswqqjwigppsg5fyh99vdlb9kzl7c9lng89ndq1i"; }; vendorHash = "sha256-q8w7e6r5t4y3u2i1o0p9a8s7d6f5g4h3q8w7e6r5t4y="; }`},
		{"configuration.nix", `{ x = builtins.fetchTree { type="github"; narHash = "sha256-q8w7e6r5t4y3u2i1o0p9a8s7d6f5g4h3q8w7e6r5t4y="; rev = "0123456789abcdef0123456789abcdef01234567"; }; }`},
		{"configuration.nix", `{ users.users.a.openssh.authorizedKeys.keys = [ "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0123456789abcdefghijklmnopqrstuvwxyzABCDE ada@x" "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBB ada" "sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAI ada" ]; }`},
		{"configuration.nix", `{ fileSystems."/".device = "/dev/disk/by-uuid/11111111-2222-4333-8444-555555555555"; boot.initrd.luks.devices."luks-99999999-2222-4333-8444-555555555555".device = "/dev/disk/by-uuid/99999999-2222-4333-8444-555555555555"; }`},
		{"configuration.nix", "{\n  # networking.proxy.default = \"http://user:password@proxy:port/\";\n }"},
		{"configuration.nix", `{ services.openssh.settings.PasswordAuthentication = false; services.openssh.settings.PermitRootLogin = "prohibit-password"; security.sudo.wheelNeedsPassword = false; users.users.a.hashedPasswordFile = "/persist/passwords/ada"; }`},
		{"configuration.nix", `{ sops.secrets."db/password" = { owner = "x"; }; services.x.passwordFile = config.sops.secrets."db/password".path; sops.age.keyFile = "/var/lib/sops/key.txt"; age.secrets.token.file = ./a.age; }`},
		{"a.yaml", "db_password: ENC[AES256_GCM,data:abcd,iv:qwertyuiopasdfghjklzxcvbnmqwertyuiopasdfghj=,tag:abcd==,type:str]\nsops:\n    age:\n        - recipient: age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq\n          enc: |\n            -----BEGIN AGE ENCRYPTED FILE-----\n            YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+\n            -----END AGE ENCRYPTED FILE-----\n"},
		{"configuration.nix", `{ nix.settings.trusted-public-keys = [ "cache.nixos.org-1:6NCHdD59X431o0gWypbMrAURkbJ16ZPMQFGspcDShjY=" ]; }`},
		{"configuration.nix", `{ programs.git.config.user.signingKey = "~/.ssh/id.pub"; programs.git.config.credential.helper = "store"; i18n.defaultLocale = "en_US.UTF-8"; }`},
		{"npins.json", `{"pins":{"a":{"type":"Git","revision":"0123456789abcdef0123456789abcdef01234567","hash":"0ssi1wpaf7plaswqqjwigppsg5fyh99vdlb9kzl7c9lng89ndq1i","narHash":"sha256-q8w7e6r5t4y3u2i1o0p9a8s7d6f5g4h3q8w7e6r5t4y="}}}`},
		{"configuration.nix", "{ x = ''\n  password required pam_unix.so\n  auth sufficient pam_u2f.so\n''; y = ''\n listen 80;\n proxy_set_header Authorization $http_authorization;\n''; }"},
		{"configuration.nix", `{ services.nextcloud.config.adminpassFile = "/etc/pass"; services.x.settings.db.password._secret = "/run/x"; services.y.settings.password = "$__file{/run/x}"; services.z.environment.PASSWORD_FILE = "/run/secrets/x"; }`},
		{"configuration.nix", `{ networking.wireless.secretsFile = "/run/x"; networking.wireless.networks.home.pskRaw = "ext:psk_home"; }`},
		{"configuration.nix", "{ environment.shellAliases.p = \"pass show token\"; programs.bash.interactiveShellInit = ''\n  export GH_TOKEN=$(pass gh)\n  export API_KEY=\"$(cat /run/k)\"\n  export T=\"''${TOKEN}\"\n''; }"},
		{"configuration.nix", `{ networking.wireguard.interfaces.wg0 = { privateKeyFile = "/etc/wg"; peers = [ { publicKey = "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg="; presharedKeyFile = "/x"; endpoint = "a:1"; } ]; }; }`},
		{"configuration.nix", `{ networking.hostId = "8425e349"; environment.etc."machine-id".text = "0123456789abcdef0123456789abcdef"; }`},
		{"configuration.nix", `{ options.x.password = lib.mkOption { type = lib.types.str; description = "The password of x, as hunter2."; default = "x"; }; }`},
		{"configuration.nix", `{ options.x.secret = lib.mkOption { type = lib.types.str; }; config.x.tokenSecret = config.y.z; }`},
		{"configuration.nix", `{ security.tpm2.enable = true; systemd.services.x.serviceConfig.LoadCredential = [ "token:/run/secrets/token" ]; }`},
		{"configuration.nix", `{ x.secret = "services/db1/Password-of-main"; y.password = pw; z.password = cfg.password; }`},
		{"htpasswd", "# ada:$apr1$ is how it begins\n"},
	} {
		if hasSecret(t, one.file, one.text) {
			t.Errorf("%s: something is found in %s", one.file, one.text)
		}
	}
}
