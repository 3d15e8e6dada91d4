package trace

// shape says where in the arguments of a system call the files are that it is about.
type shape struct {
	name string
	// to is what the call changes, from what it names besides (the old name of a rename).
	to, from place
	// flags is the argument with the flags of open(2), or none: without O_CREAT and O_TRUNC
	// nothing is changed.
	flags int
}

// place is a file in the arguments of a call: a path, a path below an open folder, or an open file.
type place struct{ dir, path, fd int }

// none is an argument that a call does not have.
const none = -1

func path(i int) place      { return place{dir: none, path: i, fd: none} }
func below(dir int) place   { return place{dir: dir, path: dir + 1, fd: none} }
func open(i int) place      { return place{dir: none, path: none, fd: i} }
func (p place) given() bool { return p != place{} }

// on is a call with one file.
func on(name string, to place) shape { return shape{name: name, to: to, flags: none} }

// between is a call with two files.
func between(name string, from, to place) shape {
	return shape{name: name, to: to, from: from, flags: none}
}
