# What must hold.
lib: rec {
  assertMsg = condition: message: condition || throw message;

  assertOneOf =
    name: value: values:
    assertMsg (lib.elem value values)
      "${name} must be one of ${lib.generators.toPretty { } values}, but is: ${
        lib.generators.toPretty { } value
      }";
  assertEachOneOf =
    name: chosen: values:
    assertMsg (lib.all (value: lib.elem value values) chosen)
      "each element in ${name} must be one of ${lib.generators.toPretty { } values}, but is: ${
        lib.generators.toPretty { } chosen
      }";

  # Failed assertions stop the evaluation, all of them at once; warnings are told on the way.
  checkAssertWarn =
    assertions: warnings: value:
    let
      failed = lib.filter (assertion: !assertion.assertion) assertions;
      lines = lib.concatMapStringsSep "\n" (assertion: "- ${assertion.message}") failed;
    in
    if failed != [ ] then
      throw "\nFailed assertions:\n${lines}"
    else
      lib.showWarnings warnings value;
}
