# Any value that a data format can hold; its parts are merged like options.
_lib:
{ types, ... }:
rec {
  serializableValueWith =
    {
      typeName,
      nullable ? true,
    }:
    let
      plain = types.oneOf [
        types.bool
        types.int
        types.float
        types.str
        types.path
        (types.attrsOf value)
        (types.listOf value)
      ];
      value = (if nullable then types.nullOr plain else plain) // {
        description = "${typeName} value";
      };
    in
    value;

  json = serializableValueWith { typeName = "JSON"; };
  toml = serializableValueWith {
    typeName = "TOML";
    nullable = false;
  };
}
