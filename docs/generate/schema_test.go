package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/ui/jsonl"
)

// schema is as much of JSON Schema as the plan's needs. A keyword that it does not know is an error of the test.
type schema struct {
	Schema, ID, Title, Description string
	Ref                            string            `json:"$ref"`
	Defs                           map[string]schema `json:"$defs"`
	Type                           string
	Const                          any
	OneOf                          []schema
	Items                          *schema
	Properties                     map[string]schema
	AdditionalProperties           *schema
	Required                       []string
}

// UnmarshalJSON reads a schema strictly; true is one that takes anything.
func (s *schema) UnmarshalJSON(data []byte) error {
	if string(data) == "true" {
		return nil
	}
	type plain schema
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	return decoder.Decode((*plain)(s))
}

// check returns what is wrong with a value, or "".
func (s schema) check(value any, where string, defs map[string]schema) string {
	if name, is := strings.CutPrefix(s.Ref, "#/$defs/"); is {
		return defs[name].check(value, where, defs)
	}
	if s.OneOf != nil && !slices.ContainsFunc(s.OneOf, func(one schema) bool { return one.check(value, where, defs) == "" }) {
		return where + ": none of what it may be"
	}
	if s.Const != nil && s.Const != value {
		return fmt.Sprintf("%s: %v, not %v", where, value, s.Const)
	}
	if is := jsonType(value); s.Type != "" && s.Type != is && !(s.Type == "number" && is == "integer") {
		return fmt.Sprintf("%s: %s, not %s", where, is, s.Type)
	}
	switch value := value.(type) {
	case []any:
		for i, one := range value {
			if s.Items != nil {
				if wrong := s.Items.check(one, fmt.Sprintf("%s[%d]", where, i), defs); wrong != "" {
					return wrong
				}
			}
		}
	case map[string]any:
		return s.checkMembers(value, where, defs)
	}
	return ""
}

func (s schema) checkMembers(value map[string]any, where string, defs map[string]schema) string {
	for _, name := range s.Required {
		if _, there := value[name]; !there {
			return where + ": no " + name
		}
	}
	for name, one := range value {
		member, known := s.Properties[name]
		if !known && s.AdditionalProperties != nil {
			member = *s.AdditionalProperties
		}
		if wrong := member.check(one, where+"."+name, defs); wrong != "" {
			return wrong
		}
	}
	return ""
}

func jsonType(value any) string {
	switch value := value.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case []any:
		return "array"
	case map[string]any:
		return "object"
	case float64:
		if value == float64(int64(value)) {
			return "integer"
		}
	}
	return "number"
}

// published is the schema as users get it.
func published(t *testing.T) schema {
	t.Helper()
	text, err := planSchema()
	if err != nil {
		t.Fatal(err)
	}
	// Go's names are without "$".
	text = strings.NewReplacer(`"$schema":`, `"schema":`, `"$id":`, `"id":`).Replace(text)
	var s schema
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		t.Fatal(err)
	}
	return s
}

// line is what `nqd plan --json` writes.
func line(t *testing.T, p event.Plan) map[string]any {
	t.Helper()
	var out bytes.Buffer
	jsonl.New(&out, false)(p)
	var members map[string]any
	if err := json.Unmarshal(out.Bytes(), &members); err != nil {
		t.Fatal(err)
	}
	return members
}

// fill gives every list and map of a value as many elements, and every text, number and pointer a value unless it is 0.
func fill(value reflect.Value, elements int) {
	switch value.Kind() {
	case reflect.Slice:
		if value.Type() == reflect.TypeFor[json.RawMessage]() {
			value.SetBytes([]byte(`{"a":[1,null]}`))
			return
		}
		value.Set(reflect.MakeSlice(value.Type(), elements, elements))
		for i := range elements {
			fill(value.Index(i), elements)
		}
	case reflect.Map:
		value.Set(reflect.MakeMap(value.Type()))
		for i := range elements {
			one := reflect.New(value.Type().Elem()).Elem()
			fill(one, elements)
			value.SetMapIndex(reflect.ValueOf(fmt.Sprint(i)).Convert(value.Type().Key()), one)
		}
	case reflect.Struct:
		for i := range value.NumField() {
			fill(value.Field(i), elements)
		}
	case reflect.Pointer:
		value.Set(reflect.New(value.Type().Elem()))
	case reflect.String:
		value.SetString("x")
	case reflect.Int, reflect.Int64:
		value.SetInt(3)
	case reflect.Float64:
		value.SetFloat(1.5)
	case reflect.Bool:
		value.SetBool(true)
	}
}

func filled(elements int) (p event.Plan) {
	fill(reflect.ValueOf(&p).Elem(), elements)
	return p
}

func TestPlansAreAsTheSchemaSays(t *testing.T) {
	t.Parallel()
	s := published(t)
	unreadable := filled(2)
	unreadable.State[0].Size = nil
	for name, p := range map[string]event.Plan{"all": filled(2), "empty lists": filled(0), "data that may not be read": unreadable} {
		if wrong := s.check(line(t, p), "plan", s.Defs); wrong != "" {
			t.Errorf("%s: %s", name, wrong)
		}
	}
}

func TestSchemaRefuses(t *testing.T) {
	t.Parallel()
	s := published(t)
	for name, c := range map[string]struct {
		spoil func(p map[string]any)
		want  string
	}{
		"a null list":         {func(p map[string]any) { p["files"] = nil }, "plan.files: null, not array"},
		"a null list within":  {func(p map[string]any) { p["units"].(map[string]any)["stop"] = nil }, "plan.units.stop: null, not array"},
		"no list":             {func(p map[string]any) { delete(p, "unknown") }, "plan: no unknown"},
		"no message_type":     {func(p map[string]any) { delete(p, "message_type") }, "plan: no message_type"},
		"another event":       {func(p map[string]any) { p["message_type"] = "difference" }, "plan.message_type: difference, not plan"},
		"text for a number":   {func(p map[string]any) { p["builds"].(map[string]any)["generated"] = "3" }, "plan.builds.generated: string, not integer"},
		"a size that is text": {func(p map[string]any) { p["state"].([]any)[0].(map[string]any)["size"] = "3" }, "plan.state[0].size: none of what it may be"},
		"a time that is text": {
			func(p map[string]any) {
				p["took"].([]any)[0].(map[string]any)["seconds"].(map[string]any)["build"] = "3"
			},
			"plan.took[0].seconds.build: string, not number",
		},
	} {
		p := line(t, filled(1))
		c.spoil(p)
		if got := s.check(p, "plan", s.Defs); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

// A plan in which Go left a list nil is one that the schema refuses.
func TestSchemaRefusesTheZeroPlan(t *testing.T) {
	t.Parallel()
	s := published(t)
	if got := s.check(line(t, event.Plan{}), "plan", s.Defs); !strings.HasSuffix(got, ": null, not array") {
		t.Errorf("got %q", got)
	}
}

// Every member and every type says what it is, or its name does.
func TestSchemaDescribesTypes(t *testing.T) {
	t.Parallel()
	for name, one := range published(t).Defs {
		if one.Description == "" || one.Type != "object" {
			t.Errorf("%s: %+v", name, one)
		}
	}
}
