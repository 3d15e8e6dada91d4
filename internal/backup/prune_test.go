package backup

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
)

func (b *box) ids() (ids []int) {
	b.t.Helper()
	all, err := b.List()
	if err != nil {
		b.t.Fatal(err)
	}
	for _, m := range all {
		ids = append(ids, m.ID)
	}
	return ids
}

// TestPrune: five backups, made 50, 40, 30, 20 and 10 days ago.
func TestPrune(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		keep      Retention
		protected []int
		clock     time.Duration
		want      []int
	}{
		"count":                {Retention{Keep: 2}, nil, 0, []int{4, 5}},
		"age":                  {Retention{MaxAge: 25 * day}, nil, 0, []int{4, 5}},
		"age exactly":          {Retention{MaxAge: 30 * day}, nil, 0, []int{4, 5}},
		"whichever keeps more": {Retention{Keep: 3, MaxAge: 15 * day}, nil, 0, []int{3, 4, 5}},
		"more by age":          {Retention{Keep: 1, MaxAge: 45 * day}, nil, 0, []int{2, 3, 4, 5}},
		"protected":            {Retention{Keep: 1}, []int{1, 3}, 0, []int{1, 3, 5}},
		"more than there are":  {Retention{Keep: 9}, nil, 0, []int{1, 2, 3, 4, 5}},
		"all too old":          {Retention{MaxAge: day}, nil, 0, nil},
		"clock went back":      {Retention{MaxAge: day}, nil, -1000 * day, []int{1, 2, 3, 4, 5}},
	} {
		b := newBox(t)
		for i := range 5 {
			b.now = func() time.Time { return now.Add(-time.Duration(50-10*i) * day) }
			b.write("/home/ada/file", fmt.Sprint("version ", i))
			b.create("/home/ada")
		}
		b.now = func() time.Time { return now.Add(c.clock) }
		protected := func(m Manifest) bool { return slices.Contains(c.protected, m.ID) }
		told, err := b.Prune(context.Background(), c.keep, protected, true)
		if err != nil || len(b.ids()) != 5 || len(b.objects()) != 5 {
			t.Errorf("%s: a dry run removed something (%v)", name, err)
		}
		got, err := b.Prune(context.Background(), c.keep, protected, false)
		if err != nil || !slices.Equal(b.ids(), c.want) {
			t.Errorf("%s: %v are left, want %v (%v)", name, b.ids(), c.want, err)
		}
		same := func(a, b event.Backup) bool { return a.ID == b.ID }
		if !slices.EqualFunc(told.Removed, got.Removed, same) || told.Freed != got.Freed || len(got.Removed) != 5-len(c.want) {
			t.Errorf("%s: the dry run told %+v, then it was %+v", name, told, got)
		}
		if want := int64(len("version 0") * (5 - len(c.want))); got.Freed != want {
			t.Errorf("%s: freed %d, want %d", name, got.Freed, want)
		}
		b.tidy()
		if m := b.create("/home/ada"); m.ID != 6 {
			t.Errorf("%s: the number %d is given again", name, m.ID)
		}
	}
}

func TestPruneNothing(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	if _, err := b.Prune(context.Background(), Retention{}, nil, false); err == nil {
		t.Error("all backups may go without anybody saying so")
	}
	if _, err := b.Prune(context.Background(), Retention{Keep: 1}, nil, false); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(b.Dir); !os.IsNotExist(err) {
		t.Error("pruning nothing made a folder")
	}
}

// TestPruneShared: contents that another backup has stay; those of nobody go also when no backup does.
func TestPruneShared(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	b.write("/home/ada/shared", "shared")
	b.write("/home/ada/old", "old")
	b.create("/home/ada")
	os.Remove(b.root + "/home/ada/old")
	b.create("/home/ada")
	stray := filepath.Join(b.Dir, "objects", "ab", "abcd")
	os.MkdirAll(filepath.Dir(stray), 0o700)
	if err := os.WriteFile(stray, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := b.Prune(context.Background(), Retention{Keep: 2}, nil, false)
	if err != nil || got.Freed != 1 || len(got.Removed) != 0 {
		t.Errorf("%+v (%v)", got, err)
	}
	got, err = b.Prune(context.Background(), Retention{Keep: 1}, nil, false)
	if err != nil || got.Freed != 3 || len(got.Removed) != 1 {
		t.Errorf("%+v (%v)", got, err)
	}
	b.tidy()
}
