package doctor

import (
	"errors"
	"net"
	"syscall"
)

// Known is an error that knows what it comes from and what to do about it. Each is a sentence without its full stop, or
// empty.
type Known interface {
	error
	Cause() string
	Cure() string
}

// explained is what err knows of itself.
func explained(err error) (cause, cure string) {
	var known Known
	if errors.As(err, &known) {
		return known.Cause(), known.Cure()
	}
	return "", ""
}

// known is the Known of the kinds of checks that this package asks itself.
type known struct {
	error
	cause, cure string
}

func (k *known) Cause() string { return k.cause }
func (k *known) Cure() string  { return k.cure }
func (k *known) Unwrap() error { return k.error }

// unitCure is short: systemd knows itself why a unit is not active.
func unitCure(unit string) string { return "systemctl status " + unit + " says why" }

// listening adds to a refused connection what it means, and to another problem nothing.
func listening(err error) error {
	if !errors.Is(err, syscall.ECONNREFUSED) {
		return err
	}
	return &known{err, "nothing listens there", "look whether the service runs, and on which port: ss -ltn"}
}

// portCure names the program that answers at address in a service's place, maybe.
func portCure(address string) string {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return ""
	}
	return "look which program has the port: sudo ss -ltnp 'sport = :" + port + "'"
}
