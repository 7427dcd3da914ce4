package function

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/debrief-dev/debrief/internal/api"
	"github.com/debrief-dev/debrief/internal/function/js"
	"github.com/debrief-dev/debrief/internal/metastore"
)

// form is the form of a function's settings, stored as JSON without values.
type form []api.FunctionSetting

// values are those of settings by name, as JSON.
type values map[string]json.RawMessage

// Bounds of settings.
const (
	maxSettings     = 50
	maxSettingBytes = 16 << 10
)

var settingName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,63}$`)

func parseForm(text []byte) (form, error) {
	var f form
	if err := json.Unmarshal(text, &f); err != nil {
		return nil, fmt.Errorf("read the form of a function's settings: %w", err)
	}
	return f, nil
}

// check reports what is wrong with a form.
func (f form) check() error {
	if len(f) > maxSettings {
		return fmt.Errorf("%w: a function has at most %d settings", api.ErrInvalid, maxSettings)
	}
	for i, s := range f {
		taken := slices.ContainsFunc(f[:i], func(o api.FunctionSetting) bool { return o.Name == s.Name })
		switch {
		case !settingName.MatchString(s.Name) || taken:
			return fmt.Errorf("%w: the name of setting %d is no name of letters, digits and _, or taken", api.ErrInvalid, i+1)
		case zero[s.Type] == "":
			return fmt.Errorf("%w: the type of setting %s is string, boolean, array or text_map", api.ErrInvalid, s.Name)
		case len(s.Label)+len(s.Description) > 2000:
			return fmt.Errorf("%w: label and description of setting %s are too long", api.ErrInvalid, s.Name)
		}
	}
	return nil
}

// stored is the form as it is kept.
func (f form) stored() (json.RawMessage, error) {
	bare := append(form{}, f...)
	for i := range bare {
		bare[i].Set, bare[i].Value = false, nil
	}
	return json.Marshal(bare)
}

// zero is what a setting without a value is for the code, by type.
var zero = map[string]string{"string": `""`, "boolean": "false", "array": "[]", "text_map": "{}"}

// fits reports whether a value is of a type.
func fits(typ string, v json.RawMessage) bool {
	var to any
	switch typ {
	case "string":
		to = new(string)
	case "boolean":
		to = new(bool)
	case "array":
		to = new([]string)
	case "text_map":
		to = new(map[string]string)
	}
	return len(v) <= maxSettingBytes && json.Unmarshal(v, to) == nil
}

// with returns the values after a change: null removes one. Only those of the form are kept.
func (f form) with(old, change values) (values, error) {
	out := values{}
	for name := range change {
		if !slices.ContainsFunc(f, func(s api.FunctionSetting) bool { return s.Name == name }) {
			return nil, fmt.Errorf("%w: the function has no setting %q", api.ErrInvalid, name)
		}
	}
	for _, s := range f {
		v, given := change[s.Name]
		if !given {
			v = old[s.Name]
			if !fits(s.Type, v) {
				continue // its type has changed
			}
		}
		if len(v) == 0 || string(v) == "null" {
			continue
		}
		if !fits(s.Type, v) {
			return nil, fmt.Errorf("%w: the value of %s is no %s of at most %d bytes", api.ErrInvalid, s.Name, s.Type, maxSettingBytes)
		}
		out[s.Name] = v
	}
	return out, nil
}

// job makes what is run of code and values.
func (f form) job(code string, v values) (js.Job, error) {
	job, settings := js.Job{Code: code}, values{}
	for _, s := range f {
		value, ok := v[s.Name]
		if !ok {
			value = json.RawMessage(zero[s.Type])
			if s.Required {
				return job, fmt.Errorf("%w: the setting %s is required and has no value", api.ErrInvalid, s.Name)
			}
		}
		settings[s.Name] = value
		if s.Sensitive {
			job.Secrets = append(job.Secrets, texts(value)...)
		}
	}
	var err error
	job.Settings, err = json.Marshal(settings)
	return job, err
}

// texts are the strings within a value.
func texts(v json.RawMessage) []string {
	var s string
	var list []string
	var pairs map[string]string
	switch {
	case json.Unmarshal(v, &s) == nil:
		return []string{s}
	case json.Unmarshal(v, &list) == nil:
		return list
	case json.Unmarshal(v, &pairs) == nil:
		for _, s := range pairs {
			list = append(list, s)
		}
	}
	return list
}

// place is what a function's secrets are sealed for.
func place(id string) string { return "function/" + id }

// settings opens the values of a function.
func (f *Functions) settings(one *metastore.Function) (values, error) {
	all := values{}
	if err := json.Unmarshal(one.Plain, &all); err != nil {
		return nil, fmt.Errorf("read settings of function %s: %w", one.ID, err)
	}
	if len(one.Secrets) == 0 {
		return all, nil
	}
	text, err := f.cfg.Secrets.Open(place(one.ID), one.Secrets)
	if err != nil {
		return nil, fmt.Errorf("open secrets of function %s: %w", one.ID, err)
	}
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, fmt.Errorf("read secrets of function %s: %w", one.ID, err)
	}
	return all, nil
}

// seal splits values into those that may be read and those that may not.
func (f *Functions) seal(id string, fm form, all values) (plain json.RawMessage, sealed []byte, err error) {
	open, secret := values{}, values{}
	for _, s := range fm {
		if v, ok := all[s.Name]; ok && s.Sensitive {
			secret[s.Name] = v
		} else if ok {
			open[s.Name] = v
		}
	}
	if plain, err = json.Marshal(open); err != nil || len(secret) == 0 {
		return plain, nil, err
	}
	text, err := json.Marshal(secret)
	if err != nil {
		return nil, nil, err
	}
	sealed, err = f.cfg.Secrets.Seal(place(id), text)
	return plain, sealed, err
}

// shown is the form with the values that may be seen.
func (f form) shown(all values) []api.FunctionSetting {
	out := make([]api.FunctionSetting, len(f))
	for i, s := range f {
		v, ok := all[s.Name]
		if s.Set = ok; ok && !s.Sensitive {
			s.Value = v
		}
		s.Type = strings.ToLower(s.Type)
		out[i] = s
	}
	return out
}
