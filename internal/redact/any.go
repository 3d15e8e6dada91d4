package redact

import (
	"encoding/json"
	"reflect"
	"slices"
)

// Any is value with each text in it redacted, at any depth. It shares with value what has no secret; value itself stays
// as it is. Fields that are not exported are not looked at.
func (r *Redactor) Any(value any) any {
	if value == nil {
		return nil
	}
	if changed, is := r.walk(reflect.ValueOf(value)); is {
		return changed.Interface()
	}
	return value
}

// walk returns a changed copy of v, if it had to be changed.
func (r *Redactor) walk(v reflect.Value) (reflect.Value, bool) {
	switch v.Kind() {
	case reflect.String:
		if text := r.Text(v.String()); text != v.String() {
			return reflect.ValueOf(text).Convert(v.Type()), true
		}
	case reflect.Struct:
		if option := v.FieldByName("Option"); option.IsValid() && option.Kind() == reflect.String && sensitiveName().MatchString(option.String()) {
			return r.valueOfOption(v), true
		}
		return r.parts(v, v.NumField(), reflect.Value.Field)
	case reflect.Array:
		return r.parts(v, v.Len(), reflect.Value.Index)
	case reflect.Slice:
		if raw, is := v.Interface().(json.RawMessage); is {
			return r.raw(raw)
		}
		return r.slice(v)
	case reflect.Map:
		return r.entries(v)
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return v, false
		}
		changed, is := r.walk(v.Elem())
		if !is || v.Kind() == reflect.Interface {
			return changed, is
		}
		pointer := reflect.New(v.Type().Elem())
		pointer.Elem().Set(changed)
		return pointer, true
	}
	return v, false
}

// sensitiveName is the name of an option, or of a member of JSON, whose value is a secret.
var sensitiveName = compiled(sensitive + `$`)

// hidden is a text of JSON in the place of a value that has a sensitive name.
func (r *Redactor) hidden(value json.RawMessage) json.RawMessage {
	var text string
	if json.Unmarshal(value, &text) != nil || harmless(text) || marked().MatchString(text) {
		return value
	}
	r.count.Add(1)
	return json.RawMessage(`"` + mark("secret") + `"`)
}

// valueOfOption hides the values of an option that is a secret: event.Lost and event.Override tell such.
func (r *Redactor) valueOfOption(v reflect.Value) reflect.Value {
	changed := reflect.New(v.Type()).Elem()
	changed.Set(v)
	for i := range v.NumField() {
		if !changed.Field(i).CanSet() || !v.Field(i).CanInterface() {
			continue
		}
		switch value := v.Field(i).Interface().(type) {
		case json.RawMessage:
			changed.Field(i).Set(reflect.ValueOf(r.hidden(value)))
		case []json.RawMessage:
			hidden := slices.Clone(value)
			for at, one := range value {
				hidden[at] = r.hidden(one)
			}
			changed.Field(i).Set(reflect.ValueOf(hidden))
		}
	}
	if walked, is := r.parts(changed, changed.NumField(), reflect.Value.Field); is {
		return walked
	}
	return changed
}

// parts walks the fields of a struct or the elements of an array.
func (r *Redactor) parts(v reflect.Value, n int, part func(reflect.Value, int) reflect.Value) (reflect.Value, bool) {
	var changed reflect.Value
	for i := range n {
		if !part(v, i).CanInterface() {
			continue
		}
		if one, is := r.walk(part(v, i)); is {
			if !changed.IsValid() {
				changed = reflect.New(v.Type()).Elem()
				changed.Set(v)
			}
			part(changed, i).Set(one)
		}
	}
	return changed, changed.IsValid()
}

func (r *Redactor) slice(v reflect.Value) (reflect.Value, bool) {
	var changed reflect.Value
	for i := range v.Len() {
		if one, is := r.walk(v.Index(i)); is {
			if !changed.IsValid() {
				changed = reflect.MakeSlice(v.Type(), v.Len(), v.Len())
				reflect.Copy(changed, v)
			}
			changed.Index(i).Set(one)
		}
	}
	return changed, changed.IsValid()
}

func (r *Redactor) entries(v reflect.Value) (reflect.Value, bool) {
	changed, is := reflect.MakeMapWithSize(v.Type(), v.Len()), false
	for each := v.MapRange(); each.Next(); {
		key, keyIs := r.walk(each.Key())
		value, valueIs := r.walk(each.Value())
		if !keyIs {
			key = each.Key()
		}
		if !valueIs {
			value = each.Value()
		}
		is = is || keyIs || valueIs
		changed.SetMapIndex(key, value)
	}
	return changed, is
}

// raw is JSON that stays JSON: its texts are redacted each for itself.
func (r *Redactor) raw(text json.RawMessage) (reflect.Value, bool) {
	var value any
	if len(text) == 0 || json.Unmarshal(text, &value) != nil {
		return reflect.Value{}, false
	}
	changed, is := r.walk(reflect.ValueOf(&value))
	if !is {
		return reflect.Value{}, false
	}
	again, err := json.Marshal(changed.Interface())
	return reflect.ValueOf(json.RawMessage(again)), err == nil
}
