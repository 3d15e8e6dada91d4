package machine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"
)

// pieces keeps what is written to it, and how often.
type pieces struct {
	bytes.Buffer
	count int
}

func (p *pieces) Write(b []byte) (int, error) {
	p.count++
	return p.Buffer.Write(b)
}

// TestGather: a program that writes line by line is read in few pieces, and whole.
func TestGather(t *testing.T) {
	t.Parallel()
	to := &pieces{}
	file, wait, err := Gather(to)
	if err != nil {
		t.Fatal(err)
	}
	const lines = 20_000
	c := program("cat")
	c.Stdin, c.Stdout = strings.NewReader(strings.Repeat("a line of a builder\n", lines)), file
	if err := Local().Run(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(wait(), wait()); err != nil {
		t.Fatal(err)
	}
	if to.String() != strings.Repeat("a line of a builder\n", lines) {
		t.Errorf("%d bytes arrived", to.Len())
	}
	if _, err := file.WriteString("x"); !errors.Is(err, os.ErrClosed) {
		t.Errorf("after the end: %v", err)
	}
}

// TestGatherPieces: writes of any size come out as they went in.
func TestGatherPieces(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		to := &pieces{}
		file, wait, err := Gather(to)
		if err != nil {
			t.Fatal(err)
		}
		var want bytes.Buffer
		for i, size := range rapid.SliceOfN(rapid.IntRange(0, 300_000), 0, 12).Draw(t, "sizes") {
			p := bytes.Repeat([]byte{byte('a' + i)}, size)
			want.Write(p)
			if _, err := file.Write(p); err != nil {
				t.Fatal(err)
			}
		}
		if err := wait(); err != nil || !bytes.Equal(to.Bytes(), want.Bytes()) {
			t.Fatalf("%d of %d bytes, %v", to.Len(), want.Len(), err)
		}
	})
}

// TestGatherGathers: many small writes are few large ones for who gets them.
func TestGatherGathers(t *testing.T) {
	t.Parallel()
	got := make(chan struct{}, 1)
	to := &pieces{}
	file, wait, err := Gather(writerFunc(func(p []byte) (int, error) {
		select {
		case got <- struct{}{}:
		default:
		}
		return to.Write(p)
	}))
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintln(file, "first")
	<-got // at once, though the file is still open
	for i := range 10_000 {
		fmt.Fprintln(file, i)
	}
	if err := wait(); err != nil {
		t.Fatal(err)
	}
	if to.count > 1_000 {
		t.Errorf("10,000 lines came in %d pieces", to.count)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// TestGatherGrandchild: who keeps the pipe open after the program ended, silent or without a pause, is not waited for.
func TestGatherGrandchild(t *testing.T) {
	t.Parallel()
	for _, busy := range []bool{false, true} {
		to := &pieces{}
		file, wait, err := Gather(to)
		if err != nil {
			t.Fatal(err)
		}
		// What a grandchild has: a file of its own that leads to the same pipe.
		other, err := os.OpenFile(fmt.Sprintf("/proc/self/fd/%d", file.Fd()), os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(file, "the program's last words")
		var writing sync.WaitGroup
		if busy {
			writing.Go(func() {
				for {
					if _, err := other.Write(bytes.Repeat([]byte("x"), 4096)); err != nil {
						return // nobody reads any more
					}
				}
			})
		}
		if err := wait(); err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(to.String(), "the program's last words\n") {
			t.Errorf("got %.40q", to.String())
		}
		writing.Wait()
		other.Close()
	}
}

// TestGatherError: a writer that fails does not stop the program.
func TestGatherError(t *testing.T) {
	t.Parallel()
	full, calls := errors.New("full"), 0
	file, wait, err := Gather(writerFunc(func([]byte) (int, error) {
		calls++
		return 0, full
	}))
	if err != nil {
		t.Fatal(err)
	}
	if n, err := io.Copy(file, strings.NewReader(strings.Repeat("x", 3*gatherPipe))); n != 3*gatherPipe || err != nil {
		t.Errorf("the program could write %d bytes, %v", n, err)
	}
	if err := wait(); !errors.Is(err, full) || calls != 1 {
		t.Errorf("%d calls, %v", calls, err)
	}
}

// TestGatherNotStarted: a program that could not be started leaves nothing behind.
func TestGatherNotStarted(t *testing.T) {
	t.Parallel()
	to := &pieces{}
	file, wait, err := Gather(to)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	c := program("cat")
	c.Stderr = file
	if err := Local().Run(ctx, c); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if err := wait(); err != nil || to.count != 0 {
		t.Errorf("%d pieces, %v", to.count, err)
	}
}
