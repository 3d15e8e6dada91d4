# A function that returns a module.
word:
{ lib, ... }:
{
  options.word = lib.mkOption { type = lib.types.str; };
  config.word = word;
}
