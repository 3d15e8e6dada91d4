# X11's keyboard layout by the console's keymap, as systemd has them (src/locale/kbd-model-map).
# Left out are rows of two layouts with a key between them: those are a choice of the user.
{
  be-latin1.layout = "be";
  br-abnt2.layout = "br";
  cf.layout = "ca";
  croat.layout = "hr";
  cz-lat2 = {
    layout = "cz";
    variant = "qwerty";
  };
  de.layout = "de";
  de-latin1.layout = "de";
  de-latin1-nodeadkeys = {
    layout = "de";
    variant = "nodeadkeys";
  };
  dk.layout = "dk";
  dk-latin1.layout = "dk";
  dvorak = {
    layout = "us";
    variant = "dvorak";
  };
  es.layout = "es";
  et.layout = "ee";
  fi.layout = "fi";
  fr.layout = "fr";
  fr-latin1.layout = "fr";
  fr-latin9 = {
    layout = "fr";
    variant = "latin9";
  };
  fr-pc.layout = "fr";
  fr_CH = {
    layout = "ch";
    variant = "fr";
  };
  fr_CH-latin1 = {
    layout = "ch";
    variant = "fr";
  };
  hu.layout = "hu";
  hu101 = {
    layout = "hu";
    variant = "qwerty";
  };
  ie.layout = "ie";
  il.layout = "il";
  is-latin1.layout = "is";
  it.layout = "it";
  it-ibm.layout = "it";
  it2.layout = "it";
  jp106.layout = "jp";
  ko.layout = "kr";
  la-latin1.layout = "latam";
  lt.layout = "lt";
  nl.layout = "nl";
  no.layout = "no";
  pl2.layout = "pl";
  pt-latin1.layout = "pt";
  ro.layout = "ro";
  ro-cedilla = {
    layout = "ro";
    variant = "cedilla";
  };
  ro-std = {
    layout = "ro";
    variant = "std";
  };
  ro-std-cedilla = {
    layout = "ro";
    variant = "std_cedilla";
  };
  sg = {
    layout = "ch";
    variant = "de_nodeadkeys";
  };
  sg-latin1 = {
    layout = "ch";
    variant = "de_nodeadkeys";
  };
  sk-qwertz.layout = "sk";
  slovene.layout = "si";
  sr-latin = {
    layout = "rs";
    variant = "latin";
  };
  sv-latin1.layout = "se";
  trq.layout = "tr";
  uk.layout = "gb";
  us.layout = "us";
  us-acentos = {
    layout = "us";
    variant = "intl";
  };
}
