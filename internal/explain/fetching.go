package explain

import "slices"

// fetching are failures of downloads: of inputs, of sources, and from caches. The words are those of Nix 2.26 and 2.34,
// which add curl's, and of git. What a builder downloads is in its log.
func fetching() []kind { return slices.Concat(contents(), answers(), connections()) }

// contents is what came and is not what it should be.
func contents() []kind {
	return []kind{
		{
			id: "hash-mismatch", title: "A download of a package has other contents than expected", stage: Fetching,
			said: []string{`hash mismatch in fixed-output derivation`},
			cause: "A source was downloaded and its hash is not the one that the package names: whoever offers it replaced the file, " +
				"something in between changed it, or the hash in your own file is an old one.",
			cure: "In a file of yours, put the hash behind \"got:\" there, once you know that the change is right. In nixpkgs it is " +
				"mostly repaired soon: run `nix flake update nixpkgs` in the workspace later.",
		},
		{
			id: "fetch-tarball-hash", title: "An input has other contents than its lock says", stage: Fetching,
			said: []string{`hash mismatch in file downloaded from`, `NAR hash mismatch in input`},
			cause: "An input of the flake, or a file that an expression fetches, is not what flake.lock or the sha256 beside it " +
				"names. Archives that are made anew for each download may change so.",
			cure: "If you trust the source, `nix flake update INPUT` in the workspace locks what is there now; for fetchTarball and " +
				"fetchurl put the hash behind \"got:\" into the file. If you do not, find out first what changed.",
		},
		{
			id: "download-corrupt", title: "A download from a cache is damaged", stage: Fetching,
			said: []string{
				`hash mismatch importing path`, `input compression not recognized`, `NAR info file '[^']*' is corrupt`,
				`error: bad archive:`, `xz: .*(corrupt|truncated)`,
			},
			cause: "What a cache sent is not what it had announced: the download broke off, a proxy or a login page of the network " +
				"answered instead, or the cache itself is damaged.",
			cure: "Apply again, with another network if there is one. If it stays so, take that cache out of " +
				"nix.settings.substituters in hosts/<name>/local.nix.",
		},
		{
			id: "cache-signature", title: "A cache's packages are not signed by a key that is trusted here", stage: Fetching,
			said: []string{`lacks a signature by a trusted key`},
			all:  []string{`(?s:not signed by any of the keys in 'trusted-public-keys'.*there is no substituter that can build it)`},
			cause: "nix takes from a cache only what is signed by one of the keys in trusted-public-keys, and this cache's key is not " +
				"there, or its packages have no signature.",
			cure: "Add the key that the owner of the cache publishes to nix.settings.trusted-public-keys in hosts/<name>/local.nix, " +
				"or take the cache out of nix.settings.substituters.",
		},
	}
}

// answers are those of servers that were reached.
func answers() []kind {
	return []kind{
		{
			id: "github-rate-limit", title: "GitHub refuses more requests for now", stage: Fetching,
			logged: []string{
				`API rate limit exceeded`,
				`unable to download 'https://(api\.github\.com|[^/']*/api/v3)/[^']*': HTTP error (403|429)`,
			},
			cause: "GitHub answers a limited number of requests an hour to each address without a login, and this address has used " +
				"them up. Others in the same network count too.",
			cure: "Wait an hour. To have a higher limit, make a token at GitHub that may do nothing and put `access-tokens = " +
				"github.com=TOKEN` into ~/.config/nix/nix.conf.",
		},
		{
			id: "tls-certificate", title: "A server's certificate is not accepted", stage: Fetching,
			logged: []string{
				`SSL peer certificate or SSH remote key was not OK`, `Problem with the SSL CA cert`,
				`(server certificate|certificate) verif(y|ication) failed`, `SSL certificate problem`,
			},
			all: []string{`(?s:SSL peer certificate.*there is no substituter that can build it)`},
			cause: "The certificate of an https server does not fit: this machine's clock is wrong, its list of authorities is " +
				"missing, or a proxy or login page of the network answers in the server's place.",
			cure: "`date` shows the clock: correct it if it is wrong. Open a page in a browser to see whether the network wants a " +
				"login. The proxy of a company needs its certificate in security.pki.certificateFiles.",
		},
		{
			id: "cache-unreachable", title: "A cache cannot be reached", stage: Fetching,
			said: []string{`some substitutes for the outputs of derivation '[^']*' failed`},
			all: []string{
				`(?s:unable to download '[^']*/nix-cache-info'.*(there is no substituter that can build it|local builds are disabled|Unable to start any build))`,
			},
			cause: "Something that a cache has, or may have, could not be downloaded from it, and it could not be built here instead. " +
				"The cache or the network does not work at this moment.",
			cure: "`curl -I https://cache.nixos.org/nix-cache-info` shows whether the network works. Apply again later; one cache that " +
				"stays away can be taken out of nix.settings.substituters in hosts/<name>/local.nix.",
		},
	}
}

