# One option, declared by one module or by several.
lib:
let
  # Each may be said once.
  single = [
    "apply"
    "default"
    "description"
    "example"
  ];

  merge =
    loc: option: decl:
    let
      type = option.type.typeMerge decl.options.type.functor;
      both = attr: option ? ${attr} && decl.options ? ${attr};
      modules = decl.options.type.getSubModules or null;
    in
    if option.declarations != [ ] && (lib.any both single || (both "type" && type == null)) then
      throw "The option `${lib.showOption loc}' in `${decl._file}' is already declared in ${lib.showFiles option.declarations}."
    else
      decl.options
      // option
      // {
        declarations = option.declarations ++ [ decl._file ];
        declarationPositions = option.declarationPositions ++ [
          (
            if decl.pos != null then
              decl.pos
            else
              {
                file = decl._file;
                line = null;
                column = null;
              }
          )
        ];
        options =
          lib.optionals (modules != null) (map (lib.setDefaultModuleLocation decl._file) modules)
          ++ option.options;
      }
      // lib.optionalAttrs (both "type") { inherit type; };
in
{
  mergeOptionDecls =
    loc:
    lib.foldl' (merge loc) {
      inherit loc;
      declarations = [ ];
      declarationPositions = [ ];
      options = [ ];
    };

  # The modules of a submodule know the files in which they were declared.
  fixupOptionType =
    _loc: option:
    if option.type.getSubModules or null == null then
      option // { type = option.type or lib.types.unspecified; }
    else
      option
      // {
        type = option.type.substSubModules option.options;
        options = [ ];
      };
}
