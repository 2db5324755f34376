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

// inText converts a value to a string as JavaScript does, but null to the empty string
// and objects to JSON.
func inText(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case map[string]any, []any:
		text, _ := json.Marshal(v)
		return string(text)
	case float64: // without an exponent, because a float64 can hold a telephone number
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return fmt.Sprint(v)
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
// of strings. It returns an error for other expressions.
func (s scope) evaluate(expression string) (any, error) {
	parsed, err := parser.ParseExpr(javaScript(expression))
	if err == nil {
		var v any
		if v, err = s.value(parsed); err == nil {
			return v, nil
		}
	}
	return nil, fmt.Errorf("cannot evaluate %s: %w", expression, err)
}

// value evaluates a parsed expression. A variable that does not exist is nil.
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
		}
		v, _ := s.lookUp(strings.TrimSuffix(e.Name, reserved)) // nil if there is none
		return v, nil
	case *ast.UnaryExpr:
		v, err := s.value(e.X)
		switch e.Op {
		case token.NOT:
			return !truth(v), err
		case token.SUB:
			n, _ := number(v)
			return -n, err
		}
	case *ast.SelectorExpr:
		v, err := s.value(e.X)
		if id, ok := e.X.(*ast.Ident); ok && id.Name == "vars" {
			v = map[string]any(s)
		}
		switch x := v.(type) {
		case map[string]any:
			return x[strings.TrimSuffix(e.Sel.Name, reserved)], err
		case string:
			if e.Sel.Name == "length" {
				return float64(len(utf16.Encode([]rune(x)))), err
			}
		case []any:
			if e.Sel.Name == "length" {
				return float64(len(x)), err
			}
		case nil:
			return nil, err
		}
	case *ast.IndexExpr:
		v, err := s.value(e.X)
		at, err2 := s.value(e.Index)
		switch x := v.(type) {
		case map[string]any:
			return x[inText(at)], errors.Join(err, err2)
		case []any:
			if n, ok := number(at); ok && n >= 0 && int(n) < len(x) {
				return x[int(n)], errors.Join(err, err2)
			}
			return nil, errors.Join(err, err2)
		}
	case *ast.CallExpr:
		return s.call(e)
	case *ast.BinaryExpr:
		a, err := s.value(e.X)
		b, err2 := s.value(e.Y)
		if err = errors.Join(err, err2); err != nil {
			return nil, err
		}
		return binary(e.Op, a, b, int(e.Y.Pos()-e.OpPos) > len(strict))
	}
	return nil, fmt.Errorf("there is no support for %T", e)
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

// binary evaluates a binary operator as JavaScript does. strict makes == and != compare
// the types, too. nil is undefined.
func binary(op token.Token, a, b any, strict bool) (any, error) {
	x, aText := a.(string)
	y, bText := b.(string)
	m, n := numeric(a), numeric(b)
	both := !math.IsNaN(m) && !math.IsNaN(n)
	order := m - n
	if aText && bText {
		order = float64(strings.Compare(x, y))
	}
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
		_, aBool := a.(bool)
		_, bBool := b.(bool)
		equal := order == 0 || math.IsNaN(m) && math.IsNaN(n) && inText(a) == inText(b)
		equal = equal && (a == nil) == (b == nil) && (!strict || aText == bText && aBool == bBool)
		return equal == (op == token.EQL), nil
	case token.LSS:
		return order < 0, nil
	case token.GTR:
		return order > 0, nil
	case token.LEQ:
		return order <= 0, nil
	case token.GEQ:
		return order >= 0, nil
	case token.ADD:
		_, text := a.(string)
		if _, other := b.(string); text || other || !both {
			return inText(a) + inText(b), nil
		}
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

// numeric converts a value to a number as an operator of JavaScript does: to NaN if that
// is not possible.
func numeric(v any) float64 {
	if n, ok := number(v); ok || v == "" {
		return n
	}
	return math.NaN()
}

// number converts a value to a number, and reports whether that is possible.
func number(v any) (float64, bool) {
	switch v := v.(type) {
	case bool:
		if v {
			return 1, true
		}
		return 0, true
	case string:
		n, err := strconv.ParseFloat(strings.TrimSpace(v), 64)
		return n, err == nil
	}
	n, err := strconv.ParseFloat(fmt.Sprint(v), 64)
	return n, err == nil
}

// truth reports whether a value counts as true in JavaScript.
func truth(v any) bool {
	switch v := v.(type) {
	case nil:
		return false
	case bool:
		return v
	case string:
		return v != ""
	}
	n, ok := number(v)
	return !ok || n != 0
}
