# Looking at values on the way.
lib: rec {
  inherit (builtins) addErrorContext trace unsafeGetAttrPos;

  traceIf =
    condition: message: value:
    if condition then trace message value else value;
  traceValFn = f: value: trace (f value) value;
  traceVal = traceValFn lib.id;
  traceSeq = x: trace (builtins.deepSeq x x);
  traceValSeqFn = f: value: traceValFn f (builtins.deepSeq value value);
  traceValSeq = traceValSeqFn lib.id;
}
