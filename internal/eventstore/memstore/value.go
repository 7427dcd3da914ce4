package memstore

import (
	"cmp"
	"strconv"
	"time"

	"github.com/debrief-dev/debrief/internal/query"
)

// value is one value of a field; which part counts follows from its type.
type value struct {
	typ  query.Type
	text string
	num  float64
	flag bool
	time time.Time
}

// The constructors make the values of a field that has at most one: none where it is absent.

func text(s string) []value {
	if s == "" {
		return nil
	}
	return []value{{typ: query.String, text: s}}
}

// texts makes the values of a set-valued field, none of them empty.
func texts(all []string) []value {
	var out []value
	for _, s := range all {
		out = append(out, text(s)...)
	}
	return out
}

func number(n float64) []value {
	return []value{{typ: query.Number, num: n + 0}} // + 0 makes negative zero zero
}

func boolean(b bool) []value { return []value{{typ: query.Bool, flag: b}} }

func instant(t time.Time) []value {
	if t.IsZero() {
		return nil
	}
	return []value{{typ: query.Time, time: t}}
}

// parse reads a value of a question, which was validated.
func parse(t query.Type, s string) value {
	v := value{typ: t}
	var err error
	switch t {
	case query.String:
		v.text = s
	case query.Number:
		v.num, err = strconv.ParseFloat(s, 64)
	case query.Bool:
		v.flag = s == "true"
	case query.Time:
		v.time, err = time.Parse(time.RFC3339Nano, s)
		v.time = v.time.Truncate(time.Microsecond)
	}
	if err != nil {
		panic("BUG: value was not validated: " + err.Error())
	}
	return v
}

// compare orders values of one type: strings by their bytes, false before true.
func (v value) compare(o value) int {
	switch v.typ {
	case query.String:
		return cmp.Compare(v.text, o.text)
	case query.Number:
		return cmp.Compare(v.num, o.num)
	case query.Bool:
		switch {
		case v.flag == o.flag:
			return 0
		case o.flag:
			return -1
		}
		return 1
	}
	return v.time.Compare(o.time)
}

// key is the value as text, as query.Key has it. Values of one type are equal if their keys are.
func (v value) key() string {
	switch v.typ {
	case query.String:
		return v.text
	case query.Number:
		return strconv.FormatFloat(v.num, 'f', -1, 64)
	case query.Bool:
		return strconv.FormatBool(v.flag)
	}
	return v.time.UTC().Format(time.RFC3339Nano)
}

// measured is the value as a number, as query.Value has it.
func (v value) measured() float64 {
	if v.typ == query.Time {
		return float64(v.time.UnixMicro())
	}
	return v.num
}
