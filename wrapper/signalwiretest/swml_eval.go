package signalwiretest

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"math"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf16"
)

// scope holds variables of a call, by name.
type scope map[string]any

// lookUp returns the value of a variable with a name such as vars.a, call.from or a,
// and reports whether there is such a variable.
func (s scope) lookUp(name string) (any, bool) {
	var v any = map[string]any(s)
	for part := range strings.SplitSeq(strings.TrimPrefix(name, "vars."), ".") {
		members, ok := v.(map[string]any)
		if !ok {
			return nil, false
		}
		if v, ok = members[part]; !ok {
			return nil, false
		}
	}
	return v, true
}

// variable matches a variable in a string, such as ${a} or %{a}, and captures the
// expression in it.
var variable = regexp.MustCompile(`[%$]\{([^{}]*)\}`)

// expand replaces the variables in a string by their values. It leaves those that it
// cannot evaluate as they are, and returns an error for them.
func (s scope) expand(text string) (string, error) {
	var errs []error
	expanded := variable.ReplaceAllStringFunc(text, func(found string) string {
		v, err := s.evaluate(found[2 : len(found)-1])
		if err != nil {
			errs = append(errs, err)
			return found
		}
		return inText(v)
	})
	return expanded, errors.Join(errs...)
}

// undefined is the value of what does not exist, in an expression. The value null of JSON
// is nil.
type undefined struct{}

// inText converts a value to a string as JavaScript does, but null and undefined to the
// empty string, and objects and arrays to JSON.
func inText(v any) string {
	switch v := v.(type) {
	case nil, undefined:
		return ""
	case map[string]any, []any:
		text, _ := json.Marshal(finite(v))
		return string(text)
	}
	return primitive(v)
}

// primitive converts a value to a string as an operator of JavaScript does.
func primitive(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case undefined:
		return "undefined"
	case string:
		return v
	case map[string]any:
		return "[object Object]"
	case []any:
		items := make([]string, len(v))
		for i, item := range v {
			if items[i] = primitive(item); item == nil {
				items[i] = ""
			}
		}
		return strings.Join(items, ",")
	case float64: // without an exponent, because a float64 can hold a telephone number
		if math.IsInf(v, 0) {
			return strings.TrimLeft(fmt.Sprint(v), "+") + "inity"
		}
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return fmt.Sprint(v)
}

// finite returns a JSON value with null in place of numbers that JSON does not have, as
// JavaScript encodes them.
func finite(v any) any {
	switch v := v.(type) {
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil
		}
	case map[string]any:
		members := make(map[string]any, len(v))
		for name := range v {
			members[name] = finite(v[name])
		}
		return members
	case []any:
		items := make([]any, len(v))
		for i := range v {
			items[i] = finite(v[i])
		}
		return items
	}
	return v
}

