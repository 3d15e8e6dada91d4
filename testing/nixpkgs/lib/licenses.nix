# Licences: only whether nixpkgs calls them free matters here.
{
  gpl2Only = {
    shortName = "gpl2Only";
    fullName = "GNU General Public License v2.0 only";
    free = true;
  };
  mit = {
    shortName = "mit";
    fullName = "MIT License";
    free = true;
  };
  unfree = {
    shortName = "unfree";
    fullName = "Unfree";
    free = false;
  };
}
