# `pkgs.formats`: a type for settings, and a file of them. Only what can be written without
# running a program.
{ lib, pkgs }:
let
  format = type: toText: _options: {
    inherit type;
    generate = name: value: pkgs.writeText name (toText value);
  };
  value = lib.types.anything;
in
{
  json = format value builtins.toJSON;
  ini = format (lib.types.attrsOf (lib.types.attrsOf value)) (lib.generators.toINI { });
  keyValue = format (lib.types.attrsOf value) (lib.generators.toKeyValue { });
}
