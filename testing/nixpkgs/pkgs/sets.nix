# Packages that nixpkgs keeps in sets of their own: name, version and a size in KiB.
{
  lib,
  package,
  final,
}:
let
  inherit (lib.licenses) unfree;

  entry = version: size: {
    inherit version;
    fill = 1024 * size;
  };

  # A set of packages whose names begin with PREFIX.
  setOf =
    prefix: extra:
    lib.mapAttrs (
      name: entry:
      package ({ pname = "${prefix}${name}"; } // entry // extra name)
    );

  nothing = _: { };
  x86 = _: { meta.platforms = [ "x86_64-linux" ]; };

  nerdFont = name: { files."share/fonts/truetype/NerdFonts/${name}.ttf".text = name; };
in
{
  nerd-fonts = setOf "nerd-fonts-" nerdFont {
    caskaydia-cove = entry "3.4.0" 51;
    fira-code = entry "3.4.0" 52;
    hack = entry "3.4.0" 44;
    iosevka = entry "3.4.0" 88;
    jetbrains-mono = entry "3.4.0" 61;
    meslo-lg = entry "3.4.0" 57;
    symbols-only = entry "3.4.0" 23;
    ubuntu-mono = entry "3.4.0" 32;
  };

  tmuxPlugins =
    setOf "tmuxplugin-" (name: {
      files."share/tmux-plugins/${name}/${name}.tmux".text = "";
      # What tmux runs (pkgs/misc/tmux-plugins: `rtp`).
      attrs.rtpFilePath = "${name}.tmux";
    }) {
      continuum = entry "3.1.0" 4;
      resurrect = entry "4.0.0" 7;
      sensible = entry "3.0" 2;
      yank = entry "2.3.0" 3;
    };

  nginxModules = setOf "nginx-module-" nothing {
    brotli = entry "1.0.0rc" 3;
    dav = entry "3.0.0" 2;
    moreheaders = entry "0.38" 2;
  };

  nvtopPackages = {
    inherit
      (setOf "nvtop-" nothing {
        amd = entry "3.2.0" 9;
        intel = entry "3.2.0" 9;
      })
      amd
      intel
      ;
    inherit
      (setOf "nvtop-" (_: { meta.license = unfree; }) {
        full = entry "3.2.0" 12;
        nvidia = entry "3.2.0" 10;
      })
      full
      nvidia
      ;
  };

  cudaPackages = setOf "" (_: { meta.license = unfree; }) {
    cuda_cccl = entry "12.9.27" 20;
    cuda_cudart = entry "12.9.79" 10;
    cuda_nvcc = entry "12.9.86" 150;
    libcublas = entry "12.9.1.4" 900;
  };

  rocmPackages = setOf "" x86 {
    clr = entry "6.4.3" 900;
    rocm-smi = entry "6.4.3" 30;
    rocminfo = entry "6.4.3" 12;
  };

  kdePackages = setOf "" nothing {
    sddm = entry "0.21.0" 60;
    xdg-desktop-portal-kde = entry "6.5.3" 33;
  };

  pkgsi686Linux = setOf "" x86 {
    mesa = entry "25.2.6" 600;
    pipewire = entry "1.4.9" 70;
  };

  # Extensions are made for one server.
  postgresqlPackages = final.postgresql.pkgs;

  python3Packages = setOf "python3-" nothing {
    ipykernel = entry "7.1.0" 9;
    jupyterlab = entry "4.5.0" 80;
    matplotlib = entry "3.10.7" 70;
    numpy = entry "2.3.5" 120;
    openai = entry "2.8.1" 14;
    pandas = entry "2.3.3" 130;
    pip = entry "25.3" 18;
    requests = entry "2.32.5" 6;
    scikit-learn = entry "1.7.2" 160;
    torch = entry "2.9.1" 1800;
    transformers = entry "4.57.3" 90;
  };

  vscode-extensions = {
    anthropic = setOf "vscode-extension-anthropic-" nothing {
      claude-code = entry "2.1.9" 60;
    };
    jnoortheen = setOf "vscode-extension-jnoortheen-" nothing {
      nix-ide = entry "0.5.0" 7;
    };
    mhutchie = setOf "vscode-extension-mhutchie-" (_: { meta.license = unfree; }) {
      git-graph = entry "1.30.0" 8;
    };
    ms-python = setOf "vscode-extension-ms-python-" nothing {
      python = entry "2025.18.0" 25;
    };
  };
}
