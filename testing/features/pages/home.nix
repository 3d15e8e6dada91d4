nqd:
{ ... }:
let
  inherit (nqd) from want;
  cfg = nqd.features.pages;
  url = "http://127.0.0.1:${toString cfg.port}/";
in
{
  config = want (from "port") [ "home" "sessionVariables" "PAGES" ] url;
}
