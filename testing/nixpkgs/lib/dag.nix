# Entries of ordered scripts, as Home Manager's `lib.hm.dag` makes them. Nothing here runs
# such scripts, so they are kept, never sorted.
_lib: rec {
  entryBetween = before: after: data: { inherit before after data; };
  entryAnywhere = entryBetween [ ] [ ];
  entryAfter = entryBetween [ ];
  entryBefore = before: entryBetween before [ ];
}
