package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/invopop/jsonschema"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
)

// planSchema is the JSON schema of what `nqd plan --json` writes for a plan; its descriptions are the comments of the
// types of package event.
func planSchema() (string, error) {
	root, err := repository()
	if err != nil {
		return "", err
	}
	comments, err := commentsOf(filepath.Join(root, "internal", "event"))
	if err != nil {
		return "", err
	}
	r := jsonschema.Reflector{
		CommentMap: comments,
		// Newer versions of nqd add members: who reads plans has to let them pass.
		AllowAdditionalProperties: true,
		Mapper: func(t reflect.Type) *jsonschema.Schema {
			if t == reflect.TypeFor[json.RawMessage]() {
				return &jsonschema.Schema{Description: "a value of Nix"}
			}
			return nil
		},
	}
	schema := r.Reflect(event.Plan{})
	schema.ID = "https://github.com/masterofnull/nixos-quick-deploy/docs/plan.schema.json"
	schema.Title = "What nqd plan --json writes"
	plan := schema.Definitions["Plan"]
	plan.Properties.Set("message_type", &jsonschema.Schema{Const: event.Plan{}.MessageType()})
	plan.Required = append(plan.Required, "message_type")
	orNull(schema.Definitions["StateChange"], "size")
	text, err := json.MarshalIndent(schema, "", "  ")
	return string(text) + "\n", err
}

// orNull lets a member be null: to Go it is a pointer, of which the generator tells what it points to alone.
func orNull(s *jsonschema.Schema, member string) {
	value, _ := s.Properties.Get(member)
	description := value.Description
	value.Description = ""
	s.Properties.Set(member, &jsonschema.Schema{OneOf: []*jsonschema.Schema{value, {Type: "null"}}, Description: description})
}

// repository is the folder of go.mod, in which this program or its tests run.
func repository() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("no go.mod here or above: run this in the repository")
		}
	}
}

// commentsOf are the comments of types and their fields in a package, by the names that jsonschema looks for.
func commentsOf(dir string) (map[string]string, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	prefix := reflect.TypeFor[event.Plan]().PkgPath() + "."
	comments := map[string]string{}
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		ast.Inspect(parsed, func(node ast.Node) bool {
			if declared, ok := node.(*ast.GenDecl); ok && declared.Tok == token.TYPE {
				addComments(comments, prefix, declared)
			}
			return true
		})
	}
	return comments, nil
}

func addComments(comments map[string]string, prefix string, declared *ast.GenDecl) {
	for _, spec := range declared.Specs {
		named := spec.(*ast.TypeSpec)
		comments[prefix+named.Name.Name] = sentence(declared.Doc.Text())
		fields, isStruct := named.Type.(*ast.StructType)
		if !isStruct {
			continue
		}
		for _, field := range fields.Fields.List {
			for _, name := range field.Names {
				comments[prefix+named.Name.Name+"."+name.Name] = sentence(field.Doc.Text() + field.Comment.Text())
			}
		}
	}
}

func sentence(comment string) string { return strings.Join(strings.Fields(comment), " ") }
