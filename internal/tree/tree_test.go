package tree

import (
	"reflect"
	"testing"
	"time"
)

func TestParse(t *testing.T) {
	t.Parallel()
	got, err := Parse([]byte("\x00d\x00755\x000\x000\x004096\x001700000000.0000000000\x00\x00a\nb\x00f\x004711\x001\x002\x005\x00-1.5000000000\x00\x00"))
	want := []Entry{
		{Type: 'd', Mode: 0o755, Modified: time.Unix(1700000000, 0)},
		{Path: "a\nb", Type: 'f', Mode: 0o4711, UID: 1, GID: 2, Size: 5, Modified: time.Unix(-1, 5e8)},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, %v", got, err)
	}
	for _, bad := range []string{"x\x00", "\x00d\x0099\x000\x000\x000\x001.0\x00\x00", "\x00dd\x00755\x000\x000\x000\x001.0\x00\x00", "\x00d\x00755\x00x\x000\x000\x001.0\x00\x00"} {
		if got, err := Parse([]byte(bad)); err == nil {
			t.Errorf("%q is read as %v", bad, got)
		}
	}
}
