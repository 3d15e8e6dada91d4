# What a definition may be wrapped in.
_lib:
let
  mkOrder = priority: content: {
    _type = "order";
    inherit priority content;
  };

  mkOverride = priority: content: {
    _type = "override";
    inherit priority content;
  };
in
{
  inherit mkOrder mkOverride;

  # Nothing at all where CONDITION is false; its names must be options all the same.
  mkIf = condition: content: {
    _type = "if";
    inherit condition content;
  };

  # Of several priorities the lowest number wins, and all others are dropped.
  defaultOverridePriority = 100;
  mkOptionDefault = mkOverride 1500;
  mkDefault = mkOverride 1000;
  mkImageMediaOverride = mkOverride 60;
  mkForce = mkOverride 50;
  mkVMOverride = mkOverride 10;

  # The place in a list or in lines.
  defaultOrderPriority = 1000;
  mkBefore = mkOrder 500;
  mkAfter = mkOrder 1500;
}
