package host

import (
	"fmt"
	"reflect"

	"github.com/pelletier/go-toml/v2"

	"github.com/masterofnull/nixos-quick-deploy/internal/catalog"
)

// Format writes the host file. What it returns was read again and is the same Host: values that
// Parse refuses are an error here, of the same type.
func (h Host) Format(c *catalog.Catalog) ([]byte, error) {
	h.document = nil
	h.complete()
	data, err := toml.Marshal(h)
	if err != nil {
		return nil, fmt.Errorf("host.toml: %w", err)
	}
	again, err := Parse("host.toml", data, c)
	if err != nil {
		return nil, err
	}
	again.document = nil
	if !reflect.DeepEqual(*again, h) {
		return nil, fmt.Errorf("host.toml: reads back as %+v, not as %+v", *again, h)
	}
	return data, nil
}
