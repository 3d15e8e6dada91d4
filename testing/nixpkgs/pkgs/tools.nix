# Programs of one package each: name, version, size in KiB and the programs, the main one first.
{ lib }:
let
  tool = version: size: programs: {
    inherit version;
    fill = 1024 * size;
    programs = lib.splitString " " programs;
  };

  # A part that others load: no program of its own.
  part = version: size: {
    inherit version;
    fill = 1024 * size;
  };

  font =
    name: version: size:
    part version size
    // {
      pname = name;
      files."share/fonts/truetype/${name}.ttf".text = name;
    };

  named = pname: package: package // { inherit pname; };
  unfree = package: package // { meta.license = lib.licenses.unfree; };
  on = platforms: package: package // { meta = package.meta or { } // { inherit platforms; }; };
  x86 = on [ "x86_64-linux" ];
  pc = on [
    "aarch64-linux"
    "x86_64-linux"
  ];
in
{
  # Files, text and the like at a prompt.
  asciinema = tool "3.0.0" 60 "asciinema";
  bat = tool "0.26.1" 55 "bat";
  bc = tool "1.08.2" 10 "bc dc";
  broot = tool "1.54.0" 50 "broot";
  btop = tool "1.4.6" 40 "btop";
  cht-sh = tool "0-unstable-2022-04-18" 5 "cht.sh";
  choose = tool "1.3.7" 12 "choose";
  curl = tool "8.17.0" 45 "curl";
  delta = tool "0.18.2" 60 "delta";
  doggo = tool "1.1.2" 30 "doggo";
  dos2unix = tool "7.5.2" 6 "dos2unix unix2dos";
  duf = tool "0.9.1" 15 "duf";
  dust = tool "1.2.3" 18 "dust";
  eza = tool "0.23.4" 22 "eza";
  fastfetch = tool "2.56.0" 25 "fastfetch";
  fd = tool "10.3.0" 21 "fd";
  file = tool "5.45" 30 "file";
  findutils = tool "4.10.0" 20 "find xargs";
  fzf = tool "0.67.0" 35 "fzf";
  gawk = tool "5.3.2" 25 "gawk awk";
  glances = tool "4.4.0" 30 "glances";
  gnugrep = tool "3.12" 15 "grep egrep fgrep";
  gnused = tool "4.9" 12 "sed";
  gnutar = tool "1.35" 16 "tar";
  grc = tool "1.13" 8 "grc";
  gzip = tool "1.14" 8 "gzip gunzip";
  hexedit = tool "1.6" 7 "hexedit";
  hyperfine = tool "1.20.0" 19 "hyperfine";
  inotify-tools = tool "4.25.9.0" 9 "inotifywait inotifywatch";
  jq = tool "1.8.1" 20 "jq";
  less = tool "685" 12 "less";
  lsof = tool "4.99.5" 9 "lsof";
  man-db = tool "2.13.1" 30 "man";
  mcfly = tool "0.9.4" 22 "mcfly";
  mosh = tool "1.4.0" 17 "mosh mosh-client mosh-server";
  navi = tool "2.24.0" 23 "navi";
  ncdu = tool "2.9.1" 13 "ncdu";
  p7zip = tool "17.06" 28 "7z";
  pandoc = tool "3.7.0.2" 200 "pandoc";
  pay-respects = tool "0.7.11" 18 "pay-respects";
  procps = tool "4.0.5" 14 "ps top free";
  procs = tool "0.14.10" 16 "procs";
  qrencode = tool "4.1.1" 5 "qrencode";
  ranger = tool "1.9.3" 26 "ranger";
  rclone = tool "1.72.0" 120 "rclone";
  ripgrep-all = tool "0.10.9" 24 "rga";
  rsync = tool "3.4.1" 20 "rsync";
  screen = tool "5.0.1" 18 "screen";
  sd = tool "1.0.0" 11 "sd";
  shellcheck = tool "0.11.0" 90 "shellcheck";
  starship = tool "1.24.1" 38 "starship";
  tealdeer = tool "1.8.0" 17 "tldr";
  tldr = tool "1.6.1" 8 "tldr";
  tmux = tool "3.6" 34 "tmux";
  tree = tool "2.2.1" 6 "tree";
  unzip = tool "6.0" 9 "unzip";
  util-linux = tool "2.41.2" 70 "mount lsblk fstrim";
  wget = tool "1.25.0" 25 "wget";
  which = tool "2.23" 3 "which";
  yazi = tool "25.5.31" 48 "yazi";
  yq = tool "3.4.3" 12 "yq";
  yq-go = tool "4.49.2" 27 "yq";
  zip = tool "3.0" 8 "zip";
  zoxide = tool "0.9.8" 13 "zoxide";

  # Networks and hardware.
  dig = tool "9.20.15" 33 "dig";
  efibootmgr = tool "18" 7 "efibootmgr";
  ethtool = tool "6.15" 8 "ethtool";
  iproute2 = tool "6.17.0" 22 "ip ss";
  lm_sensors = tool "3.6.2" 9 "sensors";
  mesa-demos = tool "9.0.0" 31 "glxinfo glxgears eglinfo";
  mtr = tool "0.96" 10 "mtr";
  net-tools = tool "2.10" 9 "ifconfig netstat";
  netcat-gnu = tool "0.7.1" 4 "netcat";
  nmap = tool "7.98" 80 "nmap";
  pciutils = tool "3.14.0" 11 "lspci";
  smartmontools = tool "7.5" 16 "smartctl";
  socat = tool "1.8.0.3" 14 "socat";
  usbutils = tool "019" 8 "lsusb";
  vulkan-tools = tool "1.4.328" 20 "vulkaninfo";

  # Editors, version control and building.
  alejandra = tool "4.0.0" 32 "alejandra";
  aider-chat = tool "0.86.1" 60 "aider";
  cargo = tool "1.91.1" 150 "cargo";
  code-cursor = unfree (tool "2.0.64" 900 "cursor");
  devin-desktop = x86 (unfree (tool "1.13.0" 950 "devin-desktop"));
  codex = tool "0.63.0" 90 "codex";
  deadnix = tool "1.3.1" 14 "deadnix";
  devenv = tool "1.10.1" 56 "devenv";
  gcc = tool "15.2.0" 800 "gcc g++";
  gemini-cli = tool "0.17.1" 40 "gemini";
  direnv = tool "2.37.1" 14 "direnv";
  gh = tool "2.83.1" 65 "gh";
  git-crypt = tool "0.8.0" 7 "git-crypt";
  gnumake = tool "4.4.1" 17 "make";
  go = tool "1.26.0" 700 "go gofmt";
  gopls = tool "0.20.0" 70 "gopls";
  lazygit = tool "0.56.0" 58 "lazygit";
  neovim = tool "0.11.5" 130 "nvim";
  nil = tool "2025-06-13" 25 "nil";
  nix-diff = tool "1.0.21" 15 "nix-diff";
  nix-direnv = part "3.1.0" 6;
  nix-index = tool "0.1.9" 18 "nix-index nix-locate";
  nix-ld = part "2.0.6" 5;
  nix-output-monitor = tool "2.1.8" 27 "nom";
  nix-prefetch-git = tool "0" 3 "nix-prefetch-git";
  nix-tree = tool "0.8.0" 24 "nix-tree";
  nixd = tool "2.7.0" 60 "nixd";
  nixfmt = tool "1.1.0" 30 "nixfmt";
  nixpkgs-review = tool "3.5.1" 19 "nixpkgs-review";
  nh = tool "4.2.0" 26 "nh";
  nodejs_22 = tool "22.21.1" 420 "node npm npx";
  nodejs_24 = tool "24.11.1" 440 "node npm npx";
  nvd = tool "0.2.4" 5 "nvd";
  pnpm = tool "10.23.0" 45 "pnpm";
  python313 = tool "3.13.9" 300 "python3 python";
  python314 = tool "3.14.1" 310 "python3 python";
  ruby = tool "3.4.7" 130 "ruby";
  ruff = tool "0.14.6" 75 "ruff";
  rustc = tool "1.91.1" 900 "rustc";
  rustup = tool "1.28.2" 40 "rustup";
  statix = tool "0.5.8" 16 "statix";
  tea = tool "0.11.1" 33 "tea";
  tig = tool "2.6.0" 14 "tig";
  uv = tool "0.9.11" 85 "uv uvx";
  vscode = unfree (tool "1.110.0" 3100 "code");

  # Secrets and security.
  age = tool "1.2.1" 20 "age age-keygen";
  aide = tool "0.19.2" 14 "aide";
  clamav = tool "1.4.3" 150 "clamscan";
  gnupg = tool "2.4.8" 60 "gpg gpg-agent";
  keepassxc = tool "2.7.10" 140 "keepassxc";
  lynis = tool "3.1.6" 12 "lynis";
  openssl = tool "3.6.0" 70 "openssl";
  pass = tool "1.7.4" 5 "pass";
  pinentry-curses = tool "1.3.2" 6 "pinentry";
  pinentry-gnome3 = tool "1.3.2" 9 "pinentry";
  sops = tool "3.11.0" 48 "sops";
  ssh-to-age = tool "1.2.0" 12 "ssh-to-age";

  # Containers.
  buildah = tool "1.42.1" 95 "buildah";
  conmon = tool "2.1.13" 8 "conmon";
  crun = tool "1.25" 12 "crun";
  docker = tool "29.0.4" 350 "docker dockerd";
  docker-compose = tool "2.40.3" 110 "docker-compose";
  fuse-overlayfs = tool "1.15" 6 "fuse-overlayfs";
  k3s = tool "1.35.0+k3s1" 600 "k3s";
  nvidia-container-toolkit = tool "1.18.0" 25 "nvidia-ctk";
  podman = tool "5.7.0" 180 "podman";
  podman-compose = tool "1.5.0" 10 "podman-compose";
  podman-tui = tool "1.9.0" 52 "podman-tui";
  runc = tool "1.3.3" 21 "runc";
  skopeo = tool "1.21.0" 68 "skopeo";
  slirp4netns = tool "1.3.3" 6 "slirp4netns";

  # Data and models.
  duckdb = tool "1.4.2" 180 "duckdb";
  dvc = tool "3.64.0" 34 "dvc";
  httpie = tool "3.2.4" 22 "http https";
  grpcurl = tool "1.9.3" 19 "grpcurl";
  k6 = tool "1.4.1" 66 "k6";
  litecli = tool "1.17.0" 13 "litecli";
  llama-cpp = tool "7100" 230 "llama-cli llama-server";
  lmstudio = x86 (unfree (tool "0.3.32" 2500 "lmstudio"));
  meilisearch = tool "1.27.0" 110 "meilisearch";
  nomad = unfree (tool "1.11.1" 160 "nomad");
  pgcli = tool "4.3.0" 16 "pgcli";
  qdrant-web-ui = part "0.2.5" 20;
  sqlite = tool "3.51.0" 50 "sqlite3";
  sqlite-utils = tool "3.38" 14 "sqlite-utils";
  typesense = tool "29.0" 90 "typesense-server";
  vector = tool "0.51.1" 140 "vector";

  # Desktops.
  alacritty = tool "0.16.1" 44 "alacritty";
  appimage-run = tool "1.0" 4 "appimage-run";
  avahi = tool "0.8" 20 "avahi-daemon";
  bluez = tool "5.84" 45 "bluetoothctl";
  blueman = tool "2.4.6" 30 "blueman-applet";
  cups = tool "2.4.15" 70 "cupsd lp lpstat";
  firefox = tool "146.0" 2600 "firefox";
  geoclue2 = part "2.8.0" 12;
  ghostty = tool "1.2.3" 55 "ghostty";
  kitty = tool "0.44.0" 62 "kitty";
  obsidian = pc (unfree (tool "1.10.3" 1500 "obsidian"));
  pavucontrol = tool "6.2" 12 "pavucontrol";
  seahorse = tool "47.0.1" 19 "seahorse";
  unrar = unfree (tool "7.2.2" 9 "unrar");
  wl-clipboard = tool "2.2.1" 4 "wl-copy wl-paste";
  xdg-utils = tool "1.2.1" 5 "xdg-open";
  xdg-user-dirs = tool "0.19" 4 "xdg-user-dirs-update";
  xwayland = tool "24.1.9" 50 "Xwayland";

  # Servers.
  earlyoom = tool "1.9.0" 5 "earlyoom";
  fail2ban = tool "1.1.0" 24 "fail2ban-server fail2ban-client";
  forgejo = tool "13.0.3" 320 "forgejo";
  forgejo-lts = tool "11.0.8" 310 "forgejo";
  fwupd = tool "2.0.17" 85 "fwupdmgr";
  gitea = tool "1.25.2" 330 "gitea";
  grafana = tool "12.3.0" 520 "grafana grafana-server";
  grafana-alloy = tool "1.11.3" 400 "alloy";
  grafana-loki = tool "3.6.1" 240 "loki promtail";
  harmonia = tool "2.1.0" 21 "harmonia";
  litellm = tool "1.80.0" 95 "litellm";
  llama-swap = tool "175" 18 "llama-swap";
  # The web interface's licence wants its brand kept (pkgs/by-name/op/open-webui).
  open-webui = unfree (tool "0.6.40" 1400 "open-webui");
  openresty = tool "1.27.1.2" 60 "openresty nginx";
  nginxStable = named "nginx" (tool "1.28.0" 42 "nginx");
  nginxMainline = named "nginx" (tool "1.29.3" 43 "nginx");
  power-profiles-daemon = tool "0.30" 7 "powerprofilesctl";
  prometheus = tool "3.7.3" 260 "prometheus promtool";
  prometheus-alertmanager = named "alertmanager" (tool "0.29.0" 75 "alertmanager amtool");
  prometheus-node-exporter = named "node_exporter" (tool "1.10.2" 32 "node_exporter");
  qdrant = tool "1.16.0" 190 "qdrant";
  redis = tool "8.2.2" 52 "redis-server redis-cli redis-sentinel";
  tailscale = tool "1.90.6" 120 "tailscale tailscaled";
  thermald = tool "2.5.10" 15 "thermald";
  tlp = tool "1.9.0" 9 "tlp";
  valkey = tool "9.0.0" 50 "valkey-server redis-server redis-cli";

  # What a desktop is made of.
  accountsservice = part "23.13.9" 10;
  dbus = tool "1.16.2" 13 "dbus-daemon dbus-send";
  dbus-broker = tool "37" 9 "dbus-broker dbus-broker-launch";
  fontconfig = tool "2.17.1" 17 "fc-cache fc-list";
  flatpak = tool "1.16.1" 60 "flatpak";
  fuse3 = tool "3.17.4" 5 "fusermount3";
  gcr_4 = part "4.4.0.1" 11;
  gnome-keyring = tool "48.0" 14 "gnome-keyring-daemon";
  greetd = tool "0.10.3" 6 "greetd agreety";
  gvfs = part "1.58.0" 28;
  intel-compute-runtime = pc (part "25.44.36015.5" 120);
  intel-compute-runtime-legacy1 = pc (part "24.35.30872.36" 110);
  intel-media-driver = part "25.4.3" 70;
  intel-vaapi-driver = part "2.4.1" 20;
  libva-vdpau-driver = part "0.7.4" 5;
  mesa = part "25.2.6" 640;
  nvidia-vaapi-driver = part "0.0.14" 2;
  vpl-gpu-rt = x86 (part "25.4.3" 60);
  networkmanager = tool "1.54.1" 95 "NetworkManager nmcli nmtui";
  networkmanager-openvpn = part "1.12.3" 6;
  networkmanager-strongswan = part "1.6.3" 5;
  networkmanagerapplet = tool "1.36.0" 16 "nm-applet";
  pipewire = tool "1.4.9" 75 "pipewire pw-cli pw-jack pipewire-pulse";
  polkit = tool "126" 14 "pkaction pkexec polkitd";
  pulseaudio = tool "17.0" 55 "pulseaudio pactl";
  rtkit = tool "0.13" 4 "rtkitctl rtkit-daemon";
  sudo-rs = tool "0.2.10" 9 "sudo";
  upower = tool "1.90.10" 8 "upower";
  wireplumber = tool "0.5.12" 22 "wireplumber wpctl";
  wpa_supplicant = tool "2.11" 24 "wpa_supplicant";
  xdg-desktop-portal = part "1.20.3" 18;
  xdg-desktop-portal-cosmic = part "1.0.0" 21;
  xdg-desktop-portal-gnome = part "49.0" 12;
  xdg-desktop-portal-gtk = part "1.15.3" 11;
  xdg-desktop-portal-wlr = part "0.8.1" 7;

  # GNOME.
  gdm = tool "49.0" 25 "gdm";
  gnome-control-center = tool "49.0" 40 "gnome-control-center";
  gnome-session = tool "49.0" 12 "gnome-session";
  gnome-shell = tool "49.0" 45 "gnome-shell";
  nautilus = tool "49.0" 30 "nautilus";

  # COSMIC.
  adwaita-icon-theme = part "49.0" 34;
  cosmic-applets = tool "1.0.0" 40 "cosmic-applets";
  cosmic-applibrary = tool "1.0.0" 20 "cosmic-app-library";
  cosmic-bg = tool "1.0.0" 15 "cosmic-bg";
  cosmic-comp = tool "1.0.0" 60 "cosmic-comp";
  cosmic-edit = tool "1.0.0" 35 "cosmic-edit";
  cosmic-ext-calculator = tool "0.2.0" 12 "cosmic-ext-calculator";
  cosmic-files = tool "1.0.0" 45 "cosmic-files";
  cosmic-greeter = tool "1.0.0" 38 "cosmic-greeter cosmic-greeter-daemon";
  cosmic-icons = part "1.0.0" 25;
  cosmic-idle = tool "1.0.0" 9 "cosmic-idle";
  cosmic-initial-setup = tool "1.0.0" 18 "cosmic-initial-setup";
  cosmic-launcher = tool "1.0.0" 19 "cosmic-launcher";
  cosmic-notifications = tool "1.0.0" 17 "cosmic-notifications";
  cosmic-osd = tool "1.0.0" 16 "cosmic-osd";
  cosmic-panel = tool "1.0.0" 22 "cosmic-panel";
  cosmic-player = tool "1.0.0" 30 "cosmic-player";
  cosmic-randr = tool "1.0.0" 6 "cosmic-randr";
  cosmic-screenshot = tool "1.0.0" 8 "cosmic-screenshot";
  cosmic-settings = tool "1.0.0" 50 "cosmic-settings";
  cosmic-settings-daemon = tool "1.0.0" 14 "cosmic-settings-daemon";
  cosmic-store = tool "1.0.0" 42 "cosmic-store";
  cosmic-term = tool "1.0.0" 28 "cosmic-term";
  cosmic-wallpapers = part "1.0.0" 90;
  cosmic-workspaces-epoch = tool "1.0.0" 13 "cosmic-workspaces";
  hicolor-icon-theme = part "0.18" 3;
  pop-icon-theme = part "3.5.1" 26;
  pop-launcher = tool "1.2.7" 11 "pop-launcher";

  # Z shell.
  grml-zsh-config = part "0.19.22" 6;
  nix-zsh-completions = part "0.5.1" 4;
  oh-my-zsh = part "2025-11-23" 30;
  zsh-autosuggestions = part "0.7.1" 4;
  zsh-completions = part "0.35.0" 21;
  zsh-history-substring-search = part "1.1.0" 4;
  zsh-powerlevel10k = part "1.20.14" 33;
  zsh-syntax-highlighting = part "0.8.0" 9;

  # Fonts.
  dejavu_fonts = font "dejavu-fonts" "2.37" 40;
  fira-code = font "fira-code" "6.2" 18;
  font-awesome = font "font-awesome" "7.1.0" 15;
  freefont_ttf = font "freefont-ttf" "20120503" 33;
  gyre-fonts = font "gyre-fonts" "2.005" 28;
  hack-font = font "hack-font" "3.003" 16;
  inter = font "inter" "4.1" 20;
  jetbrains-mono = font "jetbrains-mono" "2.304" 17;
  liberation_ttf = font "liberation-fonts" "2.1.5" 22;
  noto-fonts = font "noto-fonts" "2026.01.01" 110;
  noto-fonts-cjk-sans = font "noto-fonts-cjk-sans" "2.004" 160;
  noto-fonts-color-emoji = font "noto-fonts-color-emoji" "2.051" 30;
  open-sans = font "open-sans" "1.11" 14;
  powerline-fonts = font "powerline-fonts" "2018-11-11" 24;
  terminus_font = font "terminus-font" "4.49.1" 8;
  unifont = font "unifont" "17.0.03" 26;
}