var (
	strictEqual = strings.NewReplacer("===", "=="+strict, "!==", "!="+strict)
	quoted      = regexp.MustCompile(`'([^'\\]*)'`)
	word        = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|[A-Za-z_]\w*`)
)

// javaScript rewrites a JavaScript expression as a Go expression with the same
// structure, so that go/parser can parse it: the two languages differ in quotation
// marks, in === and in reserved words.
func javaScript(expression string) string {
	text := variable.ReplaceAllString(expression, "($1)")
	text = quoted.ReplaceAllStringFunc(strictEqual.Replace(text), func(found string) string { return strconv.Quote(found[1 : len(found)-1]) })
	return word.ReplaceAllStringFunc(text, func(found string) string {
		if token.IsKeyword(found) {
			return found + reserved
		}
		return found
	})
}

// strict follows the operators == and != that were === and !==.
var strict = strings.Repeat(" ", 80)

// reserved is the suffix of names that are reserved words of Go. javaScript adds it, so
// that go/parser accepts the names.
const reserved = "\u00ba"

// evaluate evaluates a JavaScript expression. It supports variables, constants,
// comparisons, logic, arithmetic, the length of strings and arrays, and a few methods
// of strings. undefined is nil. It returns an error for other expressions.
func (s scope) evaluate(expression string) (any, error) {
	parsed, err := parser.ParseExpr(javaScript(expression))
	if err == nil {
		var v any
		if v, err = s.value(parsed); err == nil && v == (undefined{}) {
			return nil, nil
		} else if err == nil {
			return v, nil
		}
	}
	return nil, fmt.Errorf("cannot evaluate %s: %w", expression, err)
}

// value evaluates a parsed expression.
func (s scope) value(e ast.Expr) (any, error) {
	switch e := e.(type) {
	case *ast.ParenExpr:
		return s.value(e.X)
	case *ast.BasicLit:
		if e.Kind == token.STRING {
			return strconv.Unquote(e.Value)
		}
		return strconv.ParseFloat(e.Value, 64)
	case *ast.Ident:
		switch e.Name {
		case "true", "false":
			return e.Name == "true", nil
		case "null":
			return nil, nil
		}
		if v, found := s.lookUp(strings.TrimSuffix(e.Name, reserved)); found {
			return v, nil
		}
		return undefined{}, nil
	case *ast.UnaryExpr:
		v, err := s.value(e.X)
		switch e.Op {
		case token.NOT:
			return !truth(v), err
		case token.SUB:
			return -number(v), err
		case token.ADD:
			return number(v), err
		}
	case *ast.SelectorExpr:
		v, err := s.value(e.X)
		if id, ok := e.X.(*ast.Ident); ok && id.Name == "vars" {
			v = map[string]any(s)
		}
		switch x := v.(type) {
		case map[string]any:
			return member(x, strings.TrimSuffix(e.Sel.Name, reserved)), err
		case string:
			if e.Sel.Name == "length" {
				return float64(len(utf16.Encode([]rune(x)))), err
			}
		case []any:
			if e.Sel.Name == "length" {
				return float64(len(x)), err
			}
		case nil, undefined:
			return undefined{}, err
		}
	case *ast.IndexExpr:
		v, err := s.value(e.X)
		at, err2 := s.value(e.Index)
		switch x := v.(type) {
		case map[string]any:
			return member(x, primitive(at)), errors.Join(err, err2)
		case []any:
			if n := number(at); n >= 0 && n < float64(len(x)) && n == math.Trunc(n) {
				return x[int(n)], errors.Join(err, err2)
			}
			return undefined{}, errors.Join(err, err2)
		}
	case *ast.CallExpr:
		return s.call(e)
	case *ast.BinaryExpr:
		e = regroup(e)
		a, err := s.value(e.X)
		b, err2 := s.value(e.Y)
		if err = errors.Join(err, err2); err != nil {
			return nil, err
		}
		return binary(e.Op, a, b, int(e.Y.Pos()-e.OpPos) > len(strict))
	}
	return nil, fmt.Errorf("there is no support for %T", e)
}

// regroup returns an expression as JavaScript groups it: a == b < c is a == (b < c). In Go,
// all comparisons have the same precedence.
func regroup(e *ast.BinaryExpr) *ast.BinaryExpr {
	left, ok := e.X.(*ast.BinaryExpr)
	if !ok || e.Op.Precedence() != token.LSS.Precedence() || e.Op == token.EQL || e.Op == token.NEQ {
		return e
	}
	if left = regroup(left); left.Op != token.EQL && left.Op != token.NEQ {
		return &ast.BinaryExpr{X: left, OpPos: e.OpPos, Op: e.Op, Y: e.Y}
	}
	return &ast.BinaryExpr{X: left.X, OpPos: left.OpPos, Op: left.Op, Y: &ast.BinaryExpr{X: left.Y, OpPos: e.OpPos, Op: e.Op, Y: e.Y}}
}

// call evaluates a method call on a string.
func (s scope) call(e *ast.CallExpr) (any, error) {
	method, ok := e.Fun.(*ast.SelectorExpr)
	if !ok {
		return nil, errors.New("there is no support for functions")
	}
	on, err := s.value(method.X)
	argument := ""
	for _, a := range e.Args {
		v, err2 := s.value(a)
		argument, err = inText(v), errors.Join(err, err2)
	}
	text := inText(on)
	switch method.Sel.Name {
	case "toLowerCase":
		return strings.ToLower(text), err
	case "toUpperCase":
		return strings.ToUpper(text), err
	case "trim":
		return strings.TrimSpace(text), err
	case "includes":
		return strings.Contains(text, argument), err
	case "startsWith":
		return strings.HasPrefix(text, argument), err
	case "endsWith":
		return strings.HasSuffix(text, argument), err
	}
	return nil, fmt.Errorf("there is no support for the method %s", method.Sel.Name)
}

// member returns a member of an object.
func member(object map[string]any, name string) any {
	if v, found := object[name]; found {
		return v
	}
	return undefined{}
}

// binary evaluates a binary operator as JavaScript does. strict makes == and != compare
// the types, too.
func binary(op token.Token, a, b any, strict bool) (any, error) {
	switch op {
	case token.LAND:
		if !truth(a) {
			return a, nil
		}
		return b, nil
	case token.LOR:
		if truth(a) {
			return a, nil
		}
		return b, nil
	case token.EQL, token.NEQ:
		return equal(a, b, strict) == (op == token.EQL), nil
	}
	x, y, m, n := primitive(a), primitive(b), number(a), number(b)
	aText, bText := isText(a), isText(b)
	switch {
	case op == token.ADD && (aText || bText):
		return x + y, nil
	case aText && bText: // strings are compared as such, and calculated with as numbers
		switch op {
		case token.LSS, token.GTR, token.LEQ, token.GEQ:
			m, n = float64(strings.Compare(x, y)), 0
		}
	}
	switch op {
	case token.LSS:
		return m < n, nil
	case token.GTR:
		return m > n, nil
	case token.LEQ:
		return m <= n, nil
	case token.GEQ:
		return m >= n, nil
	case token.ADD:
		return m + n, nil
	case token.SUB:
		return m - n, nil
	case token.MUL:
		return m * n, nil
	case token.QUO:
		return m / n, nil
	case token.REM:
		return math.Mod(m, n), nil
	}
	return nil, fmt.Errorf("there is no support for %s", op)
}

// equal reports whether two values are equal in JavaScript. strict compares the types, too.
// Two objects, or two arrays, are equal if they have the same contents.
func equal(a, b any, strict bool) bool {
	kindA, kindB := kindOf(a), kindOf(b)
	switch {
	case kindA == "null" || kindB == "null":
		return kindA == kindB && (!strict || a == b)
	case kindA == "object" && kindB == "object":
		return inText(a) == inText(b)
	case strict && kindA != kindB:
		return false
	case isText(a) && isText(b):
		return primitive(a) == primitive(b)
	}
	return number(a) == number(b)
}

// kindOf returns the kind of a value: "null" is also that of undefined, and "object" that
// of an array.
func kindOf(v any) string {
	switch v.(type) {
	case nil, undefined:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case map[string]any, []any:
		return "object"
	}
	return "number"
}

// isText reports whether operators of JavaScript take a value as a string.
func isText(v any) bool {
	kind := kindOf(v)
	return kind == "string" || kind == "object"
}

// number converts a value to a number as an operator of JavaScript does: to NaN if that is
// not possible.
func number(v any) float64 {
	switch v := v.(type) {
	case nil:
		return 0
	case bool:
		if v {
			return 1
		}
		return 0
	}
	text := strings.TrimSpace(primitive(v))
	if text == "" {
		return 0
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil && !math.IsInf(n, 0) || strings.Trim(text, "+-.0123456789eE") != "" && strings.TrimLeft(text, "+-") != "Infinity" {
		return math.NaN()
	}
	return n
}

// truth reports whether a value counts as true in JavaScript.
func truth(v any) bool {
	switch v := v.(type) {
	case nil, undefined:
		return false
	case bool:
		return v
	case string:
		return v != ""
	case map[string]any, []any:
		return true
	}
	n := number(v)
	return n != 0 && !math.IsNaN(n)
}
