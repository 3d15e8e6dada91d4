package nixlog

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"strconv"
)

// Types of activities and of results (nix, src/libutil/logging.hh).
const (
	typeCopyPath    = 100
	typeTransfer    = 101
	typeRealise     = 102
	typeCopyPaths   = 103
	typeBuilds      = 104
	typeBuild       = 105
	typeOptimise    = 106
	typeVerify      = 107
	typeSubstitute  = 108
	typeQuery       = 109
	typeFetch       = 112
	resultLine      = 101
	resultPhase     = 104
	resultProgress  = 105
	resultExpected  = 106
	resultFetchLine = 108

	levelError = 0
	levelInfo  = 3
)

// record is what one line says that begins with "@nix ".
type record struct {
	Action string            `json:"action"`
	ID     uint64            `json:"id"`
	Parent uint64            `json:"parent"`
	Type   int               `json:"type"`
	Level  int               `json:"level"`
	Text   string            `json:"text"`
	Msg    string            `json:"msg"`
	RawMsg string            `json:"raw_msg"`
	Fields []json.RawMessage `json:"fields"`
}

// parseRecord reads a JSON object. Values of other types than nix writes today are left out.
func parseRecord(text []byte) (rec record, ok bool) {
	err := json.Unmarshal(text, &rec)
	var other *json.UnmarshalTypeError
	if errors.As(err, &other) { // the rest was read all the same
		return rec, rec.Action != ""
	}
	return rec, err == nil
}

// field is a field that is text; empty where it is not.
func (rec record) field(i int) (text string) {
	if i < len(rec.Fields) {
		_ = json.Unmarshal(rec.Fields[i], &text)
	}
	return text
}

// result is the result record of an activity: either text, still written as in JSON, or up to four numbers.
type result struct {
	id      uint64
	kind    int
	isText  bool
	text    []byte // of the line that it was parsed from: not to be kept
	numbers [4]int64
	count   int
}

// result is the slow way to one: for records whose keys are in another order, or that have other fields.
func (rec record) result() result {
	out := result{id: rec.ID, kind: rec.Type}
	for i, raw := range rec.Fields {
		if i == 0 && len(raw) >= 2 && raw[0] == '"' {
			out.isText, out.text = true, raw[1:len(raw)-1]
			return out
		}
		number, err := strconv.ParseInt(string(raw), 10, 64)
		if err != nil || i == len(out.numbers) {
			return out
		}
		out.numbers[i], out.count = max(number, 0), i+1
	}
	return out
}

// The keys of a record are sorted, as nix's JSON library keeps them: the ID comes after the fields.
var (
	resultStart = []byte(`{"action":"result","fields":[`)
	idKey       = []byte(`],"id":`)
	typeKey     = []byte(`,"type":`)
)

// parseResult reads a result as nix writes it, without memory of its own: a build may write millions. What is written
// otherwise is left to parseRecord.
func parseResult(text []byte) (out result, ok bool) {
	if !bytes.HasPrefix(text, resultStart) || text[len(text)-1] != '}' {
		return out, false
	}
	rest := text[:len(text)-1]
	kind, rest, found := numberBehind(rest, typeKey)
	if !found || kind > math.MaxInt32 {
		return out, false
	}
	id, rest, found := numberBehind(rest, idKey)
	if !found || len(rest) <= len(resultStart) {
		return out, false
	}
	out.id, out.kind = id, int(kind)
	fields := rest[len(resultStart):]
	if len(fields) >= 2 && fields[0] == '"' {
		// Its end is looked for when it is told: a quote within text is written as \".
		out.isText, out.text = true, fields[1:len(fields)-1]
		return out, fields[len(fields)-1] == '"'
	}
	return out, out.readNumbers(fields)
}

// numberBehind splits "…KEY123" into 123 and "…".
func numberBehind(text, key []byte) (number uint64, rest []byte, ok bool) {
	start := len(text)
	for start > 0 && text[start-1] >= '0' && text[start-1] <= '9' {
		start--
	}
	digits := text[start:]
	if len(digits) == 0 || len(digits) > 19 || !bytes.HasSuffix(text[:start], key) { // 19 digits fit
		return 0, nil, false
	}
	for _, digit := range digits {
		number = number*10 + uint64(digit-'0')
	}
	return number, text[:start-len(key)], true
}

// readNumbers reads "1,2,3,4".
func (out *result) readNumbers(fields []byte) bool {
	for text := range bytes.SplitSeq(fields, []byte(",")) {
		number, before, ok := numberBehind(text, nil)
		if !ok || len(before) > 0 || number > math.MaxInt64 || out.count == len(out.numbers) {
			return false
		}
		out.numbers[out.count] = int64(number)
		out.count++
	}
	return true
}

// decode is the text of a JSON string, given without its quotes. It ends at the first quote, and may be cut off anywhere.
func decode(raw []byte) string {
	for i := 0; i < len(raw); i++ {
		if raw[i] == '\\' {
			i++
		} else if raw[i] == '"' {
			raw = raw[:i]
		}
	}
	var text string
	for cut := 0; cut <= min(len(raw), len(`\u0000`)); cut++ {
		quoted := bytes.Join([][]byte{nil, raw[:len(raw)-cut], nil}, []byte{'"'})
		if json.Unmarshal(quoted, &text) == nil {
			return text
		}
	}
	return string(raw)
}
