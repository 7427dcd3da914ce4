package vocabtest

import (
	"encoding/json"
	"fmt"
	"strings"
)

// strange makes odd calls: some of its own, and every case with its values changed to ones that
// clients should not send.
func strange(cases []Case) []Case {
	var out []Case
	add := func(name, call string) { out = append(out, Case{Name: "strange/" + name, Call: []byte(call)}) }
	add("empty", `{}`)
	add("repeated", `{"type":"track","event":"A","event":"B","properties":{"a":1,"a":2},"properties":{"a":3,"a":4}}`)
	add("surrogate", `{"type":"track","event":"A\ud800","properties":{"\udc00":"\ud83d\ude00 \ud83d","message_body":"\ud83dx"}}`)
	add("nul", `{"type":"track","event":"A\u0000","properties":{"a\u0000":"\u0000"},"x\u0000":"y"}`)
	add("spaced", " {\n \"type\" : \"track\" , \"event\":\"A\" , \"properties\" : { \"a\" : [ 1 , { \"b\" : \" \\\" \" } ] } , \"odd\" : { } }\n")
	add("deep", `{"type":"track","event":"A","properties":{"a":`+strings.Repeat("[", 250)+strings.Repeat("]", 250)+`}}`)
	add("wide", `{"type":"track","event":"A","properties":{`+strings.TrimSuffix(strings.Repeat(`"k":1,"l":2,`, 50), ",")+`}}`)
	add("extra", `{"type":"track","event":"A","properties":{"extra":1,"_extra":2},"odd":3}`)
	add("huge", `{"type":"track","event":"A","properties":{"value":1e999,"revenue":"NaN","rating":1e400}}`)
	for _, c := range cases {
		var call map[string]json.RawMessage
		if json.Unmarshal(c.Call, &call) != nil {
			continue
		}
		for i, v := range []string{`null`, `""`, `" "`, `0`, `-1.5e3`, `true`, `[]`, `{}`, `[{"text":"a"}]`, `{"a":[1]}`, `"` + strings.Repeat("é", 5000) + `"`} {
			out = append(out, Case{Name: fmt.Sprintf("strange/%s/%d", c.Name, i), Call: changed(call, json.RawMessage(v)), About: c.About})
		}
	}
	for i := range out {
		if out[i].About.Type == "" && out[i].About.Path == "" {
			out[i].About.Type = typeOf(out[i].Call)
		}
	}
	return out
}

// typeOf is the door's answer for a call whose type was made unreadable: track, as it would refuse it.
func typeOf(call []byte) string {
	var c struct{ Type, Action any }
	_ = json.Unmarshal(call, &c)
	for _, v := range []any{c.Type, c.Action} {
		switch v {
		case "track", "identify", "page", "screen", "group", "alias":
			return v.(string)
		}
	}
	return "track"
}

// changed puts v in place of every value but type, action and event, and of every property.
func changed(call map[string]json.RawMessage, v json.RawMessage) []byte {
	out := map[string]json.RawMessage{}
	for key, old := range call {
		switch key {
		case "type", "action", "event":
			out[key] = old
		case "properties", "traits", "context":
			var inner map[string]json.RawMessage
			if json.Unmarshal(old, &inner) != nil || inner == nil {
				out[key] = v
				continue
			}
			for k := range inner {
				inner[k] = v
			}
			out[key], _ = json.Marshal(inner)
		default:
			out[key] = v
		}
	}
	data, _ := json.Marshal(out)
	return data
}
