# A module in a file that is a plain set.
{
  list = [ "plain" ];
}
