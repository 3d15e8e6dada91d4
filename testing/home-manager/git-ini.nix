# The configuration format of git. Strings are always quoted, with the four escapes that
# git-config(1) knows, so that git reads back what was written.
{ lib }:
let
  quote =
    string:
    ''"${
      lib.replaceStrings [ "\\" ''"'' "\n" "\t" ] [ "\\\\" ''\"'' "\\n" "\\t" ] string
    }"'';

  show =
    value:
    if lib.isString value then
      quote value
    else if lib.isBool value then
      lib.boolToString value
    else
      toString value;

  # `gpg.ssh` is the section gpg, subsection ssh; a name with quotes is written as it is.
  title =
    name:
    let
      parts = lib.splitString "." name;
    in
    if lib.hasInfix ''"'' name || lib.length parts == 1 then
      name
    else
      subsection (lib.head parts) (lib.concatStringsSep "." (lib.tail parts));

  subsection = section: name: ''${section} "${lib.escape [ "\\" ''"'' ] name}"'';

  section =
    title: keys:
    let
      line = key: value: "\t${key} = ${show value}\n";
      lines = key: value: lib.concatMapStrings (line key) (lib.toList value);
    in
    lib.optional (keys != { }) (
      "[${title}]\n" + lib.concatStrings (lib.mapAttrsToList lines keys)
    );

  sections =
    name: content:
    let
      keys = lib.filterAttrs (_: value: !lib.isAttrs value) content;
      nested = lib.filterAttrs (_: lib.isAttrs) content;
    in
    section (title name) keys
    ++ lib.concatLists (
      lib.mapAttrsToList (subname: section (subsection name subname)) nested
    );
in
{
  # { section.key, section.subsection.key } → text.
  toText =
    content: lib.concatStringsSep "\n" (lib.concatLists (lib.mapAttrsToList sections content));
}
