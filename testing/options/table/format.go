package table

import (
	"bytes"
	"encoding/json"
	"strings"
)

// width is how long a line of a table may become before it is broken.
const width = 110

// Format writes JSON with every value on one line that has room for it, in the order it has.
func Format(value any) ([]byte, error) {
	data, err := Marshal(value)
	if err != nil {
		return nil, err
	}
	var out strings.Builder
	err = write(&out, data, "", 0)
	out.WriteString("\n")
	return []byte(out.String()), err
}

// write writes DATA behind INDENT and USED columns. The outermost value is always broken.
func write(out *strings.Builder, data []byte, indent string, used int) error {
	open, close := data[0], data[len(data)-1]
	flat := oneLine(data)
	if (open != '{' && open != '[') || len(data) == 2 || (indent != "" && len(indent)+used+len(flat) <= width) {
		out.WriteString(flat)
		return nil
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	if _, err := decoder.Token(); err != nil {
		return err
	}
	out.WriteByte(open)
	for first := true; decoder.More(); first = false {
		if !first {
			out.WriteByte(',')
		}
		inner := indent + "  "
		out.WriteString("\n" + inner)
		used := 1
		if open == '{' {
			key, err := decoder.Token()
			if err != nil {
				return err
			}
			name, err := Marshal(key)
			if err != nil {
				return err
			}
			used += len(name) + 2
			out.WriteString(string(name) + ": ")
		}
		var item json.RawMessage
		if err := decoder.Decode(&item); err != nil {
			return err
		}
		if err := write(out, item, inner, used); err != nil {
			return err
		}
	}
	out.WriteString("\n" + indent)
	out.WriteByte(close)
	return nil
}

// oneLine puts spaces into compact JSON, outside of its strings.
func oneLine(data []byte) string {
	var out strings.Builder
	inString, escaped := false, false
	for i, c := range data {
		if !inString && c == '}' && data[i-1] != '{' {
			out.WriteByte(' ')
		}
		out.WriteByte(c)
		switch {
		case escaped:
			escaped = false
		case inString && c == '\\':
			escaped = true
		case c == '"':
			inString = !inString
		case !inString && (c == ',' || c == ':' || (c == '{' && data[i+1] != '}')):
			out.WriteByte(' ')
		}
	}
	return out.String()
}
