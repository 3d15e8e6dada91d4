# Which values each type takes.
{ lib, ... }:
let
  inherit (lib) mkOption types;

  # Which of VALUES each of several types takes.
  takes = type: map type.check;

  storePath = "${builtins.storeDir}/00000000000000000000000000000000-thing";
  package = {
    type = "derivation";
    name = "thing";
    outPath = storePath;
  };

  tagged = types.attrTag {
    number = mkOption { type = types.int; };
    word = mkOption {
      type = types.str;
      apply = lib.toUpper;
    };
  };
in
{
  checks = {
    expr = {
      between = takes (types.ints.between 1 3) [
        0
        1
        3
        4
        "1"
      ];
      enum = takes (types.enum [
        "a"
        1
      ]) [
        "a"
        1
        "b"
        "1"
      ];
      matching = takes (types.strMatching "a+") [
        "aa"
        "ab"
        ""
        1
      ];
      nonEmptyStr = takes types.nonEmptyStr [
        "a"
        ""
        " \n"
        1
      ];
      numbers = takes (types.numbers.between 0 1) [
        0.5
        1
        1.5
      ];
      passwd = takes (types.passwdEntry types.str) [
        "a"
        "a:b"
        "a\nb"
      ];
      path = takes types.path [
        "/a"
        "a"
        /a
        1
        package
        storePath
      ];
      pathInStore = takes types.pathInStore [
        storePath
        "/a"
        "${storePath}/b"
        builtins.storeDir
        "${builtins.storeDir}/.links"
        package
      ];
      external = takes types.externalPath [
        storePath
        "/a"
        "a"
        /a
      ];
      package = takes types.package [
        package
        storePath
        "${storePath}/b"
        "thing"
      ];
      port = takes types.port [
        0
        65535
        65536
        (-1)
      ];
      positive = takes types.ints.positive [
        0
        1
      ];
      singleLineStr = takes types.singleLineStr [
        "a"
        "a\n"
        "a\nb"
        "a\r"
      ];
      tagged = takes tagged [
        { number = 1; }
        { other = 1; }
        {
          number = 1;
          word = "a";
        }
        { }
      ];
      u8 = takes types.ints.u8 [
        255
        256
      ];
      either = takes (types.either types.int types.str) [
        1
        "a"
        true
      ];
      added = takes (types.addCheck types.int (x: x > 1)) [
        1
        2
        "2"
      ];
      nullOr = takes (types.nullOr types.int) [
        null
        1
        "a"
      ];
      function = takes (types.functionTo types.int) [
        (x: x)
        { __functor = _: x: x; }
        1
      ];
      list = takes (types.nonEmptyListOf types.int) [
        [ ]
        [ 1 ]
        [ "a" ]
      ];
      coerced = takes (types.coercedTo types.int toString (types.strMatching "1")) [
        1
        2
        "1"
        "2"
      ];
      submodule = takes (types.submodule { }) [
        { }
        (_: { })
        /a
        "/a"
        "a"
        1
      ];
    };
    expected = {
      added = [
        false
        true
        false
      ];
      between = [
        false
        true
        true
        false
        false
      ];
      coerced = [
        true
        false
        true
        false
      ];
      either = [
        true
        true
        false
      ];
      enum = [
        true
        true
        false
        false
      ];
      external = [
        false
        true
        false
        false
      ];
      function = [
        true
        true
        false
      ];
      list = [
        false
        true
        true
      ];
      matching = [
        true
        false
        false
        false
      ];
      nonEmptyStr = [
        true
        false
        false
        false
      ];
      nullOr = [
        true
        true
        false
      ];
      numbers = [
        true
        true
        false
      ];
      package = [
        true
        true
        false
        false
      ];
      passwd = [
        true
        false
        false
      ];
      path = [
        true
        false
        true
        false
        true
        true
      ];
      pathInStore = [
        true
        false
        true
        false
        false
        true
      ];
      port = [
        true
        true
        false
        false
      ];
      positive = [
        false
        true
      ];
      singleLineStr = [
        true
        true
        false
        false
      ];
      submodule = [
        true
        true
        true
        true
        false
        false
      ];
      tagged = [
        true
        false
        false
        false
      ];
      u8 = [
        true
        false
      ];
    };
  };
}
