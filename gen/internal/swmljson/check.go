package swmljson

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Check returns all mistakes in a document, joined.
func Check(document any, verbName func(any) string) error {
	c := checker{verbName: verbName}
	c.value("", reflect.ValueOf(document), nil)
	return errors.Join(c.mistakes...)
}

type checker struct {
	verbName func(any) string
	mistakes []error
}

// section is what is known of one while it is checked.
type section struct {
	all    reflect.Value     // the sections of the document
	labels map[string]bool   // those seen
	gotos  map[string]string // labels by place
}

func (c *checker) errorf(place, format string, args ...any) {
	c.mistakes = append(c.mistakes, fmt.Errorf("%s: "+format, append([]any{strings.TrimPrefix(place, ".")}, args...)...))
}

func (c *checker) value(place string, v reflect.Value, s *section) {
	switch k := v.Kind(); {
	case k == reflect.Interface && v.NumMethod() > 0 && isNil(v):
		c.errorf(place, "the step is nil")
	case k == reflect.Interface && v.NumMethod() > 0:
		name := c.verbName(v.Interface())
		place = strings.TrimSuffix(place+"."+name, ".")
		c.flow(place, name, reflect.Indirect(v.Elem()), s)
		c.value(place, v.Elem(), s)
	case k == reflect.Pointer:
		c.value(place, v.Elem(), s)
	case k == reflect.Struct:
		c.object(place, v, s)
	case k == reflect.Slice:
		for i := range v.Len() {
			c.value(fmt.Sprintf("%s[%d]", place, i), v.Index(i), s)
		}
	case k == reflect.Map && s == nil:
		c.sections(place, v)
	case k == reflect.Map:
		for _, name := range keys(v) {
			c.value(place+"."+name, at(v, name), s)
		}
	}
}

func keys(v reflect.Value) (names []string) {
	for _, key := range v.MapKeys() {
		names = append(names, key.String())
	}
	slices.Sort(names)
	return names
}

func at(v reflect.Value, name string) reflect.Value { return v.MapIndex(reflect.ValueOf(name)) }

func (c *checker) sections(place string, v reflect.Value) {
	if !at(v, "main").IsValid() {
		c.errorf(place, "there is no section main")
	}
	for _, name := range keys(v) {
		s := &section{v, map[string]bool{}, map[string]string{}}
		c.value(place+"."+name, at(v, name), s)
		for _, from := range slices.Sorted(maps.Keys(s.gotos)) {
			if !s.labels[s.gotos[from]] {
				c.errorf(from, "there is no label %q in section %s", s.gotos[from], name)
			}
		}
	}
}

// flow checks where a step continues.
func (c *checker) flow(place, name string, v reflect.Value, s *section) {
	switch name {
	case "label":
		if s.labels[v.String()] {
			c.errorf(place, "the label %q is there twice", v.String())
		}
		s.labels[v.String()] = true
	case "goto":
		if label := v.FieldByName("Label").String(); label != "" && !isVariable(label) {
			s.gotos[place+".label"] = label
		}
	case "execute", "transfer":
		dest := v.FieldByName("Dest").String()
		if dest != "" && !strings.ContainsAny(dest, ":/.$%") && !at(s.all, dest).IsValid() {
			c.errorf(place+".dest", "there is no section %q", dest)
		}
	}
}

func isVariable(text string) bool {
	return strings.Contains(text, "${") || strings.Contains(text, "%{")
}

func (c *checker) object(place string, v reflect.Value, s *section) {
	if v.Type().Name() == "Document" {
		s = nil
	}
	has := map[string]bool{}
	extra, _ := v.Type().FieldByName("Extra")
	for tag, f := range fields(v) {
		name := tag.Get("json")
		switch {
		case tag == "" && !f.IsZero():
			c.value(place, f, s)
			return
		case !f.IsZero() || s == nil:
			has[name] = true
			c.limits(place+"."+name, f, tag.Get("check"))
			c.value(place+"."+name, f, s)
		case extra.Name != "":
			has[name] = at(v.FieldByIndex(extra.Index), name).IsValid()
		}
	}
	rule, list, _ := strings.Cut(extra.Tag.Get("check"), "=")
	names := strings.Split(list, "|")
	set := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !has[name] })
	switch {
	case rule != "" && len(set) == 0:
		c.errorf(place, "one of %s is needed", strings.Join(names, ", "))
	case rule == "one" && len(set) > 1:
		c.errorf(place, "only one of %s is possible", strings.Join(set, ", "))
	}
}

// limits checks a field by the rules in its tag.
func (c *checker) limits(place string, v reflect.Value, rules string) {
	for rule := range strings.SplitSeq(rules, ",") {
		name, want, _ := strings.Cut(rule, "=")
		limit, _ := strconv.ParseFloat(want, 64)
		n, counts := size(v)
		switch {
		case name == "enum" && v.Kind() == reflect.Slice:
			for i := range v.Len() {
				c.limits(fmt.Sprintf("%s[%d]", place, i), v.Index(i), rule)
			}
		case name == "enum":
			if text := v.String(); text != "" && !isVariable(text) && !slices.Contains(strings.Split(want, "|"), text) {
				c.errorf(place, "%q is none of %s, and no variable", text, strings.ReplaceAll(want, "|", ", "))
			}
		case counts && strings.HasPrefix(name, "min") && n < limit:
			c.errorf(place, "%v is less than %s", n, want)
		case counts && strings.HasPrefix(name, "max") && n > limit:
			c.errorf(place, "%v is more than %s", n, want)
		}
	}
}

// size is the number in a Value, or how many elements there are.
func size(v reflect.Value) (n float64, ok bool) {
	switch {
	case v.Kind() == reflect.Slice:
		return float64(v.Len()), true
	case v.Kind() != reflect.Struct:
		return 0, false
	case v.FieldByName("Many").IsValid():
		return size(v.FieldByName("Many"))
	}
	text, _ := json.Marshal(v.Field(0).Interface())
	return n, json.Unmarshal(text, &n) == nil
}
