package signalwiretest

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEvaluate(t *testing.T) {
	t.Parallel()
	s := scope{
		"n": 2, "text": "Ada", "digits": "12", "yes": true, "nothing": nil, "empty": "", "grüße": "Grüße", "list": []any{"a", map[string]any{"b": 5}},
		"call": map[string]any{"type": "SIP", "from": "+1"},
	}
	for expression, want := range map[string]any{
		"n": 2, "vars.n": 2, "call.from": "+1", "list[1].b": 5, "list.length": 2.0, "text.length": 3.0, "missing": nil, "missing.deeper": nil, "list[7]": nil,
		"n == 2": true, "n === 2": true, "digits == 12": true, "digits == '12'": true, "text != 'Bob'": true, "text !== 'Ada'": false, "nothing == 'x'": false,
		"n > 1 && n < 3": true, "n >= 3 || n <= 1": false, "!yes": false, "!nothing": true, "(n + 1) * 2 - 1 / 2": 5.5, "-n": -2.0, "5 % n": 1.0,
		"'a' + n": "a2", "text + ' ' + digits": "Ada 12", "text || 'x'": "Ada", "empty || 'x'": "x", "empty && 'x'": "", "call['type']": "SIP",
		"call.type.toLowerCase() == 'sip'": true, "text.toUpperCase()": "ADA", "' a '.trim()": "a", "text.includes('d')": true,
		"text.startsWith('A')": true, "text.endsWith('A')": false, "%{n} == 2": true, "${text} == 'Ada'": true, "'it is type'": "it is type",
		"digits === 12": false, "digits !== 12": true, "digits === '12'": true, "n === '2'": false, "n===2": true, "yes === 1": false, "yes == 1": true, "n === 1 + 1 && text === 'Ada'": true,
		"missing < 5": false, "missing > 5": false, "missing <= 0": false, "missing == 0": false, "missing === nothing": false, "missing == nothing": true, "nothing === null": true, "text > 5": false, "text < 5": false, "empty < 5": true, "empty == 0": true,
		"digits < '9'": true, "digits < 9": false, "digits == '12.0'": false, "text - 1 == 0": false, "grüße.length": 5.0, "true": true, "'b' > 'a'": true,
		"missing || 'x'": "x", "missing + '.'": "undefined.", "nothing + '.'": "null.", "nothing + 1": 1.0, "nothing >= 0": true, "yes + 1": 2.0, "1 / 0 > 5": true, "1 / 0 == 1 / 0": true,
		"!(missing + 1)": true, "!-text": true, "+digits": 12.0, "list + ''": "a,[object Object]", "list == list": true, "'' + 1 / 0": "Infinity", "'nan' == 'nan'": true, "'inf' * 1 > 0": false,
		"list[1e300]": nil, "list[0.5]": nil, "list['Infinity']": nil, "1 == n < 3": true, "0 != 3 < n < 1 === yes": true, "3 < n == false": true, "n < 3 === 1 < n": true,
	} {
		got, err := s.evaluate(expression)
		require.NoError(t, err, expression)
		require.Equal(t, want, got, expression)
	}
	for _, expression := range []string{"missing + 1", "missing - 1", "-missing", "text * 2", "missing % 2"} {
		got, err := s.evaluate(expression)
		require.NoError(t, err, expression)
		require.NotEqual(t, got, got, expression) // NaN
	}
	for _, expression := range []string{"", "n ==", "f(n)", "text.split('')", "text[0]", "n ** 2", "/a/.test(text)", "x => 1", "n.b"} {
		_, err := s.evaluate(expression)
		require.ErrorContains(t, err, "cannot evaluate "+expression, expression)
	}
	text, err := s.expand("${text} has %{n} ${list} and ${f(1)}.")
	require.ErrorContains(t, err, "cannot evaluate f(1)")
	require.Equal(t, `Ada has 2 ["a",{"b":5}] and ${f(1)}.`, text)
	text, err = scope{"number": 15555550100.0, "price": 4.5}.expand("${number} ${price} ${number + 1}")
	require.NoError(t, err)
	require.Equal(t, "15555550100 4.5 15555550101", text)
}
