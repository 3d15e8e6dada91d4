package guard

import (
	"strings"
	"testing"
)

// The menu is written by the system that is named, whose default is read back.
func TestWriteMenu(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	b.bootDefault(t, oldSystem)
	if err := b.WriteMenu(t.Context(), oldSystem); err != nil {
		t.Fatal(err)
	}
	b.wantCalls(t, "old boot")
	wantBoots(t, b, oldSystem)
	b.write(t, "/idle/boot", "") // it ends well and writes nothing
	if err := b.WriteMenu(t.Context(), newSystem); err == nil || !strings.Contains(err.Error(), "the default is old now, not new") {
		t.Errorf("error %v", err)
	}
	b.remove(t, "/boot/loader/loader.conf")
	if err := b.WriteMenu(t.Context(), newSystem); err != nil {
		t.Errorf("a loader that is not known: %v", err)
	}
	b.write(t, "/exit/boot", "1")
	if err := b.WriteMenu(t.Context(), oldSystem); err == nil || !strings.Contains(err.Error(), "exit code 1") {
		t.Errorf("error %v", err)
	}
}