// connections are those that did not come about.
func connections() []kind {
	return []kind{
		{
			id: "dns", title: "The name of a server was not found", stage: Fetching,
			logged: []string{`Could ?n[o']t resolve host`, `Temporary failure in name resolution`, `Name or service not known`},
			cause: "The machine could not find the address of a server: there is no network, the network's name server does not " +
				"answer, or the name in an input's URL is misspelt.",
			cure: "`ping -c1 1.1.1.1` tests the network, `resolvectl query cache.nixos.org` the names. With all inputs downloaded " +
				"already, `nqd plan --offline` works without.",
		},
		{
			id: "network-unreachable", title: "A server cannot be reached", stage: Fetching,
			logged: []string{
				`Could ?n[o']t connect to server`, `Failed to connect to \S+`, `Network is unreachable`, `No route to host`,
				`unable to download '[^']*': (Timeout was reached|Connection refused|Failure when receiving data)`,
				`ssh: connect to host`,
			},
			cause: "The server did not accept a connection or did not answer in time: there is no network, a firewall or proxy is in " +
				"between, or the server is down.",
			cure: "`curl -I URL` with the URL of the message shows whether it is reached now. Apply again when it is; with all inputs " +
				"downloaded already, `nqd plan --offline` works without.",
		},
		{
			id: "download-failed", title: "A server does not have a file, or refuses it", stage: Fetching,
			logged: []string{`unable to download '[^']*': HTTP error [0-9]+`, `curl: \(22\) The requested URL returned error`},
			cause: "The server was reached and answered with an error: 404 is a file that is not there (any more), 401 and 403 one " +
				"that needs a login, 5xx a fault of the server.",
			cure: "Look at the URL of the message in a browser. If it is your own input, correct it in flake.nix; if it is nixpkgs', run " +
				"`nix flake update nixpkgs` in the workspace. With 5xx, apply again later.",
		},
		{
			id: "git-fetch", title: "Git could not fetch a repository", stage: Fetching,
			said: []string{at + `Failed to fetch git repository`, `fatal: (unable to access|repository|Could not read from remote repository)`},
			last: true,
			cause: "The server was not reached, does not have the repository, or does not show it to this user. A line of git's own above " +
				"the message (\"fatal: …\") says which.",
			cure: "`git ls-remote URL` with the URL of the message shows whether it works now. If the URL is wrong, correct it in " +
				"flake.nix; if the repository is private, this user needs a key or a token for it.",
		},
		{
			id: "no-substitute", title: "A store path is missing and nothing can bring it back", stage: Fetching,
			said: []string{`is required, but there is no substituter that can build it`},
			last: true,
			cause: "A path is needed that is not in the store, that no cache has, and that nix does not know how to build. It was " +
				"removed, it was only ever on another machine, or nix was not allowed to ask the caches (--offline).",
			cure: "Apply again without --offline, as nix may download it then. A system that was removed cannot be gone back to: " +
				"`nqd history` lists the others.",
		},
	}
}
